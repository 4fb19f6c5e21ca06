"""Foreign databases are refused before a byte is written, and failed upgrades change nothing."""

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from tests.conftest import ON_POSTGRESQL, Databases, RunningServer
from tests.upgrade.opening import REVISION, create_schema, restore_old_database
from wecom_tollbooth.cli import app
from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import migrate, newest_revision, revisions, safety_copy
from wecom_tollbooth.migrate.table_names import ON_POSTGRESQL_ALONE, tables_at
from wecom_tollbooth.settings import Settings, WrongSetting

ROOT = Path(__file__).resolve().parents[2]
STARTS = (("serve", "--port", "0"), ("demo", "--port", "0"), ("migrate",))
OF_A_PRODUCT = ("CREATE TABLE orders (id INTEGER)", "CREATE TABLE users (id INTEGER)")
only_sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="about the file of SQLite")
only_postgresql = pytest.mark.skipif(not ON_POSTGRESQL, reason="about schemas and extensions of PostgreSQL")


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    """The address of an empty database."""
    made = databases.new_url(migrated=False)
    yield made
    if ON_POSTGRESQL or file_of(made).exists():
        databases.remove(made)


def file_of(url: str) -> Path:
    path = Settings(database_url=url).sqlite_file
    assert path is not None
    return path


