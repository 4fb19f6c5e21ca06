"""What members and customers do in the client."""

from typing import Any, Literal

from pydantic import Field, model_validator

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.contacts import EditExternalContact
from wecom_tollbooth.families.phones import screens
from wecom_tollbooth.families.relations import lifecycle, subscribers
from wecom_tollbooth.families.relations.act_records import note
from wecom_tollbooth.families.relations.lifecycle import Way
from wecom_tollbooth.families.relations.lookups import the_customer
from wecom_tollbooth.families.relations.newcomers import SCANNED, Newcomer, Person
from wecom_tollbooth.families.tag_library.tables import FollowTag, PersonalTag, Tag
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

ADD_WAYS = frozenset((*range(0, 7), *range(8, 19), 21, 22, 24))
"""The add_way values that an act can set; 201 and 202 come from transfers (page 92114)."""
SEARCHED_MOBILE, FROM_CHANNELS = 2, 10


class WechatChannels(ActModel):
    """The 视频号 that led a customer to the member, for add_way 10 (page 92114)."""

    nickname: str = Field(min_length=1, max_length=64)
    source: Literal[0, 1, 2, 3] = Field(
        default=0, description="0 unknown, 1 home page, 2 live room, 3 form for leads"
    )


class AddedSomehow(Person):
    """A person and how they were added."""

    userid: str
    add_way: int
    wechat_channels: WechatChannels | None = Field(default=None, description="needs add_way 10")

    @model_validator(mode="after")
    def _refuse_channels_of_other_ways(self) -> "AddedSomehow":
        if self.wechat_channels is not None and self.add_way != FROM_CHANNELS:
            raise ValueError("wechat_channels needs add_way 10, added from a 视频号")
        return self

    def channels(self) -> str | None:
        """The 视频号 as JSON."""
        return self.wechat_channels.model_dump_json() if self.wechat_channels is not None else None


class MemberAddsCustomer(AddedSomehow):
    add_way: int = SEARCHED_MOBILE


@act("member_adds_customer")
def member_adds_customer(act: Act, body: MemberAddsCustomer) -> dict[str, Any]:
    """成员添加客户 / A member adds a customer, who accepts: add_external_contact."""
    _refuse_add_way(body.add_way)
    way = Way(body.add_way, by_member=True, wechat_channels=body.channels())
    return lifecycle.begin(act, body.userid, body.newcomer(), way)


class CustomerAddsMember(AddedSomehow):
    add_way: int = SCANNED
    skip_verify: bool = False


@act("customer_adds_member")
def customer_adds_member(act: Act, body: CustomerAddsMember) -> dict[str, Any]:
    """客户添加成员 / A customer adds a member directly, not by a contact way or link.

    The member accepts at once; with `skip_verify` the member need not, and the contact is pending.
    """
    _refuse_add_way(body.add_way)
    way = Way(body.add_way, pending_confirmation=body.skip_verify, wechat_channels=body.channels())
    return lifecycle.begin(act, body.userid, body.newcomer(), way)


class Pair(ActModel):
    userid: str
    external_userid: str


@act("member_confirms_customer")
def member_confirms_customer(act: Act, body: Pair) -> dict[str, Any]:
    """成员回加免验证客户 / The member confirms a pending contact: add_external_contact."""
    row = lifecycle.the_relation(act, body.userid, body.external_userid)
    if not row.pending_confirmation:
        raise ActRefused(f"{body.external_userid} is a whole contact of {row.userid} already")
    return lifecycle.begin(act, row.userid, Newcomer(body.external_userid), Way())


@act("customer_deletes_member")
def customer_deletes_member(act: Act, body: Pair) -> dict[str, Any]:
    """客户删除成员 / The customer deletes the member: del_follow_user; the relation stays readable."""
    return lifecycle.end(act, body.userid, body.external_userid, by_member=False)


@act("member_deletes_customer")
def member_deletes_customer(act: Act, body: Pair) -> dict[str, Any]:
    """成员删除客户 / The member deletes the customer: del_external_contact; the relation ends (84061)."""
    return lifecycle.end(act, body.userid, body.external_userid, by_member=True)


class Message(Pair):
    text: str = Field(default="", max_length=2048)
    count: int = Field(default=1, ge=1, le=1000)


@act("customer_sends_message")
def customer_sends_message(act: Act, body: Message) -> dict[str, Any]:
    """客户发消息给成员 / The customer writes to the member, `count` messages."""
    userid = _can_write(act, body)
    for _ in range(body.count):
        note(act, "message_in", userid, body.external_userid, body.text[:200])
        subscribers.customer_wrote(act, userid, body.external_userid)
    return {"userid": userid, "external_userid": body.external_userid}


