"""Acts of parents."""

from typing import Any

from pydantic import Field

from wecom_tollbooth.families.relations.newcomers import Newcomer, contact_of
from wecom_tollbooth.families.school_notices.api import MAY_NOT_JOIN, mode_of
from wecom_tollbooth.families.school_notices.tables import SchoolParent
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class ParentFollowsSchool(ActModel):
    mobile: str = Field(pattern=r"^[0-9+\-]{5,32}$")
    external_userid: str | None = None
    name: str | None = Field(default=None, min_length=1, max_length=64)
    foreign_key: str = Field(default="", max_length=64)


@act("parent_follows_school")
def parent_follows_school(act: Act, body: ParentFollowsSchool) -> dict[str, Any]:
    """家长扫码关注学校通知 / A parent scans the school's code; returns the external_userid."""
    if mode_of(act.db, act.corp_id) == MAY_NOT_JOIN:
        raise ActRefused("parents may not subscribe by scanning (set_subscribe_mode 2)")
    if act.db.session.get(SchoolParent, (act.corp_id, body.mobile)) is not None:
        raise ActRefused(f"a parent with the number {body.mobile} has subscribed already")
    contact = contact_of(act, Newcomer(external_userid=body.external_userid, name=body.name))
    act.db.session.add(
        SchoolParent(
            corp_id=act.corp_id,
            mobile=body.mobile,
            external_userid=contact.external_userid,
            foreign_key=body.foreign_key,
        )
    )
    return {"mobile": body.mobile, "external_userid": contact.external_userid}
