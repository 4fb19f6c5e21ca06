"""Fixtures of the tests of id conversion."""

import pytest

from tests.conftest import RunningServer
from tests.providers import Provider


@pytest.fixture
def provider(server: RunningServer) -> Provider:
    return Provider(server)
