"""What admins do with the message archive, and what customers answer when they are asked to agree."""

from typing import Any, Literal

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.directory.tables import DEPARTMENT, MEMBER_TAG
from wecom_tollbooth.families.group_chats.chat_lifecycle import stay_of, stays_in
from wecom_tollbooth.families.group_chats.lookup import the_group
from wecom_tollbooth.families.group_chats.tables import EXTERNAL
from wecom_tollbooth.families.message_archive.consent import UNDECIDED, decide, decision
from wecom_tollbooth.families.message_archive.scope import archived_with_customers, covered
from wecom_tollbooth.families.message_archive.tables import ARCHIVE_EDITION, ArchiveEdition
from wecom_tollbooth.families.relations.act_records import count_records
from wecom_tollbooth.families.relations.contact_events import has_been_greeted, raise_approved
from wecom_tollbooth.families.relations.lifecycle import the_relation
from wecom_tollbooth.families.relations.lookups import the_customer
from wecom_tollbooth.families.relations.tables import WECHAT
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act
from wecom_tollbooth.world.clock import DAY

MOST = 1000
"""Entries of a range that one act takes."""


class AdminOpensMessageArchive(ActModel):
    edition: Literal[1, 2, 3] = Field(default=2, description="1 office, 2 service, 3 enterprise")
    userids: list[str] = Field(default_factory=list, max_length=MOST)
    partyids: list[int] = Field(default_factory=list, max_length=MOST)
    tagids: list[int] = Field(default_factory=list, max_length=MOST)
    seats: int | None = Field(default=None, ge=1, le=2**31 - 1, description="left out: enough for all")
    days: int | None = Field(default=None, ge=1, le=3650, description="until it expires; left out: never")


@act("admin_opens_message_archive")
def admin_opens_message_archive(act: Act, body: AdminOpensMessageArchive) -> dict[str, Any]:
    """管理员开启会话内容存档 / An admin sets the range of one edition of the archive."""
    if not (body.userids or body.partyids or body.tagids):
        raise ActRefused("give userids, partyids or tagids: the range can't be empty")
    _refuse_unknown(act, DEPARTMENT.c.corp_id, DEPARTMENT.c.id, body.partyids, "department")
    _refuse_unknown(act, MEMBER_TAG.c.corp_id, MEMBER_TAG.c.tagid, body.tagids, "member tag")
    opened = ArchiveEdition(
        corp_id=act.corp_id,
        edition=body.edition,
        userids=list(dict.fromkeys(the_member(act, userid).userid for userid in body.userids)),
        partyids=body.partyids,
        tagids=body.tagids,
        seats=body.seats,
        expires_at=None if body.days is None else act.now + body.days * DAY,
    )
    act.db.session.merge(opened)
    return {"edition": body.edition, "userids": covered(act, opened), "expires_at": opened.expires_at}


class AdminClosesMessageArchive(ActModel):
    edition: Literal[1, 2, 3]


@act("admin_closes_message_archive")
def admin_closes_message_archive(act: Act, body: AdminClosesMessageArchive) -> dict[str, Any]:
    """管理员关闭会话内容存档 / An admin ends an edition of the archive; without any: 301053."""
    deleted = sa.delete(ARCHIVE_EDITION).where(
        ARCHIVE_EDITION.c.corp_id == act.corp_id, ARCHIVE_EDITION.c.edition == body.edition
    )
    if not act.db.execute(deleted).rowcount:
        raise ActRefused(f"edition {body.edition} of the archive isn't open")
    return {"edition": body.edition}


class Conversation(ActModel):
    external_userid: str
    userid: str | None = Field(default=None, description="the member whom the customer talks with")
    chat_id: str | None = Field(default=None, description="or the customer group")


@act("customer_agrees_to_archive")
def customer_agrees_to_archive(act: Act, body: Conversation) -> dict[str, Any]:
    """客户同意存档会话内容 / A customer agrees to the archive: msg_audit_approved if it is about a member.

    Returns the first app's welcome code, if there is one.
    """
    customer = _decides(act, body, agreed=True)
    reply: dict[str, Any] = {"external_userid": body.external_userid}
    if customer is None:
        return {**reply, "chat_id": body.chat_id}
    userid, type_ = customer
    talked = any(
        count_records(act, kind, userid, body.external_userid) for kind in ("message_in", "message_out")
    )
    greets = type_ == WECHAT and not talked and not has_been_greeted(act, userid, body.external_userid)
    code = raise_approved(act, userid, body.external_userid, greets=greets)
    reply["userid"] = userid
    return {**reply, "welcome_code": code} if code else reply


@act("customer_refuses_archive")
def customer_refuses_archive(act: Act, body: Conversation) -> dict[str, Any]:
    """客户不同意存档会话内容 / A customer doesn't agree to the archive, or no longer; raises nothing."""
    customer = _decides(act, body, agreed=False)
    about = {"chat_id": body.chat_id} if customer is None else {"userid": customer[0]}
    return {"external_userid": body.external_userid, **about}


def _decides(act: Act, body: Conversation, *, agreed: bool) -> tuple[str, int] | None:
    """Writes the decision; the member and the customer's type, None of a group. Raises ActRefused."""
    if (body.userid is None) is (body.chat_id is None):
        raise ActRefused("give userid or chat_id")
    if body.userid is not None:
        where = {"userid": _member_of(act, body.userid, body.external_userid)}
    else:
        where = {"chat_id": _group_of(act, body.chat_id or "", body.external_userid)}
    before = decision(act, body.external_userid, **where)
    if before != UNDECIDED and before.agreed is agreed:
        raise ActRefused(f"{body.external_userid} has {'agreed' if agreed else 'refused'} already")
    decide(act, body.external_userid, **where, agreed=agreed)
    if body.userid is None:
        return None
    return where["userid"], the_customer(act, body.external_userid).type


def _member_of(act: Act, userid: str, external_userid: str) -> str:
    relation = the_relation(act, userid, external_userid)
    if relation.deleted_by_customer_at is not None:
        raise ActRefused(f"{external_userid} has deleted {relation.userid}")
    if relation.userid not in archived_with_customers(act):
        raise ActRefused(f"conversations of {relation.userid} with customers are not archived")
    return relation.userid


def _group_of(act: Act, chat_id: str, external_userid: str) -> str:
    chat = the_group(act, chat_id)
    if stay_of(act, chat, external_userid).type != EXTERNAL:
        raise ActRefused(f"{external_userid} is a member of the corp, who isn't asked")
    if not archived_with_customers(act) & {stay.person_id for stay in stays_in(act, chat)}:
        raise ActRefused(f"nobody in {chat_id} is in the archive's range")
    return chat.chat_id


def _refuse_unknown(act: Act, corp: Any, column: Any, ids: list[int], what: str) -> None:
    known = {row[0] for row in act.db.execute(sa.select(column).where(corp == act.corp_id))}
    for one in ids:
        if one not in known:
            raise ActRefused(f"there is no {what} {one}")
