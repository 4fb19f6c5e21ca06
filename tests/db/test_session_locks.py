"""Advisory locks that one of all workers holds."""

import time
from typing import Any

import pytest

from tests.conftest import ON_POSTGRESQL, RunningServer
from wecom_tollbooth.db import SessionLock

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="only PostgreSQL has advisory locks")


def driver_of(lock: SessionLock) -> Any:
    """The driver's connection, to keep it or to close it as a lost session is."""
    assert lock._connection is not None
    return lock._connection.connection.dbapi_connection


def test_the_session_of_a_released_lock_is_closed(server: RunningServer) -> None:
    """Also while something still refers to its connection, as the frames of an error do."""
    first, second = (SessionLock(server.server.database, 749_999) for _ in range(2))
    assert first.take()
    in_use = driver_of(first)
    assert not second.take()
    first.release()
    assert in_use.closed
    deadline = time.monotonic() + 20
    while not second.take():  # PostgreSQL takes a moment to end the session
        assert time.monotonic() < deadline
        time.sleep(0.005)
    second.release()


def test_a_lock_ends_with_its_session(server: RunningServer) -> None:
    lock = SessionLock(server.server.database, 749_998)
    assert lock.take()
    assert lock.take()
    driver_of(lock).close()
    with pytest.raises(Exception, match="closed"):
        lock.take()
    assert lock.take()
    lock.release()
