"""The check for repeated messages that enable_duplicate_check asks for (page 90236, 2026-02).

A request takes a row for its content before it is sent, so that of several at once only one is sent.
"""

import hashlib

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, insert_into
from wecom_tollbooth.families.app_messages.shapes import SendRequest
from wecom_tollbooth.families.app_messages.tables import APP_MESSAGE, SENT_CONTENT
from wecom_tollbooth.gateway.call import Call

DEFAULT_INTERVAL = 1800


def _taking(dialect: str) -> sa.ClauseElement:
    row = insert_into(dialect, SENT_CONTENT).values(
        {column.name: bindparam(column.name) for column in SENT_CONTENT.columns}
    )
    return row.on_conflict_do_update(
        index_elements=["corp_id", "agentid", "digest"],
        set_={name: row.excluded[name] for name in ("message_id", "sent_at")},
        where=SENT_CONTENT.c.sent_at <= bindparam("since"),
    )


_TAKE = CompiledStatement(_taking)
_OF_CONTENT = (
    (SENT_CONTENT.c.corp_id == bindparam("corp"))
    & (SENT_CONTENT.c.agentid == bindparam("app"))
    & (SENT_CONTENT.c.digest == bindparam("of"))
)
_MSGID = CompiledStatement(
    sa.select(APP_MESSAGE.c.msgid)
    .join(
        SENT_CONTENT,
        (SENT_CONTENT.c.corp_id == APP_MESSAGE.c.corp_id)
        & (SENT_CONTENT.c.message_id == APP_MESSAGE.c.message_id),
    )
    .where(_OF_CONTENT)
)
_NAME_MESSAGE = CompiledStatement(
    sa.update(SENT_CONTENT).where(_OF_CONTENT).values(message_id=bindparam("message"))
)


def digest_of(body: SendRequest) -> str | None:
    """A digest of the whole request; None where no check is asked for."""
    if not body.enable_duplicate_check:
        return None
    request = orjson.dumps(body.model_dump(exclude_none=True), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(request).hexdigest()


def sent_before(call: Call, digest: str, interval: int | None) -> str | None:
    """The msgid of the same request of the last `interval` seconds; None: this one is to be sent."""
    taken = _TAKE.run(
        call.db,
        corp_id=call.corp_id,
        agentid=call.agentid,
        digest=digest,
        message_id=0,
        sent_at=call.now,
        since=call.now - (interval or DEFAULT_INTERVAL),
    )
    if taken:
        return None
    row = _MSGID.one(call.db, corp=call.corp_id, app=call.agentid, of=digest)
    assert row is not None
    return str(row[0])


def name_message(call: Call, digest: str, message_id: int) -> None:
    """Says which message was sent with the content that `sent_before` took."""
    _NAME_MESSAGE.run(call.db, corp=call.corp_id, app=call.agentid, of=digest, message=message_id)
