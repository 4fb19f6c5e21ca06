"""What follows in this family when relations end and people join groups."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.families.relations.subscribers import Subscriber
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, WELCOME_CODE
from wecom_tollbooth.families.welcome_messages.tables import GROUP_WELCOME, GROUP_WELCOME_TEMPLATE
from wecom_tollbooth.world.acts import Act

NICKNAME = "%NICKNAME%"

_FORGET_CODES = CompiledStatement(
    sa.delete(WELCOME_CODE).where(
        WELCOME_CODE.c.corp_id == bindparam("corp"),
        WELCOME_CODE.c.external_userid == bindparam("customer"),
        WELCOME_CODE.c.userid == bindparam("member"),
    )
)
_APPLIED = CompiledStatement(
    sa.select(GROUP_WELCOME_TEMPLATE.c.content)
    .join_from(
        GROUP_WELCOME,
        GROUP_WELCOME_TEMPLATE,
        (GROUP_WELCOME_TEMPLATE.c.corp_id == GROUP_WELCOME.c.corp_id)
        & (GROUP_WELCOME_TEMPLATE.c.template_id == GROUP_WELCOME.c.template_id),
    )
    .where(GROUP_WELCOME.c.corp_id == bindparam("corp"), GROUP_WELCOME.c.chat_id == bindparam("chat"))
)


def _forget_codes(act: Act, userid: str, external_userid: str) -> None:
    """Deletes the codes with the relation: they greet nobody, and a later relation has its own."""
    act.db.flush()
    if _FORGET_CODES.run(act.db, corp=act.corp_id, customer=external_userid, member=userid):
        act.db.expire()


def _greet(act: Act, chat_id: str, owner: str, newcomers: Sequence[str]) -> None:
    """Shows the group's welcome to the customers who joined, each with their own name in it."""
    act.db.flush()
    row = _APPLIED.one(act.db, corp=act.corp_id, chat=chat_id)
    if row is None:
        return
    body: dict[str, Any] = {"chat_id": chat_id, **json.loads(row[0])}
    written = body.get("text", {}).get("content", "")
    if NICKNAME not in written:
        show(act, write_message(act, "group_welcome", owner, body), newcomers)
        return
    names = sa.select(EXTERNAL_CONTACT.c.external_userid, EXTERNAL_CONTACT.c.name).where(
        EXTERNAL_CONTACT.c.corp_id == act.corp_id, EXTERNAL_CONTACT.c.external_userid.in_(newcomers)
    )
    name_of: dict[str, str] = {row.external_userid: row.name for row in act.db.execute(names)}
    for newcomer in newcomers:
        text = {"content": written.replace(NICKNAME, name_of[newcomer])}
        show(act, write_message(act, "group_welcome", owner, {**body, "text": text}), [newcomer])


WELCOMES = Subscriber(name="welcome messages", ended=_forget_codes, joined_group=_greet)
