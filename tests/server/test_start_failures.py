"""Every failed start is one line on stderr, without a traceback: what it is about, the reason, the fix."""

import logging
import os
import resource
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from typer.testing import CliRunner

from tests.conftest import running_postgresql
from tests.savings import migrated
from wecom_tollbooth.cli import app
from wecom_tollbooth.migrate import newest_revision

SERVE = ("serve", "--port", "0")
STARTS = (SERVE, ("demo", "--port", "0", "--customers", "0"), ("migrate",))
NOBODY = 65534
LONG = "a letter, and longer than a header of SQLite is " * 20


@dataclass
class Failure:
    """What goes wrong: `arrange` runs in the folder, opens what the start then finds, returns settings."""

    arrange: Callable[[Path, ExitStack], dict[str, str]]
    told: tuple[str, ...]
    """Parts of the line, in their order."""
    starts: tuple[tuple[str, ...], ...] = STARTS
    code: int = 2


@contextmanager
def others_silent() -> Iterator[None]:
    """The servers of other tests run in this process too, and would log what happens to them."""
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def without_rights() -> Iterator[None]:
    """As a user who may not do everything, where the suite runs as root."""
    if os.geteuid() != 0:
        yield
        return
    with others_silent():
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """A limit on the size of files, in the place of a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with others_silent():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def at(url: str) -> dict[str, str]:
    return {"TOLLBOOTH_DATABASE_URL": url}


def no_such_folder(folder: Path, _: ExitStack) -> dict[str, str]:
    return at("sqlite:///nowhere/world.db")


def a_folder_in_which_nothing_may_be_made(folder: Path, stack: ExitStack) -> dict[str, str]:
    (folder / "closed").mkdir(mode=0o555)
    stack.enter_context(without_rights())
    return at("sqlite:///closed/world.db")


def a_folder(folder: Path, _: ExitStack) -> dict[str, str]:
    (folder / "world.db").mkdir()
    return at("sqlite:///world.db")


def another_file(folder: Path, _: ExitStack) -> dict[str, str]:
    (folder / "letter.txt").write_text(LONG)
    return at("sqlite:///letter.txt")


def a_file_that_may_not_be_read(folder: Path, stack: ExitStack) -> dict[str, str]:
    migrated(folder / "world.db").chmod(0)
    folder.chmod(0o777)
    (folder / "world.db.lock").unlink()
    stack.enter_context(without_rights())
    return at("sqlite:///world.db")


def a_file_that_may_not_be_written(folder: Path, stack: ExitStack) -> dict[str, str]:
    migrated(folder / "world.db").chmod(0o444)
    folder.chmod(0o777)
    (folder / "world.db.lock").unlink()
    stack.enter_context(without_rights())
    return at("sqlite:///world.db")


def a_lock_that_may_not_be_written(folder: Path, stack: ExitStack) -> dict[str, str]:
    migrated(folder / "world.db").chmod(0o666)
    folder.chmod(0o777)
    (folder / "world.db.lock").chmod(0o444)
    stack.enter_context(without_rights())
    return at("sqlite:///world.db")


def a_cut_file(folder: Path, _: ExitStack) -> dict[str, str]:
    file = migrated(folder / "world.db")
    os.truncate(file, 3_000)
    return at("sqlite:///world.db")


def a_corrupt_catalogue(folder: Path, _: ExitStack) -> dict[str, str]:
    file = migrated(folder / "world.db")
    # The root of the catalogue is page 1; at 108 it has the number of its last page.
    _overwrite_page(file, int.from_bytes(file.read_bytes()[108:112]))
    return at("sqlite:///world.db")


def a_corrupt_table(folder: Path, _: ExitStack) -> dict[str, str]:
    file = migrated(folder / "world.db")
    with closing(sqlite3.connect(file)) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'id_block'").fetchone()
    _overwrite_page(file, page)
    return at("sqlite:///world.db")


def _overwrite_page(file: Path, number: int) -> None:
    with file.open("r+b") as written:
        written.seek((number - 1) * 4096)
        written.write(b"\xaa" * 4096)


def a_newer_revision(folder: Path, _: ExitStack) -> dict[str, str]:
    with closing(sqlite3.connect(migrated(folder / "world.db"))) as database:
        database.execute("UPDATE tollbooth_version SET version_num = '9999'")
        database.commit()
    return at("sqlite:///world.db")


def a_file_that_another_program_locks(folder: Path, stack: ExitStack) -> dict[str, str]:
    other = stack.enter_context(closing(sqlite3.connect(migrated(folder / "world.db"))))
    other.execute("BEGIN IMMEDIATE")
    return at("sqlite:///world.db?timeout=0.1")


def no_room_for_a_new_file(folder: Path, stack: ExitStack) -> dict[str, str]:
    stack.enter_context(files_no_longer_than(20_000))
    return at("sqlite:///world.db")


def no_room_for_anything(folder: Path, stack: ExitStack) -> dict[str, str]:
    stack.enter_context(files_no_longer_than(0))
    return at("sqlite:///world.db")


def no_room_for_one_more_page(folder: Path, stack: ExitStack) -> dict[str, str]:
    migrated(folder / "world.db")
    stack.enter_context(files_no_longer_than(50_000))
    return at("sqlite:///world.db")


def a_wrong_option_of_sqlite(folder: Path, _: ExitStack) -> dict[str, str]:
    return at("sqlite:///world.db?colour=red")


def an_unknown_database(folder: Path, _: ExitStack) -> dict[str, str]:
    return at("mysql://root@127.0.0.1/world")


def an_address_that_is_none(folder: Path, _: ExitStack) -> dict[str, str]:
    return at("postgresql://[::1/world")


def a_host_that_is_no_name(folder: Path, _: ExitStack) -> dict[str, str]:
    return {"TOLLBOOTH_HOST": "a" * 70, "TOLLBOOTH_ADMIN_TOKEN": "t"}


def a_taken_port(folder: Path, stack: ExitStack) -> dict[str, str]:
    taken = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    return {"TOLLBOOTH_PORT": str(taken.getsockname()[1])}


def no_such_host(folder: Path, _: ExitStack) -> dict[str, str]:
    return {"TOLLBOOTH_HOST": "no host", "TOLLBOOTH_ADMIN_TOKEN": "t"}


def a_host_of_another_machine(folder: Path, _: ExitStack) -> dict[str, str]:
    return {"TOLLBOOTH_HOST": "192.0.2.1", "TOLLBOOTH_ADMIN_TOKEN": "t"}


def no_price_book(folder: Path, _: ExitStack) -> dict[str, str]:
    return {"TOLLBOOTH_PRICE_BOOK": "./mine.toml"}


def a_folder_of_price_books(folder: Path, _: ExitStack) -> dict[str, str]:
    (folder / "books.toml").mkdir()
    return {"TOLLBOOTH_PRICE_BOOK": "./books.toml"}


def a_price_book_that_may_not_be_read(folder: Path, stack: ExitStack) -> dict[str, str]:
    (folder / "mine.toml").touch(mode=0)
    folder.chmod(0o777)
    stack.enter_context(without_rights())
    return {"TOLLBOOTH_PRICE_BOOK": "./mine.toml"}


def a_wrong_setting(folder: Path, _: ExitStack) -> dict[str, str]:
    return {"TOLLBOOTH_LOG_FORMAT": "xml"}


def an_unreadable_env(folder: Path, _: ExitStack) -> dict[str, str]:
    (folder / ".env").write_bytes(b"\xff\xfe")
    return {}


URL = "environment: TOLLBOOTH_DATABASE_URL: "
FILE = f"{URL}world.db: "
MAY_BE_WRITTEN = "; name a file in a folder that exists and may be written"
FAILURES = (
    Failure(no_such_folder, (URL, "/nowhere/world.db.lock: No such file or directory", MAY_BE_WRITTEN)),
    Failure(a_folder_in_which_nothing_may_be_made, (URL, "/closed/world.db.lock: ", MAY_BE_WRITTEN)),
    Failure(a_folder, (f"{FILE}is a folder; name a file",)),
    Failure(another_file, (f"{URL}letter.txt: file is not a database; name another file",)),
    Failure(a_file_that_may_not_be_read, (FILE, "; name a file that may be read and written")),
    Failure(a_file_that_may_not_be_written, (f"{FILE}Permission denied", MAY_BE_WRITTEN)),
    Failure(a_lock_that_may_not_be_written, (URL, "/world.db.lock: Permission denied", MAY_BE_WRITTEN)),
    Failure(a_cut_file, (FILE, "malformed; ", "tollbooth restore")),
    Failure(a_corrupt_catalogue, (FILE, "malformed", "; ", "tollbooth restore")),
    Failure(a_corrupt_table, (FILE, "malformed; ", "tollbooth restore"), STARTS[:2]),
    Failure(a_newer_revision, (FILE, f"9999, newer than this program ({newest_revision()}); use the newer")),
    Failure(a_file_that_another_program_locks, (f"{FILE}database is locked; close",), STARTS[:2]),
    Failure(
        no_room_for_a_new_file,
        (f"{URL}the database could not be made and is as it was before: world.db: ", "; make room"),
    ),
    Failure(no_room_for_anything, (URL, "/world.db.lock: File too large; make room on its disk")),
    Failure(no_room_for_one_more_page, (f"{FILE}disk I/O error; make room on its disk",), STARTS[:2]),
    Failure(a_wrong_option_of_sqlite, (f"{FILE}SQLite has no option 'colour'; leave out",)),
    Failure(an_unknown_database, (f"{URL}'mysql' is not a supported database; use sqlite:///file.db",)),
    Failure(an_address_that_is_none, (URL, "; write postgresql://")),
    Failure(a_taken_port, ("TOLLBOOTH_PORT: 127.0.0.1:", "in use; ", "0 picks a free one"), (("serve",),), 1),
    Failure(no_such_host, ("environment: TOLLBOOTH_HOST: no host: ", "; use 127.0.0.1"), STARTS[:2], 1),
    Failure(a_host_that_is_no_name, ("TOLLBOOTH_HOST: aaaa", ": no name of a host; use"), STARTS[:2], 1),
    Failure(a_host_of_another_machine, ("192.0.2.1", "; use an address of this machine"), STARTS[:2], 1),
    Failure(no_price_book, ("mine.toml: No such file or directory; ", "price book"), STARTS[:2]),
    Failure(a_folder_of_price_books, ("books.toml: Is a directory; ", "price book"), STARTS[:2]),
    Failure(a_price_book_that_may_not_be_read, ("mine.toml: Permission denied; ", "price book"), STARTS[:2]),
    Failure(a_wrong_setting, ("environment: TOLLBOOTH_LOG_FORMAT: 'xml': ", "'text' or 'json'")),
    Failure(an_unreadable_env, (".env: not UTF-8 text; ", "KEY=value")),
)


def has_started(*_: Any, **__: Any) -> None:
    raise AssertionError("the server started")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory, into which a user without rights can go too."""
    made = Path(tempfile.mkdtemp(prefix="tollbooth-"))
    made.chmod(0o755)
    monkeypatch.chdir(made)
    monkeypatch.setattr(uvicorn.Server, "run", has_started)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def lines(words: tuple[str, ...], failure: Failure, folder: Path) -> tuple[int, str, str]:
    with ExitStack() as stack:
        environment = failure.arrange(folder, stack)
        done = CliRunner().invoke(app, words, env=environment)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("failure", "words"),
    [(failure, words) for failure in FAILURES for words in failure.starts],
    ids=lambda value: value.arrange.__name__ if isinstance(value, Failure) else value[0],
)
def test_a_failed_start_is_one_line(failure: Failure, words: tuple[str, ...], folder: Path) -> None:
    code, printed, errors = lines(words, failure, folder)
    assert printed == ""
    assert errors.startswith("tollbooth: ")
    assert errors.count("\n") == 1, errors
    rest = errors.removeprefix("tollbooth: ").strip()
    for part in failure.told:
        assert part in rest
        rest = rest.partition(part)[2]
    assert code == failure.code


