"""Whether a database is sound: its file, its corps, the ledger and the outbox, in one consistent state."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.billing import seals
from wecom_tollbooth.billing.tables import USAGE_TOTAL
from wecom_tollbooth.callbacks.tables import (
    CALLBACK,
    CALLBACK_ATTEMPT,
    CALLBACK_ENDPOINT,
    DELIVERY_WORKER,
)
from wecom_tollbooth.corps.tables import APP, CORP
from wecom_tollbooth.db import OUTLIVES_CORP, Database, Transaction, reading
from wecom_tollbooth.db.failures import explained, is_database_error
from wecom_tollbooth.families.media.files_in_use import references
from wecom_tollbooth.files import FilesFolder
from wecom_tollbooth.tables import metadata

MOST_FINDINGS = 20
STATES = ("waiting", "delivered", "failed", "dropped", "kept")


@dataclass(frozen=True)
class Check:
    """One part of the check: its title, "中文 English", and a sentence for each fault."""

    title: str
    findings: tuple[str, ...]


def check(database: Database) -> Iterator[Check]:
    """Checks part after part. The schema must be the present one. Nothing is written."""
    parts: list[tuple[str, Callable[[Transaction], Iterator[str]]]] = [
        ("企业的数据 Rows of corps", _rows_without_corp),
        ("账本 Ledger", _ledger),
        ("发件箱 Outbox", _outbox),
        ("上传的文件 Uploaded files", partial(_files, FilesFolder(database.settings))),
    ]
    if database.inline:
        parts.insert(0, ("数据库文件 Database file", _file))
    with reading(database) as tx:
        for title, part in parts:
            findings = []
            try:
                for finding in part(tx):
                    findings.append(finding)
                    if len(findings) == MOST_FINDINGS:
                        break
            except Exception as error:
                if not is_database_error(error):
                    raise
                findings.append(explained(error, database.settings))
            yield Check(title, tuple(findings))


def _rows(tx: Transaction, statement: sa.Select[Any]) -> list[Any]:
    return list(tx.execute(statement).all())


def _file(tx: Transaction) -> Iterator[str]:
    """What SQLite itself finds: damaged pages, indexes that don't match, references into nothing."""
    for (found,) in tx.connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_FINDINGS})").all():
        if found != "ok":
            yield " ".join(found.split())
    for table, row, parent, _ in tx.connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        yield f"row {row} of {table} refers to a row of {parent} that does not exist"


def _rows_without_corp(tx: Transaction) -> Iterator[str]:
    corps = sa.select(CORP.c.corp_id)
    for table in metadata().sorted_tables:
        if "corp_id" not in table.c or OUTLIVES_CORP in table.info or table is CORP:
            continue
        orphans = (
            sa.select(table.c.corp_id, sa.func.count())
            .where(table.c.corp_id != "", table.c.corp_id.not_in(corps))
            .group_by(table.c.corp_id)
        )
        if tx.dialect == "sqlite" and not sa.inspect(tx.connection).has_table(table.name):
            continue  # tables that PostgreSQL alone has
        for corp_id, count in _rows(tx, orphans):
            yield f"{table.name} has {count} rows of the corp {corp_id}, which does not exist"


def _ledger(tx: Transaction) -> Iterator[str]:
    """Seals, totals and levels against the records, of deleted corps too."""
    for corp_id in list(tx.execute(sa.select(USAGE_TOTAL.c.corp_id).distinct()).scalars()):
        for finding in seals.verify(tx, corp_id).findings:
            yield f"{corp_id or 'calls without a corp'}: {finding.message}"


def _files(folder: FilesFolder, tx: Transaction) -> Iterator[str]:
    """Whether each file that a row refers to is there, with the content that its name says."""
    checked = ""
    problem: str | None = None
    for corp_id, name, sha256, size in references(tx):
        if sha256 != checked:
            checked, problem = sha256, _problem_of(folder, sha256, size)
        if problem is not None:
            yield f"{corp_id}: the file of {name} {problem}"


def _problem_of(folder: FilesFolder, sha256: str, size: int) -> str | None:
    try:
        with folder.place(sha256).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            found = file.tell()
    except OSError as error:
        return f"can't be read: {folder.place(sha256)}: {error.strerror}"
    if found != size:
        return f"has {found} bytes, not {size}: {folder.place(sha256)}"
    return None if digest == sha256 else f"is damaged: {folder.place(sha256)}"


def _outbox(tx: Transaction) -> Iterator[str]:
    callback, attempt, endpoint = CALLBACK.c, CALLBACK_ATTEMPT.c, CALLBACK_ENDPOINT.c
    unknown = sa.select(callback.state, sa.func.count()).where(callback.state.not_in(STATES))
    for state, count in _rows(tx, unknown.group_by(callback.state)):
        yield f"{count} callbacks have the state {state!r}, and only {', '.join(STATES)} exist"
    has_app = sa.exists().where(APP.c.corp_id == callback.corp_id, APP.c.agentid == callback.agentid)
    waiting = sa.select(callback.corp_id, callback.agentid, sa.func.count()).where(
        callback.state == "waiting"
    )
    homeless = waiting.where(~has_app).group_by(callback.corp_id, callback.agentid)
    for corp_id, agentid, count in _rows(tx, homeless):
        yield f"{corp_id}: {count} callbacks wait for the app {agentid}, which does not exist"
    unsent = sa.select(callback.corp_id, sa.func.count()).where(
        callback.state == "delivered", callback.attempts < 1
    )
    for corp_id, count in _rows(tx, unsent.group_by(callback.corp_id)):
        yield f"{corp_id}: {count} callbacks count as delivered, and no attempt was made"
    has_callback = sa.exists().where(
        callback.corp_id == attempt.corp_id,
        callback.id == attempt.callback_id,
        callback.attempts >= attempt.number,
    )
    lost = sa.select(attempt.corp_id, sa.func.count()).where(~has_callback)
    for corp_id, count in _rows(tx, lost.group_by(attempt.corp_id)):
        yield f"{corp_id}: {count} attempts belong to no callback, or are more than it counts"
    if tx.dialect == "postgresql":  # on SQLite the one worker has no row
        lives = sa.exists().where(DELIVERY_WORKER.c.id == endpoint.lease_owner)
        held = sa.select(endpoint.corp_id, endpoint.agentid, endpoint.lease_owner)
        for corp_id, agentid, owner in _rows(tx, held.where(endpoint.lease_owner.is_not(None), ~lives)):
            yield f"{corp_id}: the endpoint of the app {agentid} is held by worker {owner}, which is gone"
