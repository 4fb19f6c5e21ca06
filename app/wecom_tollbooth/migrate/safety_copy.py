"""A copy of an SQLite file, made before its schema is changed."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from wecom_tollbooth.settings import Settings, WrongSetting


def copy_aside(settings: Settings, path: Path, revision: str) -> Path:
    """Copies the database into a file beside it, named by revision and time, such as
    tollbooth.0025-20260402T060000Z.db.

    Raises WrongSetting when there is no room for it; what was copied so far is gone then.
    """
    aside = aside_of(path, revision)
    try:
        aside.touch(exist_ok=False)
        shutil.copymode(path, aside)
        _copy(path, aside)
    except (OSError, sqlite3.Error) as error:
        aside.unlink(missing_ok=True)
        raise WrongSetting(
            f"{settings.named('database_url')}: the database could not be copied to {aside} before its "
            f"upgrade: {error}; make room there"
        ) from None
    return aside


def aside_of(path: Path, what: str) -> Path:
    """The name of a copy beside the file, such as tollbooth.0025-20260402T060000Z.db."""
    at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return path.with_name(f"{path.stem}.{what}-{at}{path.suffix}")


@contextmanager
def old_file_on_failure(path: Path, aside: Path) -> Iterator[None]:
    """Whatever the block raises, the database is then what it was before, and the copy is gone."""
    with closing(sqlite3.connect(path)) as watching:
        before = _commits_seen(watching)
        try:
            yield
        except BaseException:
            if _commits_seen(watching) != before:
                _copy(aside, path)
            aside.unlink()
            raise


def _commits_seen(connection: sqlite3.Connection) -> int:
    """A number that is another one as soon as somebody else has committed a change."""
    seen: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return seen


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)