@act("member_sends_message")
def member_sends_message(act: Act, body: Message) -> dict[str, Any]:
    """成员发消息给客户 / The member writes to the customer, `count` messages."""
    userid = _can_write(act, body)
    for _ in range(body.count):
        note(act, "message_out", userid, body.external_userid, body.text[:200])
    return {"userid": userid, "external_userid": body.external_userid}


class CustomerOpensMessage(ActModel):
    external_userid: str
    id: int = Field(description="of an item, in GET …/phones/{external_userid}")


@act("customer_opens_message")
def customer_opens_message(act: Act, body: CustomerOpensMessage) -> dict[str, Any]:
    """客户打开手机上的一条消息 / The customer opens an item on their phone; raises nothing."""
    the_customer(act, body.external_userid)
    screens.open_item(act, body.external_userid, body.id)
    return {"external_userid": body.external_userid, "id": body.id, "state": screens.OPENED}


def _can_write(act: Act, body: Message) -> str:
    """Returns the member's userid, and notes the chat. Raises ActRefused if messages cannot be delivered."""
    row = lifecycle.the_relation(act, body.userid, body.external_userid)
    if row.deleted_by_customer_at is not None:
        raise ActRefused(f"{body.external_userid} has deleted {row.userid}: no message arrives")
    subscribers.before_message(act, row.userid, body.external_userid)
    row.last_chat_at = act.now
    act.db.session.add(row)
    return row.userid


class PersonalTagShape(ActModel):
    group_name: str = Field(min_length=1, max_length=30)
    tag_name: str = Field(min_length=1, max_length=30)


class MemberEditsCustomer(Pair):
    remark: str | None = Field(default=None, max_length=20)
    description: str | None = Field(default=None, max_length=150)
    remark_corp_name: str | None = Field(default=None, max_length=20)
    remark_mobiles: list[str] | None = None
    add_tag: list[str] = Field(default=[])
    remove_tag: list[str] = Field(default=[])
    add_personal_tag: list[PersonalTagShape] = Field(default=[])
    remove_personal_tag: list[PersonalTagShape] = Field(default=[])


@act("member_edits_customer")
def member_edits_customer(act: Act, body: MemberEditsCustomer) -> dict[str, Any]:
    """成员修改客户备注和标签 / The member edits remark, numbers or tags: edit_external_contact."""
    row = lifecycle.the_relation(act, body.userid, body.external_userid)
    changed = {
        name: value
        for name in ("remark", "description", "remark_corp_name", "remark_mobiles")
        if (value := getattr(body, name)) is not None
    }
    tags = (body.add_tag, body.remove_tag, body.add_personal_tag, body.remove_personal_tag)
    if not changed and not any(tags):
        raise ActRefused("nothing is edited: give a field or a tag")
    for name, value in changed.items():
        setattr(row, name, value)
    act.db.session.add(row)
    _edit_tags(act, row.userid, body)
    emit(act, EditExternalContact(UserID=row.userid, ExternalUserID=body.external_userid))
    return {"userid": row.userid, "external_userid": body.external_userid}


def _edit_tags(act: Act, userid: str, body: MemberEditsCustomer) -> None:
    session = act.db.session
    key = (act.corp_id, body.external_userid, userid)
    for tag_id in (*body.add_tag, *body.remove_tag):
        tag = session.get(Tag, (act.corp_id, tag_id))
        if tag is None or tag.deleted_at is not None:
            raise ActRefused(f"there is no tag {tag_id!r} in this corp")
    for tag_id in body.add_tag:
        session.merge(FollowTag(corp_id=act.corp_id, external_userid=key[1], userid=userid, tag_id=tag_id))
    for tag_id in body.remove_tag:
        _drop(act, FollowTag, (*key, tag_id))
    for personal in body.add_personal_tag:
        session.merge(
            PersonalTag(
                corp_id=act.corp_id,
                external_userid=key[1],
                userid=userid,
                group_name=personal.group_name,
                tag_name=personal.tag_name,
            )
        )
    for personal in body.remove_personal_tag:
        _drop(act, PersonalTag, (*key, personal.group_name, personal.tag_name))


def _drop(act: Act, table: type[Any], key: tuple[Any, ...]) -> None:
    found = act.db.session.get(table, key)
    if found is not None:
        act.db.session.delete(found)


def _refuse_add_way(add_way: int) -> None:
    if add_way not in ADD_WAYS:
        raise ActRefused(f"add_way {add_way} is not possible for an act of a person")
