"""Who gets a mass message: the relations that it may be sent through, and one member for each customer.

A relation counts if the member has not deleted the customer, the customer has not deleted the member, and the
member may have customers. Where several members could send, the one who last chatted with the customer does
(page 92135); without any chat the one who added the customer last.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, NotRequired

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement, Transaction, json_list
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.group_chats.tables import GROUP_CHAT
from wecom_tollbooth.families.providers.licences import enforcing_provider, without_account
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE, sees_only_acquired
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.world.clock import EARLIEST
from wecom_tollbooth.world.context import Context

REACHES = IS_ACTIVE & FOLLOW_USER.c.deleted_by_customer_at.is_(None)
"""A message through the relation arrives."""


class Selection(TypedDict):
    """Who gets a message, as it is stored until the tasks are made."""

    senders: NotRequired[list[str]]
    """The members who may be chosen as senders; of groups: the one owner."""
    sender: NotRequired[str]
    """The one named, if one is."""
    acquired_by: NotRequired[int]
    """Only relations that this app acquired."""
    tags: NotRequired[list[list[str]]]
    """A relation needs a tag of each list."""
    customers: NotRequired[list[str]]
    """The customers named, in order of their ids."""
    groups: NotRequired[list[str]]
    """The chat_ids named."""


def possible_senders(call: Call) -> list[str]:
    """The members who may have customers and whom the app may make senders."""
    query = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == call.corp_id, MAY_HAVE_CUSTOMERS)
    visible = visible_userids(call)
    found = {userid for (userid,) in call.db.execute(query) if visible is None or userid in visible}
    provider_id = enforcing_provider(call)
    if provider_id is not None:
        found -= without_account(call, provider_id, found)
    return sorted(found)


def acquired_by(call: Call) -> Selection:
    """What limits a 营销获客 app to the relations that it acquired."""
    return {"acquired_by": call.agentid} if sees_only_acquired(call) else {}


class Shape(NamedTuple):
    """What of a selection changes the statement, beside its parameters."""

    has_sender: bool
    has_acquirer: bool
    tag_groups: int


def shape_of(selection: Selection) -> Shape:
    return Shape("sender" in selection, "acquired_by" in selection, len(selection.get("tags", [])))


def parameters(selection: Selection) -> dict[str, Any]:
    """The parameters of `relations`, but corp_id."""
    given: dict[str, Any] = {
        f"tags_{place}": _json(some) for place, some in enumerate(selection.get("tags", []))
    }
    if "sender" in selection:
        given["sender"] = selection["sender"]
    else:
        given["senders"] = _json(selection.get("senders", []))
    if "acquired_by" in selection:
        given["acquirer"] = selection["acquired_by"]
    return given


def relations(dialect: str, shape: Shape) -> sa.Select[Any]:
    """The relations that the selection's senders and tags allow; its customers are the caller's to limit."""
    query = sa.select(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid).where(
        FOLLOW_USER.c.corp_id == bindparam("corp_id"), REACHES
    )
    if shape.has_sender:
        query = query.where(FOLLOW_USER.c.userid == bindparam("sender"))
    else:
        # ||: SQLite shall look relations up by customer, not by each of the senders.
        query = query.where(FOLLOW_USER.c.userid.op("||")("").in_(json_list(dialect, "senders")))
    if shape.has_acquirer:
        query = query.where(FOLLOW_USER.c.source_agentid == bindparam("acquirer"))
    for place in range(shape.tag_groups):
        held = FOLLOW_TAG.alias(f"held_{place}")
        of_group = held.c.tag_id.in_(json_list(dialect, f"tags_{place}"))
        query = query.where(sa.exists().where(_tags_of_relation(held), of_group))
    return query


_LATEST = (
    sa.func.coalesce(FOLLOW_USER.c.last_chat_at - EARLIEST, 0) * 2**31 + FOLLOW_USER.c.createtime - EARLIEST
)
"""Larger for the relation with the later chat, among those without a chat for the one that began later."""


def one_for_each(dialect: str, query: sa.Select[Any]) -> sa.Select[Any]:
    """Of the relations, the one of each customer through which the message goes."""
    customer = FOLLOW_USER.c.external_userid
    if dialect == "sqlite":
        # It takes the other columns from the row that has the maximum, in half the time of a window.
        latest = query.add_columns(sa.func.max(_LATEST)).group_by(customer).subquery()
        return sa.select(latest.c.external_userid, latest.c.userid)
    place = sa.func.row_number().over(partition_by=customer, order_by=(_LATEST.desc(), FOLLOW_USER.c.userid))
    ranked = query.add_columns(place.label("place")).subquery()
    return sa.select(ranked.c.external_userid, ranked.c.userid).where(ranked.c.place == 1)


def named(dialect: str) -> sa.ColumnElement[bool]:
    """Condition on FOLLOW_USER: the relations of the parameter `customers`, a JSON list."""
    return FOLLOW_USER.c.external_userid.in_(json_list(dialect, "customers"))


@cache
def _reachable(shape: Shape) -> CompiledStatement:
    return CompiledStatement(lambda dialect: relations(dialect, shape).where(named(dialect)))


@cache
def _anybody(shape: Shape) -> CompiledStatement:
    def statement(dialect: str) -> sa.Select[Any]:
        query = relations(dialect, shape)
        if shape.tag_groups and not shape.has_sender:
            # Begins with who has the tags, because few may have them.
            query = query.join(FOLLOW_TAG, _tags_of_relation(FOLLOW_TAG))
            query = query.where(FOLLOW_TAG.c.tag_id.in_(json_list(dialect, "tags_0")))
        return query.limit(1)

    return CompiledStatement(statement)


_HELD = CompiledStatement(
    lambda dialect: (
        sa.select(FOLLOW_TAG.c.userid)
        .where(
            FOLLOW_TAG.c.corp_id == bindparam("corp_id"), FOLLOW_TAG.c.tag_id.in_(json_list(dialect, "tags"))
        )
        .limit(1)
    )
)


def reachable(context: Context, selection: Selection, customers: Sequence[str]) -> set[str]:
    """Those of the customers whom somebody can send to."""
    given = parameters(selection) | {"corp_id": context.corp_id, "customers": _json(customers)}
    return {row[0] for row in _reachable(shape_of(selection)).all(context.db, **given)}


def anybody(call: Call, selection: Selection) -> bool:
    """Whether the selection has any customer."""
    for tags in selection.get("tags", []):
        if _HELD.one(call.db, corp_id=call.corp_id, tags=_json(tags)) is None:
            return False
    given = parameters(selection) | {"corp_id": call.corp_id}
    return _anybody(shape_of(selection)).one(call.db, **given) is not None


def groups_of(tx: Transaction, corp_id: str, owner: str) -> set[str]:
    """The customer groups that the member owns, without dissolved ones."""
    query = sa.select(GROUP_CHAT.c.chat_id).where(
        GROUP_CHAT.c.corp_id == corp_id, GROUP_CHAT.c.owner == owner, GROUP_CHAT.c.dismissed_at.is_(None)
    )
    return {chat_id for (chat_id,) in tx.execute(query)}


def _tags_of_relation(tags: sa.FromClause) -> sa.ColumnElement[bool]:
    return (
        (tags.c.corp_id == FOLLOW_USER.c.corp_id)
        & (tags.c.external_userid == FOLLOW_USER.c.external_userid)
        & (tags.c.userid == FOLLOW_USER.c.userid)
    )


def _json(texts: Sequence[str]) -> str:
    return orjson.dumps(list(texts)).decode()
