"""What members and customers do with moments outside the API."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.db import upsert
from wecom_tollbooth.families.directory.lookup import the_active_follower
from wecom_tollbooth.families.moments.lookup import publication_of, the_moment_of_corp
from wecom_tollbooth.families.moments.publication import publish
from wecom_tollbooth.families.moments.tables import MOMENT_CORP, MomentCorp
from wecom_tollbooth.families.phones.screens import PUBLISHED, set_state
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class MemberPublishesMoment(ActModel):
    userid: str
    moment_id: str = Field(description="of the corp; the member sees its task on the phone")


@act("member_publishes_moment")
def member_publishes_moment(act: Act, body: MemberPublishesMoment) -> dict[str, Any]:
    """成员发表企业朋友圈 / A member publishes a moment of the corp: its customers see it."""
    userid = the_active_follower(act, body.userid).userid
    moment = the_moment_of_corp(act, body.moment_id)
    publication = publication_of(act, moment.moment_id, userid)
    if publication is None:
        raise ActRefused(f"{userid} is not asked to publish {moment.moment_id}")
    if publication.published_at is not None:
        raise ActRefused(f"{userid} has published {moment.moment_id} already")
    if moment.cancelled_at is not None:
        raise ActRefused(f"{moment.moment_id} was stopped: nobody can publish it any more")
    publish(act, moment, userid)
    set_state(act, moment.task_message_id, PUBLISHED, userid)
    return {"moment_id": moment.moment_id, "userid": userid}


class AdminOpensMoments(ActModel):
    opened: bool = True


@act("admin_opens_moments")
def admin_opens_moments(act: Act, body: AdminOpensMoments) -> dict[str, Any]:
    """管理员开启或关闭客户朋友圈 / An admin opens or closes customer moments; closed: 41211."""
    row = act.db.execute(sa.select(MOMENT_CORP).where(MOMENT_CORP.c.corp_id == act.corp_id)).first()
    counts = MomentCorp(**row._mapping) if row else MomentCorp(corp_id=act.corp_id)
    counts.is_open = body.opened
    act.db.execute(upsert(act.db.dialect, MOMENT_CORP, ("corp_id",)), counts.model_dump())
    return {"opened": body.opened}
