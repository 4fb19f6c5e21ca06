"""Who gets a mass message: the relations that it may be sent through, and one member for each customer.

A relation counts if the member has not deleted the customer, the customer has not deleted the member, and the
member may have customers. Where several members could send, the one who last chatted with the customer does
(page 92135); without any chat the one who added the customer last.
"""

from collections.abc import Sequence
from typing import Any, NotRequired

import orjson
import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction, json_list
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.group_chats.tables import GROUP_CHAT
from wecom_tollbooth.families.providers.licences import enforcing_provider, without_account
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE, sees_only_acquired
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG
from wecom_tollbooth.gateway.call import Call

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


def relations(tx: Transaction, corp_id: str, selection: Selection) -> sa.Select[Any]:
    """The relations that the selection's senders and tags allow; its customers are the caller's to limit."""
    # ||: SQLite shall look relations up by customer, not by each of the senders.
    sender = FOLLOW_USER.c.userid.op("||")("")
    query = sa.select(FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid).where(
        FOLLOW_USER.c.corp_id == corp_id, REACHES
    )
    if "sender" in selection:
        query = query.where(FOLLOW_USER.c.userid == selection["sender"])
    else:
        query = query.where(sender.in_(_these(tx, "senders", selection.get("senders", []))))
    if "acquired_by" in selection:
        query = query.where(FOLLOW_USER.c.source_agentid == selection["acquired_by"])
    for tags in selection.get("tags", []):
        held = FOLLOW_TAG.alias()
        query = query.where(sa.exists().where(_tags_of_relation(held), held.c.tag_id.in_(tags)))
    return query


def one_for_each(query: sa.Select[Any]) -> sa.Select[Any]:
    """Of the relations, the one of each customer through which the message goes."""
    place = sa.func.row_number().over(
        partition_by=FOLLOW_USER.c.external_userid,
        order_by=(
            sa.func.coalesce(FOLLOW_USER.c.last_chat_at, 0).desc(),
            FOLLOW_USER.c.createtime.desc(),
            FOLLOW_USER.c.seq.desc(),
            FOLLOW_USER.c.userid,
        ),
    )
    ranked = query.add_columns(place.label("place")).subquery()
    return sa.select(ranked.c.external_userid, ranked.c.userid).where(ranked.c.place == 1)


def reachable(call: Call, selection: Selection, customers: Sequence[str]) -> set[str]:
    """Those of the customers whom somebody can send to."""
    query = relations(call.db, call.corp_id, selection).where(named(call.db, customers))
    return {row.external_userid for row in call.db.execute(query)}


def anybody(call: Call, selection: Selection) -> bool:
    """Whether the selection has any customer."""
    query = relations(call.db, call.corp_id, selection)
    if "sender" not in selection and selection.get("tags"):
        # Begins with who has the tags, because few may have them; a group that nobody has ends it at once.
        held = [_held(call, tags) for tags in selection["tags"]]
        if not all(call.db.execute(one.limit(1)).first() for one in held):
            return False
        query = query.join(FOLLOW_TAG, _tags_of_relation(FOLLOW_TAG))
        query = query.where(FOLLOW_TAG.c.tag_id.in_(selection["tags"][0]))
    return call.db.execute(query.limit(1)).first() is not None


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


def _held(call: Call, tags: list[str]) -> sa.Select[Any]:
    return sa.select(FOLLOW_TAG.c.userid).where(
        FOLLOW_TAG.c.corp_id == call.corp_id, FOLLOW_TAG.c.tag_id.in_(tags)
    )


def named(tx: Transaction, customers: Sequence[str]) -> sa.ColumnElement[bool]:
    """Condition on FOLLOW_USER: the relations of these customers."""
    return FOLLOW_USER.c.external_userid.in_(_these(tx, "customers", customers))


def _these(tx: Transaction, name: str, texts: Sequence[str]) -> Any:
    """The texts as a subquery with the parameter `name`, for a list of any length."""
    return json_list(tx.dialect, name).params({name: orjson.dumps(list(texts)).decode()})