# --- PostgreSQL ------------------------------------------------------------------------------------------

ROLES = (
    "CREATE ROLE locked LOGIN PASSWORD 'right'",
    "CREATE ROLE weak LOGIN",
    "CREATE DATABASE closed ALLOW_CONNECTIONS false",
    "CREATE DATABASE world",
    "CREATE DATABASE reads",
    "ALTER DATABASE reads SET default_transaction_read_only = on",
    "CREATE DATABASE full_up CONNECTION LIMIT 0",
)
WRONG_ADDRESSES: tuple[tuple[str, str, dict[str, str], tuple[str, ...]], ...] = (
    ("127.0.0.1:1", "world", {}, ("127.0.0.1:1/world: ", "refused", "; start PostgreSQL there, or correct")),
    ("no-such-host.invalid", "world", {}, ("no-such-host.invalid:5432/world: ", "; start PostgreSQL there")),
    ("locked:wrong@", "world", {}, ("password authentication failed", "; correct the user and the password")),
    ("nobody@", "world", {}, ('role "nobody" does not exist; create the role, or correct the user',)),
    ("", "nowhere", {}, ('"nowhere" does not exist; CREATE DATABASE nowhere, or correct the address',)),
    ("", "closed", {}, ("not currently accepting connections; wait until it accepts connections",)),
    ("weak@", "world", {}, ("permission denied for schema public", "; GRANT the user CREATE on the schema")),
    ("", "world", {"colour": "red"}, ('invalid connection option "colour"; correct what follows the ?',)),
)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Any]:
    with running_postgresql() as running:
        rules = Path(running.pgdata) / "pg_hba.conf"
        rules.write_text("local all locked scram-sha-256\n" + rules.read_text())
        for statement in ("SELECT pg_reload_conf()", *ROLES):
            running.psql(f"{statement};")
        yield sa.make_url(running.get_uri())


