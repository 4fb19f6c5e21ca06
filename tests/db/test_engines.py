"""What all engines have in common."""

import pytest
import sqlalchemy as sa

from wecom_tollbooth.db import Database
from wecom_tollbooth.settings import Settings


@pytest.mark.parametrize("name", ["engine", "reading_engine"])
def test_errors_do_not_show_parameters(name: str) -> None:
    """A traceback in the log would show tokens and secrets."""
    database = Database(Settings(database_url="sqlite:///:memory:"))
    engine: sa.Engine = getattr(database, name)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as failed:
        connection.execute(sa.text("SELECT :value FROM nowhere"), {"value": "a secret"})
    assert "a secret" not in str(failed.value)
    database.close()
