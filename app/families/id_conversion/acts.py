"""What WeChat users do in the mini-programs of corps and providers."""

from typing import Any

from pydantic import Field
from sqlmodel import select

from app.families.customers.happenings import the_contact
from app.families.id_conversion.tables import MiniProgramUser
from app.world import ids
from app.world.acts import Act, ActModel, ActRefused, act


class PersonOpensMiniProgram(ActModel):
    external_userid: str | None = None
    unionid: str | None = Field(default=None, min_length=1, max_length=64)


@act("person_opens_mini_program")
def person_opens_mini_program(act: Act, body: PersonOpensMiniProgram) -> dict[str, Any]:
    """微信用户登录小程序 / Somebody logs in to the corp's mini-program: gives unionid and openid."""
    unionid = body.unionid
    if body.external_userid is not None:
        contact = the_contact(act, body.external_userid)
        if not contact.unionid:
            raise ActRefused(f"{contact.external_userid} uses WeCom, not WeChat, and has no unionid")
        if unionid not in (None, contact.unionid):
            raise ActRefused(f"{contact.external_userid} has the unionid {contact.unionid}")
        unionid = contact.unionid
    if unionid is None:
        unionid = "o" + ids.draw(act.settings.seed, "unionid", act.db.next_id(), 27)
    return {"unionid": unionid, "openid": _openid(act, unionid)}


def _openid(act: Act, unionid: str) -> str:
    """What the person is called in the mini-program of this corp, the same at every login."""
    query = select(MiniProgramUser).where(
        MiniProgramUser.corp_id == act.corp_id, MiniProgramUser.unionid == unionid
    )
    user = act.db.session.exec(query).first()
    if user is None:
        openid = "o" + ids.draw(act.settings.seed, "openid", act.db.next_id(), 27)
        user = MiniProgramUser(corp_id=act.corp_id, openid=openid, unionid=unionid, since=act.now)
        act.db.session.add(user)
    return user.openid
