"""The database: one transaction a call, on SQLite inline and on PostgreSQL from a pool.

Two ways to speak to it, over the same connection and in the same transaction:

- `tx.session` and `tx.execute(...)`: SQLModel and SQLAlchemy, where it reads better and is not hot;
- `Hot(select(...))`: a Core statement that is compiled once per database and then runs on the driver's
  own cursor. Rows are plain tuples. Columns that need conversion (JsonText) arrive as the text they are.

SQLite: the driver's implicit transactions are switched off (releasing a savepoint would commit), and each
transaction starts with BEGIN IMMEDIATE. There is one connection, used by one thread at a time.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session

from app.settings import Settings, WrongSetting

ID_BLOCK = 1_000
CONNECT_SECONDS = 10
"""How long a PostgreSQL that does not answer is waited for, unless its address says connect_timeout=."""


class JsonText(TypeDecorator[Any]):
    """A JSON value kept as text, so that a hot statement can pass it on without parsing it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return None if value is None else orjson.loads(value)


def upsert(dialect: str, table: sa.Table, keys: Sequence[str]) -> Insert:
    """INSERT of all columns of `table` that replaces the row with the same `keys`."""
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    row = insert.values({column.name: sa.bindparam(column.name) for column in table.columns})
    others = {column.name: row.excluded[column.name] for column in table.columns if column.name not in keys}
    return row.on_conflict_do_update(index_elements=list(keys), set_=others)


def insert_missing(dialect: str, table: sa.Table) -> Insert:
    """INSERT of all columns of `table` that leaves a row with the same primary key alone."""
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    row = insert.values({column.name: sa.bindparam(column.name) for column in table.columns})
    return row.on_conflict_do_nothing()


def lost_a_race(error: Exception) -> bool:
    """Whether another transaction got in between, so that trying once more may well succeed."""
    return _kind(error) in {"UniqueViolation", "SerializationFailure", "DeadlockDetected"}


def is_locked(error: Exception) -> bool:
    """Whether a SELECT … FOR UPDATE NOWAIT found its row taken by another transaction."""
    return _kind(error) == "LockNotAvailable"


def _kind(error: Exception) -> str:
    """The name of the driver's own error, also behind SQLAlchemy's."""
    return type(getattr(error, "orig", error)).__name__


