"""A corp whose clock a test may move."""

from typing import Any

import pytest

from tests.conftest import Corp


@pytest.fixture
def alone(start_server: Any) -> Corp:
    """A demo corp on a server of its own: others share the clock of `corp`."""
    made: Corp = start_server().make_corp(seed="demo")
    return made
