"""Acts of people outside the corp: in mini-programs, meetings, forms and documents."""

from typing import Any, Literal

from pydantic import Field
from sqlmodel import select

from wecom_tollbooth.corps.apps import the_app
from wecom_tollbooth.families.directory.tables import LEFT, Member
from wecom_tollbooth.families.id_conversion.tables import MiniProgramUser, TemporaryId
from wecom_tollbooth.families.relations.lookups import the_customer
from wecom_tollbooth.gateway.shapes import INT64
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class PersonOpensMiniProgram(ActModel):
    external_userid: str | None = None
    unionid: str | None = Field(default=None, min_length=1, max_length=64)


@act("person_opens_mini_program")
def person_opens_mini_program(act: Act, body: PersonOpensMiniProgram) -> dict[str, Any]:
    """微信用户登录小程序 / A WeChat user logs in to the corp's mini-program; returns unionid and openid."""
    unionid = body.unionid
    if body.external_userid is not None:
        contact = the_customer(act, body.external_userid)
        if not contact.unionid:
            raise ActRefused(f"{contact.external_userid} uses WeCom, not WeChat, and has no unionid")
        if unionid not in (None, contact.unionid):
            raise ActRefused(f"{contact.external_userid} has the unionid {contact.unionid}")
        unionid = contact.unionid
    if unionid is None:
        unionid = "o" + ids.draw(act.seed, "unionid", act.next_id(), 27)
    return {"unionid": unionid, "openid": _openid(act, unionid)}


def _openid(act: Act, unionid: str) -> str:
    """The person's openid in the corp's mini-program, the same at every login."""
    query = select(MiniProgramUser).where(
        MiniProgramUser.corp_id == act.corp_id, MiniProgramUser.unionid == unionid
    )
    user = act.db.session.exec(query).first()
    if user is None:
        openid = "o" + ids.draw(act.seed, "openid", act.next_id(), 27)
        user = MiniProgramUser(corp_id=act.corp_id, openid=openid, unionid=unionid, since=act.now)
        act.db.session.add(user)
    return user.openid


class OutsiderTakesPart(ActModel):
    business: Literal["meeting", "form", "document"]
    agentid: int = Field(ge=1, le=INT64)
    external_userid: str | None = None
    corpid: str | None = None
    userid: str | None = None


@act("outsider_takes_part")
def outsider_takes_part(act: Act, body: OutsiderTakesPart) -> dict[str, Any]:
    """外部人员参加会议、填写收集表或编辑文档 / An outsider takes part; returns the tmp_external_userid."""
    the_app(act, body.agentid)
    if (body.external_userid is None) == (body.corpid is None or body.userid is None):
        raise ActRefused("give external_userid, or corpid and userid of a member of another corp")
    person = {"external_userid": "", "of_corp_id": "", "userid": ""}
    if body.external_userid is not None:
        person["external_userid"] = the_customer(act, body.external_userid).external_userid
    else:
        corp_id, userid = str(body.corpid), str(body.userid)
        if corp_id == act.corp_id:
            raise ActRefused("a member of this corp is not an outsider")
        member = act.db.session.get(Member, (corp_id, userid))
        if member is None or member.status == LEFT:
            raise ActRefused(f"there is no member {userid!r} in the corp {corp_id!r}")
        person |= {"of_corp_id": corp_id, "userid": member.userid}
    business_type = ("meeting", "form", "document").index(body.business) + 1
    query = select(TemporaryId).where(
        TemporaryId.corp_id == act.corp_id,
        TemporaryId.agentid == body.agentid,
        TemporaryId.business_type == business_type,
        TemporaryId.external_userid == person["external_userid"],
        TemporaryId.of_corp_id == person["of_corp_id"],
        TemporaryId.userid == person["userid"],
    )
    known = act.db.session.exec(query).first()
    if known is None:
        known = TemporaryId(
            corp_id=act.corp_id,
            tmp_external_userid=act.new_id("ou"),
            agentid=body.agentid,
            business_type=business_type,
            **person,
        )
        act.db.session.add(known)
    return {"tmp_external_userid": known.tmp_external_userid}
