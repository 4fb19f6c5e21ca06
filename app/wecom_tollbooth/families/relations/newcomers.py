"""The external contacts of an act: known ones and new ones."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from sqlmodel import select

from wecom_tollbooth.families.relations.lookups import the_customer
from wecom_tollbooth.families.relations.tables import WECHAT, WECOM, ExternalContact
from wecom_tollbooth.world import avatars, ids, people
from wecom_tollbooth.world.acts import Act, ActModel

SCANNED = 1
"""add_way of a contact who scanned a code (page 92114)."""


@dataclass(frozen=True)
class Newcomer:
    """The external contact of an act: a known one by its id, or a new one with these properties."""

    external_userid: str | None = None
    name: str | None = None
    type: int = WECHAT
    gender: int = 0
    unionid: str | None = None
    corp_name: str = ""
    corp_full_name: str = ""
    position: str = ""
    external_profile: dict[str, Any] | None = None


def contact_of(act: Act, newcomer: Newcomer) -> ExternalContact:
    """Returns the external contact with this id or unionid, or creates one."""
    if newcomer.external_userid:
        known = the_customer(act, newcomer.external_userid)
        return act.db.session.get_one(ExternalContact, (act.corp_id, known.external_userid))
    if newcomer.unionid:
        query = select(ExternalContact).where(
            ExternalContact.corp_id == act.corp_id, ExternalContact.unionid == newcomer.unionid
        )
        found = act.db.session.exec(query).first()
        if found is not None:
            return found
    number = act.next_id()
    is_wecom = newcomer.type == WECOM
    contact = ExternalContact(
        corp_id=act.corp_id,
        external_userid=ids.wecom_id(act.seed, "wo" if is_wecom else "wm", number),
        name=newcomer.name or people.name(act.seed, number),
        type=newcomer.type,
        gender=newcomer.gender,
        avatar=avatars.address(f"{number:016d}"),
        unionid=_unionid_of(act, newcomer, number),
        corp_name=newcomer.corp_name if is_wecom else "",
        corp_full_name=(newcomer.corp_full_name or newcomer.corp_name) if is_wecom else "",
        position=newcomer.position if is_wecom else "",
        external_profile=newcomer.external_profile if is_wecom else None,
        created_at=act.now,
    )
    act.db.session.add(contact)
    act.db.flush()
    return contact


def _unionid_of(act: Act, newcomer: Newcomer, number: int) -> str:
    """That of the newcomer, or a new one if it has None; WeCom users have none."""
    if newcomer.type == WECOM:
        return ""
    if newcomer.unionid is None:
        return "o" + ids.draw(act.seed, "unionid", number, 27)
    return newcomer.unionid


class TextAttribute(ActModel):
    type: Literal[0]
    name: str
    text: dict[Literal["value"], str]


class WebAttribute(ActModel):
    type: Literal[1]
    name: str
    web: dict[Literal["url", "title"], str]


class MiniprogramAttribute(ActModel):
    type: Literal[2]
    name: str
    miniprogram: dict[Literal["appid", "pagepath", "title"], str]


ExternalAttribute = Annotated[
    TextAttribute | WebAttribute | MiniprogramAttribute, Field(discriminator="type")
]


class ContactProfile(ActModel):
    """What a WeCom user shows to people outside their corp, as externalcontact/get has it (page 92114)."""

    external_attr: list[ExternalAttribute] = Field(default=[], max_length=20)


class Person(ActModel):
    """An external contact by `external_userid`, or a new one with the given properties."""

    external_userid: str | None = None
    name: str | None = Field(default=None, min_length=1, max_length=64)
    type: Literal[1, 2] = 1
    gender: Literal[0, 1, 2] = 0
    unionid: str | None = Field(default=None, description='"": a WeChat user without one')
    corp_name: str = ""
    corp_full_name: str = Field(default="", max_length=128, description="of type 2; as corp_name if absent")
    position: str = Field(default="", max_length=128, description="of type 2")
    external_profile: ContactProfile | None = Field(default=None, description="of type 2")

    @model_validator(mode="after")
    def _refuse_what_only_wecom_users_have(self) -> "Person":
        if self.type == WECHAT and (self.corp_full_name or self.position or self.external_profile):
            raise ValueError("corp_full_name, position and external_profile need type 2, a WeCom user")
        return self

    def newcomer(self) -> Newcomer:
        profile = self.external_profile
        return Newcomer(
            external_userid=self.external_userid,
            name=self.name,
            type=self.type,
            gender=self.gender,
            unionid=self.unionid,
            corp_name=self.corp_name,
            corp_full_name=self.corp_full_name,
            position=self.position,
            external_profile=profile.model_dump() if profile is not None else None,
        )
