"""The migrations: numbered files in migrations/versions, the highest number being the present schema."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
FOLDER = _PACKAGE / "migrations" if (_PACKAGE / "migrations").is_dir() else _PACKAGE.parents[1] / "migrations"
"""In the installed package they lie inside it, in a clone beside it."""

VERSION_TABLE = "tollbooth_version"
"""Where Alembic writes down the revision; its own default name may be another program's."""

VERSION_TABLE_OF_0_1 = "alembic_version"

SINCE_THE_FIRST = frozenset(
    (
        *("access_token", "app", "biz_mail", "call_journal", "corp", "department", "external_contact"),
        *("follow_tag", "follow_user", "id_block", "member", "member_department", "members_created"),
        *("sim_clock", "tag", "tag_group", "usage_record"),
    )
)
"""Tables of the first revision, which stand in every database of 0.1."""

_NO_LONGER = frozenset({"callback_try", "delivery_knobs", "due_deed"})
_NOT_YET_IN_0_1 = frozenset({"callback_attempt", "delivery_faults", "scheduled_task"})
_WITHOUT_MODEL = frozenset({"id_block", "rate_window"})


def revisions() -> list[str]:
    """All of them, oldest first."""
    return sorted(path.name.split("_", 1)[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    return revisions()[-1]


@cache
def our_tables(version_table: str) -> frozenset[str]:
    """What a table of ours may be called where our revision stands in this table: 0.1 had other names."""
    from wecom_tollbooth.tables import metadata  # every family; only who finds tables needs their names

    names = frozenset(metadata().tables) | _NO_LONGER | _WITHOUT_MODEL | {version_table}
    return names - _NOT_YET_IN_0_1 if version_table == VERSION_TABLE_OF_0_1 else names
