"""The migrations: numbered files in migrations/versions, the highest number being the present schema."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
FOLDER = _PACKAGE / "migrations" if (_PACKAGE / "migrations").is_dir() else _PACKAGE.parents[1] / "migrations"
"""In the installed package they lie inside it, in a clone beside it."""

VERSION_TABLE = "tollbooth_version"
"""Where Alembic writes down the revision; its own default name may be another program's."""

VERSION_TABLE_OF_0_1 = "alembic_version"


def revisions() -> list[str]:
    """All of them, oldest first."""
    return sorted(path.name.split("_", 1)[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    return revisions()[-1]
