"""`python -m tools.ready_schema`: writes migrations/ready_schema.sql from the migrations."""

import tempfile
from pathlib import Path

from wecom_tollbooth.db import Database
from wecom_tollbooth.migrate import revisions
from wecom_tollbooth.migrate.ready_schema import NAME, text_of
from wecom_tollbooth.migrate.upgrade import run_migrations
from wecom_tollbooth.settings import Settings


def text() -> str:
    """What the migrations make of an empty SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Settings(database_url=f"sqlite:///{folder}/schema.db"))
        try:
            with database.engine.connect() as connection, connection.begin():
                run_migrations(connection)
                return text_of(connection)
        finally:
            database.close()


def main() -> None:
    file: Path = revisions.FOLDER / NAME
    file.write_text(text(), encoding="utf-8")
    print(f"written to {file}")


if __name__ == "__main__":
    main()
