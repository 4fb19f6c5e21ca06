"""PostgreSQL ends all sessions, as its restart does; the server recovers without a restart."""

from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bench.process import TOLLBOOTH, ServerProcess
from tests.conftest import Databases, running_postgresql
from tests.slow.caller import Caller, make_corp

SYSTEM_BUSY = -1
GET = "externalcontact/get_follow_user_list"
CALLS_UNTIL_WELL = 5

pytestmark = pytest.mark.slow


def test_a_server_recovers_after_its_sessions_were_ended(tmp_path: Path) -> None:
    with running_postgresql() as postgres:
        url = Databases(tmp_path, postgres).new_url()
        server = ServerProcess(TOLLBOOTH, tmp_path, {"TOLLBOOTH_DATABASE_URL": url})
        server.start()
        try:
            with httpx.Client(base_url=f"{server.base_url}/_sim/", timeout=60) as sim:
                caller = Caller(server.port, *make_corp(sim))
            caller.log_in()
            end_sessions(url)
            errcodes = [caller.get(GET)["errcode"] for _ in range(CALLS_UNTIL_WELL)]
            assert set(errcodes) <= {SYSTEM_BUSY, 0}
            assert errcodes[-1] == 0
            assert [caller.get(GET)["errcode"] for _ in range(20)] == [0] * 20
        finally:
            server.stop()


def end_sessions(url: str) -> None:
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        ended = connection.execute(
            sa.text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).scalar()
        assert ended
