"""Creates the database of 0.1 that later versions must open, by a server of 0.1.

    python -m tests.upgrade.make_database --tree FOLDER --python PYTHON [--database postgresql]

FOLDER is a clone at 0.1, PYTHON an interpreter with its dependencies. The rows go to
database_0_1.DATABASE.jsonl.gz beside this file, what 0.1 answered about them to answers_0_1.DATABASE.json.gz.
"""

import argparse
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.conftest import running_postgresql
from tests.upgrade import asking, rows
from tests.upgrade.life import live
from tests.upgrade.talking import Ear, Talk

HERE = Path(__file__).parent
SECONDS_TO_STOP = 30


class Old:
    """The program of 0.1 on one database, started and stopped as needed."""

    def __init__(self, tree: Path, python: Path, folder: Path, url: str) -> None:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("TOLLBOOTH_")}
        self._environment = {
            **{**outside, "PYTHONPATH": str(tree), "PYTHONUNBUFFERED": "1", "DATABASE_URL": url},
            **{"TOLLBOOTH_SEED": "26", "TOLLBOOTH_CALLBACK_RETRIES": "3"},
        }
        self._python, self._folder = python, folder

    def migrate(self) -> None:
        subprocess.run(
            [self._python, "-m", "app", "migrate"], cwd=self._folder, env=self._environment, check=True
        )

    @contextmanager
    def serving(self) -> Iterator[Talk]:
        process = subprocess.Popen(
            [self._python, "-m", "app", "serve", "--port", "0"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None, "the server of 0.1 did not start"
            talk = Talk(found[0])
            yield talk
            talk.close()
        finally:
            process.terminate()
            process.wait(SECONDS_TO_STOP)


def make(old: Old, engine: sa.Engine) -> tuple[list[rows.Table], dict[str, Any]]:
    """The rows after the server has stopped, and its answers about them after another start."""
    ears: list[Ear] = []
    old.migrate()
    with old.serving() as talk:
        known = live(talk, ears)
    tables = rows.read_all(engine)
    for ear in ears:
        ear.close()
    with old.serving() as talk:
        replies = asking.ask(talk, known)
    return tables, {**known, "replies": replies}


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    wanted.add_argument("--tree", type=Path, required=True)
    wanted.add_argument("--python", type=Path, required=True)
    wanted.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.database == "sqlite":
            _keep(given, Path(folder), f"sqlite:///{folder}/old.db", f"sqlite:///{folder}/old.db")
            return
        with running_postgresql() as postgres:
            url = sa.make_url(postgres.get_uri())
            plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
            ours = url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
            _keep(given, Path(folder), plain, ours)


def _keep(given: argparse.Namespace, folder: Path, url: str, ours: str) -> None:
    engine = sa.create_engine(ours)
    tables, answers = make(Old(given.tree, given.python, folder, url), engine)
    engine.dispose()
    for path in (rows.path_of(given.database), asking.path_of(given.database)):
        path.unlink(missing_ok=True)
    rows.write(tables, rows.path_of(given.database))
    asking.write(answers, asking.path_of(given.database))
    for name, _, found in tables:
        print(f"{name}: {len(found)}")


if __name__ == "__main__":
    main()