@contextmanager
def opened(url: str) -> Iterator[sa.Connection]:
    """A plain connection, without our settings of SQLite."""
    engine = sa.create_engine(Database(Settings(database_url=url)).engine.url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def run(url: str, *statements: str) -> None:
    with opened(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def tables(url: str) -> set[str]:
    with opened(url) as connection:
        return set(sa.inspect(connection).get_table_names())


def values(url: str, query: str) -> list[object]:
    with opened(url) as connection:
        return list(connection.exec_driver_sql(query).scalars())


def refused(url: str, *words: str) -> str:
    ended = CliRunner().invoke(app, [*words, "--database-url", url])
    assert (ended.exit_code, ended.stdout, ended.stderr.count("\n")) == (2, "", 1), ended.output
    return ended.stderr.strip()


def contents(folder: Path) -> dict[str, str]:
    """The files of a folder and their contents, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


# --- another program's -----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", STARTS, ids=lambda words: words[0])
def test_another_programs_database_is_refused_with_the_fix(url: str, words: tuple[str, ...]) -> None:
    run(url, *OF_A_PRODUCT)
    line = refused(url, *words)
    assert line.startswith("tollbooth: command line: --database-url: ")
    assert ": the database holds tables of another program (" in line
    assert "(orders, users)" in line
    assert line.endswith("CREATE DATABASE tollbooth" if ON_POSTGRESQL else "name another file")
    assert tables(url) == {"orders", "users"}


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0025')"),
        ("CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('ae10')"),
        ("CREATE TABLE alembic_version (something TEXT)",),
        ("CREATE TABLE corp (id INTEGER)", "CREATE TABLE app (id INTEGER)", "CREATE TABLE tag (id INTEGER)"),
        ("CREATE TABLE tollbooth_version (version_num TEXT)", *OF_A_PRODUCT),
    ],
    ids=["numbered as ours", "numbered otherwise", "no revision", "our names", "our name alone"],
)
def test_a_database_that_only_resembles_ours_is_refused(url: str, statements: tuple[str, ...]) -> None:
    run(url, *statements)
    before = tables(url)
    assert "tables of another program" in refused(url, "migrate")
    assert tables(url) == before


def test_our_tables_with_another_programs_revision_are_not_ours(url: str) -> None:
    restore_old_database(url)
    run(url, "UPDATE alembic_version SET version_num = 'ae1027a6acf'")
    assert "tables of another program" in refused(url, "migrate")
    assert "tollbooth_version" not in tables(url)


def test_a_newer_programs_database_is_refused(url: str) -> None:
    migrated(url)
    run(url, "UPDATE tollbooth_version SET version_num = '9999'")
    assert "at revision 9999, newer than this program" in refused(url, "migrate")


@only_sqlite
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_refused_file_is_left_as_it_is_and_nothing_beside_it(tmp_path: Path, mode: str) -> None:
    folder = tmp_path / "product"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "product.db")) as product:
        product.execute(f"PRAGMA journal_mode = {mode}")
        product.execute("CREATE TABLE orders (id INTEGER)")
        product.commit()
    before = contents(folder)
    assert list(before) == ["product.db"]
    for words in STARTS:
        refused(f"sqlite:///{folder}/product.db", *words)
    assert contents(folder) == before


@only_sqlite
def test_a_file_that_its_program_has_open_or_was_killed_with_is_read_with_its_log(tmp_path: Path) -> None:
    """Data that is only in the WAL counts; otherwise the database would look empty."""
    at_work, copied = tmp_path / "at_work", tmp_path / "copied"
    for folder in (at_work, copied):
        folder.mkdir()
    with closing(sqlite3.connect(at_work / "product.db")) as product:
        product.execute("PRAGMA journal_mode = wal")
        product.execute("CREATE TABLE orders (id INTEGER)")
        product.commit()
        before = contents(at_work)
        assert sorted(before) == ["product.db", "product.db-shm", "product.db-wal"]
        for name in ("product.db", "product.db-wal"):
            shutil.copyfile(at_work / name, copied / name)
        for folder in (at_work, copied):
            names = contents(folder)
            assert "(orders)" in refused(f"sqlite:///{folder}/product.db", "serve", "--port", "0")
            after = contents(folder)
            assert after.keys() == names.keys()
            assert {after[name] for name in after if name != "product.db-shm"} <= set(names.values())
        product.execute("INSERT INTO orders VALUES (1)")


@only_sqlite
def test_an_empty_file_becomes_ours(url: str) -> None:
    file_of(url).touch()
    assert migrated(url) == newest_revision()


@only_postgresql
def test_extensions_and_other_schemas_do_not_count(url: str) -> None:
    run(
        url,
        "CREATE TABLE spatial_ref_sys (srid INTEGER)",
        "ALTER EXTENSION plpgsql ADD TABLE spatial_ref_sys",
        "CREATE SCHEMA product",
        "CREATE TABLE product.orders (id INTEGER)",
        "CREATE VIEW everything AS SELECT * FROM product.orders",
    )
    done = CliRunner().invoke(app, ["migrate", "--database-url", url])
    assert (done.exit_code, done.stderr) == (0, "")


@only_postgresql
def test_a_separate_schema_in_another_programs_database_is_accepted(url: str) -> None:
    run(url, *OF_A_PRODUCT, 'CREATE SCHEMA "Tollbooth"')
    own = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D%22Tollbooth%22"
    done = CliRunner().invoke(app, ["migrate", "--database-url", own])
    assert (done.exit_code, done.stderr) == (0, "")
    assert tables(url) == {"orders", "users"}
    assert tables(own) >= {"tollbooth_version", "corp"}


# --- ours ------------------------------------------------------------------------------------------------


def migrated(url: str, pool_size: int = 10) -> str:
    database = Database(Settings(database_url=url, pool_size=pool_size))
    try:
        return migrate(database)
    finally:
        database.close()


def test_our_revision_moves_from_alembics_table_into_our_own(url: str) -> None:
    restore_old_database(url)
    migrated(url)
    assert values(url, "SELECT version_num FROM tollbooth_version") == [newest_revision()]
    assert "alembic_version" not in tables(url)
    run(url, "CREATE TABLE alembic_version (v TEXT, CONSTRAINT alembic_version_pkc PRIMARY KEY (v))")
    assert migrated(url) == newest_revision(), "Alembic's own table is for who else needs it"


def test_foreign_tables_beside_ours_start_with_one_warning(url: str) -> None:
    restore_old_database(url)
    run(url, *OF_A_PRODUCT, "INSERT INTO orders VALUES (7)")
    for _ in range(2):
        done = CliRunner().invoke(app, ["migrate", "--database-url", url])
        assert done.exit_code == 0
        told = [line for line in done.stderr.splitlines() if "moving-out" in line]
        assert len(told) == 1
        assert told[0].startswith("tollbooth: command line: --database-url: 数据库里还有别的程序的表")
        assert "(orders, users)" in told[0]
        assert "docs/moving-out.md" in told[0]
    assert values(url, "SELECT id FROM orders") == [7]


def test_only_a_few_of_many_foreign_tables_are_named(url: str) -> None:
    run(url, *(f"CREATE TABLE t{number} (id INTEGER)" for number in range(8)))
    assert "(t0, t1, t2, t3, t4 and 3 more)" in refused(url, "migrate")


def test_the_tables_of_every_revision_are_known_as_ours(url: str) -> None:
    database = Database(Settings(database_url=url))
    for revision in revisions.revisions():
        with database.engine.connect() as connection:
            create_schema(connection, revision)
        known = tables_at(revision) - (set() if ON_POSTGRESQL else ON_POSTGRESQL_ALONE)
        assert tables(url) == known | {"alembic_version"}, revision
    database.close()


def test_a_foreign_table_with_the_name_of_a_newer_table_of_ours_is_reported(url: str) -> None:
    restore_old_database(url)
    run(url, "CREATE TABLE scheduled_task (id INTEGER)")
    ended = CliRunner().invoke(app, ["migrate", "--database-url", url])
    assert "Tables of another program (scheduled_task) are in the same database" in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith(
        "tollbooth: command line: --database-url: the database could not be upgraded to revision "
    )
    assert tables(url) >= {"alembic_version", "due_deed", "scheduled_task"}


@only_postgresql
def test_one_connection_is_enough_to_migrate(url: str) -> None:
    assert migrated(url, pool_size=1) == newest_revision()


# --- copies, and migrations that fail --------------------------------------------------------------------

FAILS = "raise RuntimeError('no such luck')"
COMMITS_AND_FAILS = "op.get_bind().exec_driver_sql('COMMIT')\n    raise RuntimeError('no such luck')"
IS_KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"

MoreMigrations = Callable[[str], Path]


@pytest.fixture
def one_more_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MoreMigrations:
    """`one_more_migration(FAILS)`: a newest one, which changes tables and rows and then does this."""

    def add(last: str) -> Path:
        folder = tmp_path / "migrations"
        shutil.copytree(revisions.FOLDER, folder)
        (folder / "versions" / "9998_more.py").write_text(
            f'from alembic import op\nrevision = "9998"\ndown_revision = "{newest_revision()}"\n\n\n'
            "def upgrade() -> None:\n"
            '    op.drop_table("school_notice")\n'
            "    op.execute(\"UPDATE corp SET name = 'gone'\")\n"
            f"    {last}\n",
            encoding="utf-8",
        )
        monkeypatch.setattr(revisions, "FOLDER", folder)
        return folder

    return add


def state(url: str) -> tuple[set[str], list[object], list[object]]:
    """The tables, the revision as 0.1 wrote it down, and some rows."""
    revision = values(url, "SELECT version_num FROM alembic_version")
    return tables(url), revision, values(url, "SELECT name FROM corp ORDER BY corp_id")


@pytest.mark.parametrize("last", [FAILS, pytest.param(COMMITS_AND_FAILS, marks=only_sqlite)])
def test_a_migration_that_fails_leaves_the_old_database_working(
    url: str, one_more_migration: MoreMigrations, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    restore_old_database(url)
    before = state(url)
    good = revisions.FOLDER
    one_more_migration(last)
    with pytest.raises(WrongSetting) as stopped:
        migrated(url)
    told = str(stopped.value)
    assert "could not be upgraded to revision 9998 and is as it was before: no such luck; report it" in told
    assert "\n" not in told
    assert state(url) == before
    if not ON_POSTGRESQL:
        assert copies_beside(url) == []
    monkeypatch.setattr(revisions, "FOLDER", good)
    assert migrated(url) == newest_revision()
    assert values(url, "SELECT name FROM corp ORDER BY corp_id") == before[2]


@only_sqlite
def test_a_migration_that_is_killed_leaves_the_old_file_and_the_copy(
    url: str, one_more_migration: MoreMigrations
) -> None:
    restore_old_database(url)
    before = state(url)
    folder = one_more_migration(IS_KILLED)
    script = f"""
from pathlib import Path
from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import migrate, revisions
from wecom_tollbooth.migrate.table_names import ON_POSTGRESQL_ALONE, tables_at
from wecom_tollbooth.settings import Settings
revisions.FOLDER = Path({str(folder)!r})
migrate(Database(Settings(database_url={url!r})))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "app")}
    ended = subprocess.run([sys.executable, "-c", script], env=environment, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert state(url) == before
    (copy,) = copies_beside(url)
    assert state(f"sqlite:///{copy}") == before


def copies_beside(url: str) -> list[Path]:
    path = file_of(url)
    return sorted(path.parent.glob(f"{path.stem}.*-*{path.suffix}*"))


@only_sqlite
def test_the_file_is_copied_aside_before_its_schema_changes(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    restore_old_database(url)
    file_of(url).chmod(0o640)
    before = state(url)
    migrated(url)
    (copy,) = copies_beside(url)
    assert copy.name.startswith(f"{file_of(url).stem}.{REVISION}-20")
    assert copy.stat().st_mode & 0o777 == 0o640
    assert state(f"sqlite:///{copy}") == before
    (told,) = [record.getMessage() for record in caplog.records if record.name == "tollbooth.database"]
    assert told.endswith(f"is kept as {copy}")
    migrated(url)
    assert copies_beside(url) == [copy], "nothing changes, so nothing is copied"


@only_sqlite
def test_a_new_file_needs_no_copy(url: str) -> None:
    migrated(url)
    assert copies_beside(url) == []


@only_sqlite
def test_without_room_for_the_copy_nothing_is_upgraded(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    restore_old_database(url)
    before = state(url)

    def is_full(_source: Path, target: Path) -> None:
        target.write_bytes(b"half of it")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(safety_copy, "_copy", is_full)
    with pytest.raises(WrongSetting, match=r"could not be copied to .*disk is full; make room there"):
        migrated(url)
    assert state(url) == before
    assert copies_beside(url) == []


@only_sqlite
def test_a_server_says_where_the_copy_is(url: str, caplog: pytest.LogCaptureFixture) -> None:
    restore_old_database(url)
    server = RunningServer(Settings(database_url=url))
    server.stop()
    assert [record for record in caplog.records if str(copies_beside(url)[0]) in record.getMessage()]
