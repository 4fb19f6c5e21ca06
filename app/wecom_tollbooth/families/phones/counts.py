"""How many messages of one sender people have got, for the limits on apps."""

from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.phones.screens import Kind
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.world.context import Context


def _who_got(dialect: str) -> sa.Select[tuple[str]]:
    return (
        sa.select(PHONE_ITEM.c.person)
        .join(
            PHONE_MESSAGE,
            (PHONE_MESSAGE.c.corp_id == PHONE_ITEM.c.corp_id)
            & (PHONE_MESSAGE.c.id == PHONE_ITEM.c.message_id),
        )
        .where(
            PHONE_ITEM.c.corp_id == bindparam("corp"),
            PHONE_ITEM.c.person.in_(json_list(dialect, "people")),
            PHONE_ITEM.c.at >= bindparam("since"),
            PHONE_MESSAGE.c.sender == bindparam("sender"),
            PHONE_MESSAGE.c.kind == bindparam("kind"),
        )
        .group_by(PHONE_ITEM.c.person)
        .having(sa.func.count() >= bindparam("least"))
    )


_WHO_GOT = CompiledStatement(_who_got)


def who_got(
    context: Context, kind: Kind, sender: str, people: Sequence[str], *, since: int, at_least: int
) -> set[str]:
    """Those of `people` who got so many messages of this kind from the sender since that moment."""
    rows = _WHO_GOT.all(
        context.db,
        corp=context.corp_id,
        people=orjson.dumps(list(people)).decode(),
        since=since,
        sender=sender,
        kind=kind,
        least=at_least,
    )
    return {person for (person,) in rows}
