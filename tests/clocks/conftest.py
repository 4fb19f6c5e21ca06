"""A corp with a clock of its own."""

import pytest

from tests.clocks.corps import MAY, move
from tests.conftest import Corp, RunningServer


@pytest.fixture
def clocked(server: RunningServer) -> Corp:
    """A demo corp whose own clock stands at MAY."""
    corp = server.make_corp(seed="demo")
    move(corp, set=MAY, freeze=True)
    return corp
