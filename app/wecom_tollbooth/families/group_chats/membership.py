"""Who is in which customer group, for other families."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, Transaction
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.group_chats.tables import EXTERNAL, GROUP_CHAT, GROUP_STAY
from wecom_tollbooth.families.relations.subscribers import Subscriber

CUSTOMER_GROUP = MEMBER.c.may_follow.is_(True) | (MEMBER.c.status == LEFT)
"""Condition on the owner: a group is not a customer group if a present owner may have no customers."""

_IN_ANY = CompiledStatement(
    sa.select(GROUP_STAY.c.seq)
    .where(
        GROUP_STAY.c.corp_id == bindparam("corp_id"),
        GROUP_STAY.c.person_id == bindparam("person_id"),
        GROUP_STAY.c.type == EXTERNAL,
        GROUP_STAY.c.left_at.is_(None),
    )
    .limit(1)
)


def present_in_groups(tx: Transaction, corp_id: str, external_userid: str) -> bool:
    """Whether the person is in any customer group of the corp now. A dissolved group has no members."""
    tx.flush()
    return _IN_ANY.one(tx, corp_id=corp_id, person_id=external_userid) is not None


def present_in(tx: Transaction, corp_id: str, chat_id: str, people: Collection[str]) -> set[str]:
    """Returns the people, by userid or external_userid, who are in the group now."""
    query = sa.select(GROUP_STAY.c.person_id).where(
        GROUP_STAY.c.corp_id == corp_id,
        GROUP_STAY.c.chat_id == chat_id,
        GROUP_STAY.c.person_id.in_(people),
        GROUP_STAY.c.left_at.is_(None),
    )
    return {row.person_id for row in tx.execute(query)}


def people_in_groups(
    tx: Transaction, corp_id: str, people: Collection[str], owners: Collection[str] | None
) -> set[str]:
    """Returns the outsiders who are in a customer group of one of `owners`; None means any owner."""
    query = (
        sa.select(GROUP_STAY.c.person_id, GROUP_CHAT.c.owner)
        .join(
            GROUP_CHAT,
            (GROUP_CHAT.c.corp_id == GROUP_STAY.c.corp_id) & (GROUP_CHAT.c.chat_id == GROUP_STAY.c.chat_id),
        )
        .join(MEMBER, (MEMBER.c.corp_id == GROUP_CHAT.c.corp_id) & (MEMBER.c.userid == GROUP_CHAT.c.owner))
        .where(
            GROUP_STAY.c.corp_id == corp_id,
            GROUP_STAY.c.person_id.in_(people),
            GROUP_STAY.c.type == EXTERNAL,
            GROUP_STAY.c.left_at.is_(None),
            CUSTOMER_GROUP,
        )
    )
    return {row.person_id for row in tx.execute(query) if owners is None or row.owner in owners}


CUSTOMER_GROUPS = Subscriber(name="customer groups", is_tied=present_in_groups)