class Hot:
    """A statement that is compiled once and run on the driver's cursor.

    `Hot(select(...).where(t.c.corp_id == bindparam("corp_id"))).one(tx, corp_id="ww1")`.
    Where the databases differ, pass a function from the dialect's name to the statement.
    """

    def __init__(self, statement: sa.ClauseElement | Callable[[str], sa.ClauseElement]) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {}

    def one(self, tx: "Transaction", **params: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        row: tuple[Any, ...] | None = self._run(tx, params).fetchone()
        return row

    def all(self, tx: "Transaction", **params: Any) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._run(tx, params).fetchall()
        return rows

    def run(self, tx: "Transaction", **params: Any) -> int:
        """Executes, and tells how many rows it touched."""
        count: int = self._run(tx, params).rowcount
        return count

    def many(self, tx: "Transaction", rows: Sequence[dict[str, Any]]) -> None:
        """Executes once for each of `rows`."""
        if rows:
            sql, arrange = self._compiled.get(tx.dialect) or self._compile(tx)
            tx.cursor.executemany(sql, [arrange(row) for row in rows])

    def _run(self, tx: "Transaction", params: dict[str, Any]) -> Any:
        sql, arrange = self._compiled.get(tx.dialect) or self._compile(tx)
        return tx.cursor.execute(sql, arrange(params))

    def _compile(self, tx: "Transaction") -> tuple[str, Callable[[dict[str, Any]], Any]]:
        dialect = tx.engine.dialect
        statement = self._statement(dialect.name) if callable(self._statement) else self._statement
        compiled = statement.compile(dialect=dialect)
        literals = {name: value for name, value in compiled.params.items() if value is not None}
        order = getattr(compiled, "positiontup", None)
        arrange: Callable[[dict[str, Any]], Any]
        if order is not None:

            def arrange(params: dict[str, Any]) -> Any:
                return tuple([params[name] if name in params else literals[name] for name in order])
        elif literals:

            def arrange(params: dict[str, Any]) -> Any:
                return literals | params
        else:

            def arrange(params: dict[str, Any]) -> Any:
                return params

        self._compiled[dialect.name] = (str(compiled), arrange)
        return self._compiled[dialect.name]


class OutOfIds(Exception):
    """A transaction wants more ids than are reserved: restart() it and call reserve_ids()."""


class Transaction:
    """One open transaction. `Database.transaction()` makes it; leaving the block commits or rolls back."""

    def __init__(self, database: "Database", connection: sa.Connection) -> None:
        self.database = database
        self.engine = database.engine
        self.dialect = database.dialect
        self.connection = connection
        driver: Any = connection.connection.driver_connection
        self.driver = driver
        self.cursor: Any = driver.cursor()

    @cached_property
    def session(self) -> Session:
        """The ORM over this transaction. It is flushed when the transaction commits."""
        return Session(bind=self.connection, expire_on_commit=False)

    def execute(self, statement: sa.Executable, params: Any = None) -> sa.CursorResult[Any]:
        """Runs a Core statement; pending ORM changes are flushed first, so it sees them."""
        if "session" in self.__dict__:
            self.session.flush()
        return self.connection.execute(statement, params)

    def next_id(self) -> int:
        """A number that no other row of this database has; rising within one process."""
        return self.database.next_id()

    def begin(self) -> None:
        if self.dialect == "sqlite":
            self.cursor.execute("BEGIN IMMEDIATE")

    def flush(self) -> None:
        if "session" in self.__dict__:
            self.session.flush()

    def commit(self) -> None:
        self.flush()
        if self.dialect == "sqlite":
            self.cursor.execute("COMMIT")
        else:
            self.driver.commit()
        self._forget()

    def rollback(self) -> None:
        if self.dialect == "sqlite":
            if self.driver.in_transaction:
                self.cursor.execute("ROLLBACK")
        else:
            self.driver.rollback()
        self._forget()

    def restart(self) -> None:
        """Undoes all that was done so far and begins anew, so that a refusal leaves only its record."""
        self.rollback()
        self.begin()

    def reserve_ids(self, count: int) -> None:
        """Makes room for a transaction that takes up to `count` ids. Only right after restart(): it commits."""
        self.database.take_ids(self, count)
        self.begin()

    def _forget(self) -> None:
        """Ends SQLAlchemy's own view of a transaction that the driver has already ended."""
        session = self.__dict__.pop("session", None)
        if session is not None:
            session.expunge_all()
            session.close()
        if self.connection.in_transaction():
            self.connection.rollback()


class Database:
    """The engine, and the blocks of ids that `next_id` hands out."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.dialect = "sqlite" if settings.is_sqlite else "postgresql"
        self.engine = _sqlite_engine(settings) if settings.is_sqlite else _postgresql_engine(settings)
        self._next_id = self._last_id = 0
        self._id_lock = threading.Lock()
        self._sqlite_lock = threading.RLock()
        self._sqlite_connection: sa.Connection | None = None

    @property
    def inline(self) -> bool:
        """True where calls run on the event loop itself: the database is in the process."""
        return self.dialect == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        if self._next_id + ID_BLOCK // 2 > self._last_id:
            self._reserve_ids()
        with self._connection() as connection:
            tx = Transaction(self, connection)
            tx.begin()
            try:
                yield tx
                tx.commit()
            except BaseException:
                tx.rollback()
                raise

    def next_id(self) -> int:
        with self._id_lock:
            if self._next_id >= self._last_id:
                raise OutOfIds
            self._next_id += 1
            return self._next_id

    def reserve_ids(self, count: int) -> None:
        """Makes room for a transaction that takes up to `count` ids, such as a seed."""
        self._reserve_ids(count + ID_BLOCK)

    def close(self) -> None:
        if self._sqlite_connection is not None:
            self._sqlite_connection.close()
            self._sqlite_connection = None
        self.engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        if self.dialect == "sqlite":
            with self._sqlite_lock:
                if self._sqlite_connection is None:
                    self._sqlite_connection = self.engine.connect()
                yield self._sqlite_connection
        else:
            with self.engine.connect() as connection:
                yield connection

    def _reserve_ids(self, count: int = ID_BLOCK) -> None:
        # A transaction of its own: ids that were handed out must not come back with a rollback.
        with self._connection() as connection:
            tx = Transaction(self, connection)
            tx.begin()
            self.take_ids(tx, count)

    def take_ids(self, tx: Transaction, count: int) -> None:
        """Reserves the next `count` ids for this process and commits `tx`, which has done nothing else."""
        tx.cursor.execute(
            f"UPDATE id_block SET reserved_to = reserved_to + {int(count)} "
            "WHERE name = 'row' RETURNING reserved_to"
        )
        last: int = tx.cursor.fetchone()[0]
        tx.commit()
        with self._id_lock:
            if last < self._last_id:
                return  # another thread has taken a later block meanwhile
            if self._last_id != last - count:
                self._next_id = last - count
            # Else the new block goes on where the old one ends: with one process ids have no gaps, so they
            # do not depend on which thread happened to reserve when.
            self._last_id = last


def _sqlite_engine(settings: Settings) -> sa.Engine:
    engine = sa.create_engine(
        settings.database_url,
        poolclass=sa.StaticPool,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 10},
    )

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {settings.sqlite_synchronous.upper()}")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("PRAGMA temp_store = MEMORY")

    return engine


def _postgresql_engine(settings: Settings) -> sa.Engine:
    _, _, rest = settings.database_url.partition("://")
    try:
        return sa.create_engine(
            f"postgresql+psycopg://{rest}",
            connect_args={} if "connect_timeout=" in rest else {"connect_timeout": CONNECT_SECONDS},
            pool_size=settings.pool_size,
            max_overflow=0,
            pool_reset_on_return=None,
        )
    except ModuleNotFoundError:
        raise WrongSetting(
            f"{settings.named('database_url')}: PostgreSQL needs its driver; "
            "pip install 'wecom-tollbooth[postgres]'"
        ) from None
