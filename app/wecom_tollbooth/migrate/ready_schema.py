"""The schema of a new SQLite file, ready made: fifty migrations take longer than all else at a start.

`make schema` writes the file from the migrations; those that came later run after it, so an older one is only
slower.
"""

import re
from collections.abc import Iterator

import sqlalchemy as sa

from wecom_tollbooth.migrate import revisions

NAME = "ready_schema.sql"
END = ";\n"
_INTERNAL = "sqlite_"


def create(connection: sa.Connection) -> str | None:
    """Makes all tables in an empty SQLite database; the revision reached, None without the file."""
    file = revisions.FOLDER / NAME
    if not file.exists():
        return None
    text = file.read_text(encoding="utf-8")
    for statement in text.split(END)[:-1]:
        connection.exec_driver_sql(statement)
    found = re.search(rf"INSERT INTO {revisions.VERSION_TABLE} VALUES \('(\d+)'\)", text)
    return found[1] if found else None


def text_of(connection: sa.Connection) -> str:
    """The statements that make the tables, indexes and rows of this database again."""
    return "".join(statement + END for statement in _statements(connection))


def _statements(connection: sa.Connection) -> Iterator[str]:
    made = connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'index', name"
    ).all()
    tables = [name for kind, name, _ in made if kind == "table" and not name.startswith(_INTERNAL)]
    for _, name, sql in made:
        if not name.startswith(_INTERNAL):
            yield "\n".join(line.rstrip() for line in sql.splitlines() if line.strip())
    for table in tables:
        for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"').all():
            yield f"INSERT INTO {table} VALUES ({', '.join(map(_literal, row))})"


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