@pytest.mark.postgresql
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("where", "name", "query", "told"), WRONG_ADDRESSES, ids=lambda value: str(value))
def test_a_postgresql_that_cannot_be_used_is_one_line(
    postgresql: sa.URL, where: str, name: str, query: dict[str, str], told: tuple[str, ...]
) -> None:
    url = f"postgresql://{where}/{name}"
    if where in ("", "locked:wrong@", "nobody@", "weak@"):
        user, _, password = where.rstrip("@").partition(":")
        url = (
            postgresql.set(
                drivername="postgresql",
                username=user or postgresql.username,
                password=password or None,
                database=name,
            )
            .update_query_dict(query)
            .render_as_string(hide_password=False)
        )
    for words in (SERVE, (*SERVE, "--workers", "2"), ("migrate",)):
        if name == "world" and where == "weak@" and words != ("migrate",):
            continue  # it looks, finds nothing, and asks for `tollbooth migrate`
        done = CliRunner().invoke(app, words, env=at(url))
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith("tollbooth: environment: TOLLBOOTH_DATABASE_URL: ")
        assert "wrong" not in done.stderr
        rest = done.stderr
        for part in told:
            assert part in rest
            rest = rest.partition(part)[2]
        assert done.exit_code == 2


@pytest.mark.postgresql
@pytest.mark.usefixtures("folder")
def test_a_postgresql_that_only_reads_is_one_line(postgresql: sa.URL) -> None:
    url = postgresql.set(drivername="postgresql", database="reads").render_as_string(hide_password=False)
    done = CliRunner().invoke(app, ["migrate"], env=at(url))
    assert done.stderr.count("\n") == 1, done.stderr
    assert "read-only transaction; name the primary server" in done.stderr
