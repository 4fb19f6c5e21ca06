"""The database: one transaction a call, on SQLite inline and on PostgreSQL from a pool.

There are two ways to use it, over the same connection and in the same transaction:

- `tx.session` and `tx.execute(...)`: SQLModel and SQLAlchemy, where readability matters more than speed; -
`CompiledStatement(select(...))`: a Core statement that is compiled once per database and runs on the driver's
  own cursor. Rows are plain tuples. Columns that need conversion (JsonText) arrive as the text they are.

SQLite: the driver's implicit transactions are switched off (releasing a savepoint would commit), and each
transaction starts with BEGIN IMMEDIATE. There is one connection, used by one thread at a time.
"""

from wecom_tollbooth.db.bulk import insert_tuples
from wecom_tollbooth.db.errors import (
    DatabaseBusy,
    StartOver,
    is_conflict,
    is_duplicate,
    is_from_driver,
    is_locked,
    is_unavailable,
    is_unkeepable,
)
from wecom_tollbooth.db.readings import reading
from wecom_tollbooth.db.schema import OUTLIVES_CORP, JsonText, table_of, unique_where
from wecom_tollbooth.db.session_locks import SessionLock
from wecom_tollbooth.db.slices import (
    MAX_ATTEMPTS,
    Slices,
    Work,
    in_transaction,
    may_succeed_again,
    run_in,
    run_slices,
)
from wecom_tollbooth.db.statements import (
    CompiledStatement,
    insert_into,
    insert_missing,
    json_list,
    upsert,
)
from wecom_tollbooth.db.transactions import (
    BUSY_PAUSE_SECONDS,
    BUSY_SECONDS,
    ID_BLOCK,
    Database,
    IdBlock,
    OutOfIds,
    Transaction,
)

__all__ = [
    "BUSY_PAUSE_SECONDS",
    "BUSY_SECONDS",
    "ID_BLOCK",
    "MAX_ATTEMPTS",
    "OUTLIVES_CORP",
    "CompiledStatement",
    "Database",
    "DatabaseBusy",
    "IdBlock",
    "JsonText",
    "OutOfIds",
    "SessionLock",
    "Slices",
    "StartOver",
    "Transaction",
    "Work",
    "in_transaction",
    "insert_into",
    "insert_missing",
    "insert_tuples",
    "is_conflict",
    "is_duplicate",
    "is_from_driver",
    "is_locked",
    "is_unavailable",
    "is_unkeepable",
    "json_list",
    "may_succeed_again",
    "reading",
    "run_in",
    "run_slices",
    "table_of",
    "unique_where",
    "upsert",
]
