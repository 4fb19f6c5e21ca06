"""Bringing a database to the present schema, and never another program's.

`inspection` says whose tables are there, over a read-only connection; `upgrade` runs what is missing of
migrations/versions with Alembic, all or nothing; `safety_copy` keeps what was there before.
"""

from wecom_tollbooth.migrate.inspection import about_foreign_tables, look_before_opening, told_in_one_line
from wecom_tollbooth.migrate.revisions import FOLDER, newest_revision
from wecom_tollbooth.migrate.upgrade import migrate, prepare

__all__ = [
    "FOLDER",
    "about_foreign_tables",
    "look_before_opening",
    "migrate",
    "newest_revision",
    "prepare",
    "told_in_one_line",
]
