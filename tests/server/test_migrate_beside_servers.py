"""`tollbooth migrate` changes no schema while servers use the database."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from tests.conftest import ON_POSTGRESQL, Databases
from wecom_tollbooth import __version__
from wecom_tollbooth.cli import app
from wecom_tollbooth.migrate import newest_revision, revisions, running_servers

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite's file is locked by its server")


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    made = databases.new_url()
    yield made
    databases.remove(made)


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`next_version()`: from now on the program has one migration more."""

    def come() -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(revisions.FOLDER, folder)
        (folder / "versions" / "9998_more.py").write_text(
            f'revision = "9998"\ndown_revision = "{newest_revision()}"\n\n\n'
            "def upgrade() -> None:\n    pass\n",
            encoding="utf-8",
        )
        monkeypatch.setattr(revisions, "FOLDER", folder)

    monkeypatch.setattr(running_servers, "SECONDS_BETWEEN_LOOKS", 0.05)
    return come


def migrate(url: str) -> Result:
    return CliRunner().invoke(app, ["migrate", "--database-url", url])


def test_a_running_server_of_an_older_version_is_named_and_refused_until_it_stops(
    start_server: Any, url: str, next_version: Any
) -> None:
    server = start_server(database_url=url)
    assert server.sim.get("/corps").status_code == 200
    assert migrate(url).exit_code == 0, "nothing to change, so nothing in the way"
    next_version()
    refused = migrate(url)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    assert f"servers of an older version are running (wecom-tollbooth {__version__} on " in refused.stderr
    assert refused.stderr.endswith("; stop them, then run `tollbooth migrate` again\n")
    assert server.sim.get("/corps").status_code == 200
    server.stop()
    assert migrate(url).stdout.endswith("at revision 9998\n")


def test_a_worker_of_0_1_is_known_by_its_lock(url: str, next_version: Any) -> None:
    next_version()
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.NullPool)
    with engine.connect() as worker:
        worker.exec_driver_sql(f"SELECT pg_advisory_lock({running_servers.LOCK_OF_0_1})")
        assert "are running (wecom-tollbooth 0.1 on " in migrate(url).stderr
    assert migrate(url).exit_code == 0


def test_other_programs_and_other_databases_are_not_in_the_way(
    start_server: Any, url: str, next_version: Any
) -> None:
    start_server().sim.get("/corps")
    next_version()
    engine = sa.create_engine(
        url.replace("postgresql:", "postgresql+psycopg:"),
        poolclass=sa.NullPool,
        connect_args={"application_name": "wecom-tollbooth-dashboard"},
    )
    with engine.connect():
        assert migrate(url).exit_code == 0
