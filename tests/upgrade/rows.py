"""Dumps all rows of all tables as gzipped lines of JSON, and loads them into another database.

An object starts a table and names its columns; the lists that follow are its rows, in the
order of the primary key.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

Table = tuple[str, list[str], list[list[Any]]]
"""Name, columns and rows."""

PLAIN = (str, int, float, bool, type(None))
"""Values that survive JSON unchanged; a database of 0.1 has no others."""


def path_of(database: str) -> Path:
    return Path(__file__).parent / f"database_0_1.{database}.jsonl.gz"


def read_all(engine: sa.Engine) -> list[Table]:
    """Every table of the database, by name, with the values as the driver gives them."""
    tables: list[Table] = []
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for name in sorted(inspector.get_table_names()):
            columns = [column["name"] for column in inspector.get_columns(name)]
            key = inspector.get_pk_constraint(name)["constrained_columns"] or columns
            order = ", ".join(f'"{column}"' for column in key)
            listed = ", ".join(f'"{column}"' for column in columns)
            query = sa.text(f'SELECT {listed} FROM "{name}" ORDER BY {order}')
            rows = [list(row) for row in connection.execute(query)]
            for row in rows:
                assert all(isinstance(value, PLAIN) for value in row), (name, row)
            tables.append((name, columns, rows))
    return tables


def write(tables: list[Table], path: Path) -> None:
    """The same rows always give the same bytes."""
    lines: list[Any] = []
    for name, columns, rows in tables:
        lines += [{"table": name, "columns": columns}, *rows]
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def read(path: Path) -> Iterator[Table]:
    """The tables of a file that write() created."""
    name = ""
    columns: list[str] = []
    rows: list[list[Any]] = []
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        found = json.loads(line)
        if isinstance(found, list):
            rows.append(found)
            continue
        if name:
            yield name, columns, rows
        name, columns, rows = found["table"], found["columns"], []
    yield name, columns, rows


def put(connection: sa.Connection, tables: Iterator[Table]) -> None:
    """Replaces all rows; the tables must exist."""
    for name, columns, rows in tables:
        connection.execute(sa.text(f'DELETE FROM "{name}"'))
        if rows:
            listed = ", ".join(f'"{column}"' for column in columns)
            places = ", ".join(f":{column}" for column in columns)
            insert = sa.text(f'INSERT INTO "{name}" ({listed}) VALUES ({places})')
            connection.execute(insert, [dict(zip(columns, row, strict=True)) for row in rows])
