"""A server with a process of its own, because a process has one console."""

from collections.abc import Iterator

import pytest

from pytest_tollbooth.corp import Corp
from pytest_tollbooth.servers import LocalServer

pytest.importorskip("nicegui")


@pytest.fixture(scope="package")
def served() -> Iterator[LocalServer]:
    """An ephemeral server whose console nobody has opened yet."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def corp(served: LocalServer) -> Iterator[Corp]:
    """A corp with 5 members and 12 customers of its own."""
    made = served.new_corp(seed="demo", members=5, customers=12, activity=False)
    yield made
    made.delete()
