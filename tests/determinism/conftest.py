"""A second server, on which everything is done again."""

from collections.abc import Iterator

import pytest

from tests.conftest import LENIENT, Databases, RunningServer
from wecom_tollbooth.settings import Settings


@pytest.fixture(scope="package")
def second_server(databases: Databases) -> Iterator[RunningServer]:
    url = databases.new_url()
    running = RunningServer(Settings(database_url=url, **LENIENT))
    yield running
    running.stop()
    databases.remove(url)
