"""The database: one transaction a call, on SQLite inline and on PostgreSQL from a pool.

Two ways to speak to it, over the same connection and in the same transaction:

- `tx.session` and `tx.execute(...)`: SQLModel and SQLAlchemy, where it reads better and is not hot;
- `Hot(select(...))`: a Core statement that is compiled once per database and then runs on the driver's
  own cursor. Rows are plain tuples. Columns that need conversion (JsonText) arrive as the text they are.

SQLite: the driver's implicit transactions are switched off (releasing a savepoint would commit), and each
transaction starts with BEGIN IMMEDIATE. There is one connection, used by one thread at a time.
"""

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Self

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from wecom_tollbooth.settings import Settings, WrongSetting

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

# pydantic never validates tables, so that a start need not wait until it could.
SQLModel.model_config["defer_build"] = True

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


def table_of(model: type[SQLModel]) -> sa.Table:
    """The Core table behind a model."""
    table = model.__dict__["__table__"]
    assert isinstance(table, sa.Table)
    return table


def unique_where(where: str, name: str, *columns: str) -> sa.Index:
    """A unique index over those rows that fit `where`.

    It says so to SQLite alone: PostgreSQL has its indexes from the migrations, and to give its option here
    would load all of its dialect at each start.
    """
    return sa.Index(name, *columns, unique=True, sqlite_where=sa.text(where))


def insert_into(dialect: str, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
    """INSERT that can go on with `on_conflict_do_…`, which SQLite and PostgreSQL both have."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # no start on SQLite waits for it

    return postgresql.insert(table)


def json_list(dialect: str, name: str) -> sa.Select[tuple[str]]:
    """The texts of the parameter `name`, a JSON list: as many as there are, for `column.in_(...)`."""
    given = sa.bindparam(name, type_=sa.Text)
    texts = (
        sa.func.json_array_elements_text(sa.cast(given, sa.JSON))
        if dialect == "postgresql"
        else sa.func.json_each(given)
    )
    return sa.select(texts.table_valued("value").c.value)


def upsert(dialect: str, table: sa.Table, keys: Sequence[str]) -> Insert:
    """INSERT of all columns of `table` that replaces the row with the same `keys`."""
    row = insert_into(dialect, table).values(
        {column.name: sa.bindparam(column.name) for column in table.columns}
    )
    others = {column.name: row.excluded[column.name] for column in table.columns if column.name not in keys}
    return row.on_conflict_do_update(index_elements=list(keys), set_=others)


def insert_missing(dialect: str, table: sa.Table) -> Insert:
    """INSERT of all columns of `table` that leaves a row with the same primary key alone."""
    row = insert_into(dialect, table).values(
        {column.name: sa.bindparam(column.name) for column in table.columns}
    )
    return row.on_conflict_do_nothing()


def is_conflict(error: Exception) -> bool:
    """Whether another transaction got in between, so that trying once more may well succeed."""
    return _kind(error) in {"UniqueViolation", "SerializationFailure", "DeadlockDetected"}


def is_duplicate(error: Exception) -> bool:
    """Whether a row of the same key was there. PostgreSQL then wants the transaction rolled back."""
    return _kind(error) in {"UniqueViolation", "IntegrityError"}


def is_locked(error: Exception) -> bool:
    """Whether a SELECT … FOR UPDATE NOWAIT found its row taken by another transaction."""
    return _kind(error) == "LockNotAvailable"


def _kind(error: Exception) -> str:
    """The name of the driver's own error, also behind SQLAlchemy's."""
    return type(getattr(error, "orig", error)).__name__


class CompiledStatement:
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
        arrange = _by_name(literals) if order is None else _by_place(order, literals)
        self._compiled[dialect.name] = (str(compiled), arrange)
        return self._compiled[dialect.name]


def _by_name(literals: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    """From the parameters of a call to what a driver with named placeholders takes."""
    return literals.__or__ if literals else lambda params: params


def _by_place(order: Sequence[str], literals: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    """From the parameters of a call to what a driver with placeholders in order takes."""
    if not order:
        return lambda params: ()
    # itemgetter makes a tuple from two names on.
    pick = itemgetter(*order) if len(order) > 1 else lambda params: (params[order[0]],)
    return (lambda params: pick(literals | params)) if literals else pick


class OutOfIds(Exception):
    """A transaction wants more ids than are reserved: restart() it and call reserve_ids()."""


class Transaction:
    """One transaction: `with database.transaction() as tx:` commits at the block's end, or rolls back."""

    connection: sa.Connection
    driver: Any
    cursor: Any

    def __init__(self, database: "Database") -> None:
        self.database = database
        self.engine = database.engine
        self.dialect = database.dialect

    def __enter__(self) -> Self:
        self.connection, self.driver = self.database.borrow()
        try:
            self.cursor = self.driver.cursor()
            self.begin()
        except BaseException:
            self.database.give_back(self.connection, self.driver)
            raise
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        committed = False
        try:
            if error is None:
                self.commit()
                committed = True
        finally:
            try:
                if not committed:
                    self.rollback()
            finally:
                self.database.give_back(self.connection, self.driver)

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
        """Makes room for a transaction that takes up to `count` ids. Only at its begin: it commits."""
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
        self._sqlite_connection: tuple[sa.Connection, Any] | None = None

    @property
    def inline(self) -> bool:
        """True where calls run on the event loop itself: the database is in the process."""
        return self.dialect == "sqlite"

    def transaction(self) -> Transaction:
        """One transaction, for a `with` block; at least half a block of ids is there to be taken."""
        if self._next_id + ID_BLOCK // 2 > self._last_id:
            self._reserve_ids()
        return Transaction(self)

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
            self._sqlite_connection[0].close()
            self._sqlite_connection = None
        self.engine.dispose()

    def borrow(self) -> tuple[sa.Connection, Any]:
        """A connection, and the driver's own behind it. SQLite has one: who comes second waits."""
        if self.dialect != "sqlite":
            return _with_driver(self.engine.connect())
        self._sqlite_lock.acquire()
        try:
            if self._sqlite_connection is None:
                self._sqlite_connection = _with_driver(self.engine.connect())
            return self._sqlite_connection
        except BaseException:
            self._sqlite_lock.release()
            raise

    def give_back(self, connection: sa.Connection, driver: Any) -> None:
        if self.dialect == "sqlite":
            self._sqlite_lock.release()
            return
        if driver.closed:
            # PostgreSQL was restarted, or ended the session: the pool's other connections are as dead.
            connection.invalidate()
            self.engine.dispose()
        connection.close()

    def _reserve_ids(self, count: int = ID_BLOCK) -> None:
        # A transaction of its own: ids that were handed out must not come back with a rollback.
        with Transaction(self) as tx:
            tx.reserve_ids(count)

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


def _with_driver(connection: sa.Connection) -> tuple[sa.Connection, Any]:
    return connection, connection.connection.driver_connection


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
        # Every 80 MB instead of 4: a checkpoint waits for the disk, and meanwhile no call is answered. The
        # pages that every call writes anew, of ledger, totals and journal, are then copied the more seldom.
        connection.execute("PRAGMA wal_autocheckpoint = 20000")
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
