"""`tollbooth backup`, `restore` and `check`, on SQLite beside a running server and without one."""

import resource
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import ON_POSTGRESQL, Databases
from tests.upgrade.opening import restore_old_database
from wecom_tollbooth.backup import copies
from wecom_tollbooth.cli import app
from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import newest_revision
from wecom_tollbooth.settings import Settings

only_sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="about a file of SQLite")


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def run(*words: str, url: str) -> Result:
    done = CliRunner().invoke(app, [*words, "--database-url", url])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def done(*words: str, url: str) -> str:
    ended = run(*words, url=url)
    assert (ended.exit_code, ended.stderr) == (0, ""), ended.output
    return ended.stdout


def failed(*words: str, url: str) -> str:
    ended = run(*words, url=url)
    assert ended.exit_code in (1, 2)
    assert ended.stderr.startswith("tollbooth: ")
    assert ended.stderr.count("\n") == 1
    return ended.stderr.removeprefix("tollbooth: ").strip()


def query(file: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute(statement).fetchall()
        database.commit()
        return rows


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def file(databases: Databases, tmp_path: Path) -> Path:
    """A migrated file, alone in its folder."""
    if ON_POSTGRESQL:
        return tmp_path / "world.db"
    path = tmp_path / "world" / "world.db"
    path.parent.mkdir()
    Path(databases.new_url().removeprefix("sqlite:///")).rename(path)
    return path


@only_sqlite
def test_a_backup_beside_a_writing_server_is_one_consistent_state(
    start_server: Any, file: Path, tmp_path: Path
) -> None:
    server = start_server(database_url=url_of(file))
    corp = server.make_corp(seed="demo")
    wecom = corp.client()
    answered: list[int] = []
    stopping = threading.Event()

    def call() -> None:
        while not stopping.is_set():
            reply = wecom.get("externalcontact/list", userid="zhangsan")
            assert reply["errcode"] == 0
            answered.append(1)

    caller = threading.Thread(target=call)
    caller.start()
    try:
        for number in range(3):
            before = len(answered)
            copy = tmp_path / f"{number}.db"
            assert f"revision {newest_revision()}" in done("backup", str(copy), url=url_of(file))
            booked = "SELECT count(*) FROM usage_record WHERE operation LIKE '%/externalcontact/list'"
            assert query(copy, booked)[0][0] >= before
            assert done("check", url=url_of(copy)).count("正常 ok") == 5
            assert query(copy, "PRAGMA journal_mode") == [("delete",)]
    finally:
        stopping.set()
        caller.join()
    assert len(answered) > 3
    assert names(tmp_path) == {"world"} | {f"{number}.db" for number in range(3)}


@only_sqlite
def test_a_backup_contains_the_wal_and_a_copy_of_the_file_does_not(
    start_server: Any, file: Path, tmp_path: Path
) -> None:
    server = start_server(database_url=url_of(file))
    server.make_corp()
    shutil.copyfile(file, tmp_path / "alone.db")
    done("backup", str(tmp_path / "backup.db"), url=url_of(file))
    count = "SELECT count(*) FROM corp"
    assert query(tmp_path / "alone.db", count) == [(0,)]
    assert query(tmp_path / "backup.db", count) == [(1,)]


@only_sqlite
def test_a_backup_overwrites_a_file_only_with_the_option(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "backup.db"
    copy.write_text("precious")
    assert failed("backup", str(copy), url=url_of(file)).startswith(f"{copy}: is there already; name a new")
    assert copy.read_text() == "precious"
    done("backup", str(copy), "--overwrite", url=url_of(file))
    assert query(copy, "SELECT version_num FROM tollbooth_version") == [(newest_revision(),)]
    assert "the database itself" in failed("backup", str(file), "--overwrite", url=url_of(file))


@only_sqlite
def test_leftovers_of_a_killed_backup_do_not_block_the_next(file: Path, tmp_path: Path) -> None:
    (tmp_path / "backup.db.partial").write_bytes(b"half of it" * 1_000)
    (tmp_path / "backup.db.partial-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 1_000)
    done("backup", str(tmp_path / "backup.db"), url=url_of(file))
    assert names(tmp_path) == {"world", "backup.db"}
    assert done("check", url=url_of(tmp_path / "backup.db")).count("正常 ok") == 5


@only_sqlite
def test_a_backup_without_room_leaves_nothing(file: Path, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        line = failed("backup", str(tmp_path / "backup.db"), url=url_of(file))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert line.startswith(f"{tmp_path}/backup.db: disk I/O error; make room on its disk")
    assert names(tmp_path) == {"world"}


@only_sqlite
def test_a_foreign_database_is_not_backed_up(tmp_path: Path) -> None:
    copy = str(tmp_path / "backup.db")
    assert "there is no tollbooth data in it" in failed("backup", copy, url=url_of(tmp_path / "none.db"))
    query(tmp_path / "product.db", "CREATE TABLE orders (id INTEGER)")
    assert "tables of another program (orders)" in failed("backup", copy, url=url_of(tmp_path / "product.db"))
    assert "PostgreSQL has no file; use pg_dump" in failed("backup", copy, url="postgresql://127.0.0.1/x")
    assert names(tmp_path) == {"product.db"}


# --- restore ---------------------------------------------------------------------------------------------


@only_sqlite
def test_a_restore_waits_until_no_server_holds_the_file_and_keeps_what_it_replaces(
    start_server: Any, file: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "backup.db"
    server = start_server(database_url=url_of(file))
    old = server.make_corp().corpid
    done("backup", str(copy), url=url_of(file))
    new = server.make_corp().corpid
    assert "is in use by another tollbooth" in failed("restore", str(copy), url=url_of(file))
    shutil.copytree(file.parent, tmp_path / "killed")  # as SIGKILL leaves it: the new corp is in the log
    server.stop()

    killed = tmp_path / "killed" / "world.db"
    told = done("restore", str(copy), url=url_of(killed))
    corps = "SELECT corp_id FROM corp ORDER BY created_at, corp_id"
    assert query(killed, corps) == [(old,)]
    (aside,) = killed.parent.glob("world.replaced-*Z.db")
    assert str(aside) in told
    assert sorted(query(aside, corps)) == sorted([(old,), (new,)])
    again = start_server(database_url=url_of(killed))
    assert [corp["corpid"] for corp in again.sim.get("/corps").json()["corps"]] == [old]
    assert done("check", url=url_of(killed)).count("正常 ok") == 5


@only_sqlite
def test_a_restore_through_a_symlink_replaces_the_file_and_not_the_link(file: Path, tmp_path: Path) -> None:
    copy, link = tmp_path / "backup.db", tmp_path / "link.db"
    done("backup", str(copy), url=url_of(file))
    link.symlink_to(file)
    query(file, "UPDATE sim_clock SET shift = 7")
    done("restore", str(copy), url=url_of(link))
    assert link.is_symlink()
    assert query(file, "SELECT shift FROM sim_clock") == [(0,)]


@only_sqlite
def test_a_restore_needs_no_database_that_was_there(file: Path, tmp_path: Path) -> None:
    assert "原数据库" not in done("restore", str(file), url=url_of(tmp_path / "new.db"))
    assert done("check", url=url_of(tmp_path / "new.db")).count("正常 ok") == 5


@only_sqlite
def test_a_backup_of_an_older_version_is_upgraded_at_the_next_start(
    start_server: Any, file: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.db"
    restore_old_database(url_of(old))
    told = done("restore", str(old), url=url_of(file))
    assert newest_revision() not in told
    server = start_server(database_url=url_of(file))
    assert server.sim.get("/corps").json()["corps"]
    assert query(file, "SELECT version_num FROM tollbooth_version") == [(newest_revision(),)]


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    def contents() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}

    before = contents()
    yield
    assert contents() == before


@only_sqlite
def test_an_incomplete_backup_replaces_nothing(file: Path, tmp_path: Path) -> None:
    def refused(source: Path) -> str:
        with unchanged(file.parent):
            line = failed("restore", str(source), url=url_of(file))
        assert line.startswith(f"{source}: ")
        return line

    copy = tmp_path / "backup.db"
    done("backup", str(copy), url=url_of(file))
    newer, damaged, cut, letter = (tmp_path / name for name in ("newer", "damaged", "cut", "letter"))
    for one in (newer, damaged, cut):
        shutil.copyfile(copy, one)
    query(newer, "UPDATE tollbooth_version SET version_num = '9999'")
    (page,) = query(copy, "SELECT rootpage FROM sqlite_master WHERE name = 'usage_record'")[0]
    with damaged.open("r+b") as written:
        written.seek((page - 1) * 4096)
        written.write(b"\xaa" * 4096)
    with cut.open("r+b") as written:
        written.truncate(copy.stat().st_size // 2)
    letter.write_text("a letter " * 100)
    query(tmp_path / "product.db", "CREATE TABLE orders (id INTEGER)")
    assert "revision 9999, newer than this program" in refused(newer)
    assert "it is damaged: " in refused(damaged)
    assert "; name a" in refused(cut)
    assert "file is not a database; name a file that `tollbooth backup`" in refused(letter)
    assert "there is no tollbooth data in it" in refused(tmp_path / "product.db")
    assert "no such file" in refused(tmp_path / "nothing.db")
    assert "the database itself" in refused(file)
    with unchanged(tmp_path / "world"):
        assert "tables of another program (orders)" in failed(
            "restore", str(copy), url=url_of(tmp_path / "product.db")
        )


@only_sqlite
def test_a_broken_database_is_kept_and_replaced(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "backup.db"
    done("backup", str(copy), url=url_of(file))
    broken = b"broken" * 2_000
    file.write_bytes(broken)
    done("restore", str(copy), url=url_of(file))
    (aside,) = file.parent.glob("world.replaced-*")
    assert aside.read_bytes() == broken
    assert done("check", url=url_of(file)).count("正常 ok") == 5


@only_sqlite
def test_a_restore_that_fails_at_its_last_step_leaves_the_database(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "backup.db"
    done("backup", str(copy), url=url_of(file))
    query(file, "UPDATE sim_clock SET shift = 7")

    def is_full(_: Path) -> Path | None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "_set_aside", is_full)
    assert "No space left on device; make room" in failed("restore", str(copy), url=url_of(file))
    assert query(file, "SELECT shift FROM sim_clock") == [(7,)]
    assert {name for name in names(file.parent) if "restoring" in name or "partial" in name} == set()


# --- check -----------------------------------------------------------------------------------------------


def faulty(url: str, part: str) -> list[str]:
    """The findings of one part of `tollbooth check`, the others being sound."""
    ended = run("check", url=url)
    assert ended.exit_code == 1
    lines = ended.stdout.splitlines()
    heads = [line for line in lines if not line.startswith("  ")]
    assert [head for head in heads if "正常 ok" not in head] == [head for head in heads if part in head]
    assert ended.stderr.endswith("restore a backup: `tollbooth restore FILE`\n")
    return [line.strip() for line in lines if line.startswith("  ")]


@pytest.mark.parametrize(
    ("part", "damage", "told"),
    [
        ("Ledger", "UPDATE usage_total SET quantity = quantity + 1", "more than their total"),
        ("Rows of corps", "DELETE FROM corp", "of the corp ww"),
        ("Outbox", "UPDATE callback SET state = 'lost'", "callbacks have the state 'lost', and only"),
        (
            "Outbox",
            "UPDATE callback SET agentid = 1, state = 'waiting'",
            "wait for the app 1, which",
        ),
        ("Outbox", "UPDATE callback SET attempts = 0, state = 'delivered'", "count as delivered, and no"),
    ],
    ids=lambda value: value if " " not in value else "",
)
def test_a_check_names_what_is_wrong(
    start_server: Any, databases: Databases, part: str, damage: str, told: str
) -> None:
    url = databases.new_url()
    server = start_server(database_url=url)
    corp = server.make_corp(seed="demo")
    corp.client()
    server.sim.post(
        f"/corps/{corp.corpid}/acts", json={"act": "member_adds_customer", "userid": "zhangsan"}
    ).raise_for_status()
    assert run("check", url=url).exit_code == 0
    server.stop()
    database = Database(Settings(database_url=url))
    with database.transaction() as tx:
        tx.connection.exec_driver_sql(damage)
    database.close()
    findings = faulty(url, part)
    assert any(told in finding for finding in findings), findings


@only_sqlite
def test_a_check_finds_damaged_pages(file: Path) -> None:
    (page,) = query(file, "SELECT rootpage FROM sqlite_master WHERE name = 'product_album'")[0]
    with file.open("r+b") as written:
        written.seek((page - 1) * 4096)
        written.write(b"\xaa" * 4096)
    ended = run("check", url=url_of(file))
    assert ended.exit_code == 1
    assert "Database file  1 处问题" in ended.stdout
    assert "malformed; restore a backup" in ended.stdout


def test_a_check_asks_for_the_present_schema(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    restore_old_database(url_of(old))
    assert "; check it after `tollbooth migrate`" in failed("check", url=url_of(old))
