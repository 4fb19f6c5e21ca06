"""What thousands of silent or half-open connections cost the server in memory."""

import socket
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest

from bench.process import TOLLBOOTH, ServerProcess, free_port
from tests.tls.test_hostile_clients import HALF_A_HELLO

pytestmark = pytest.mark.slow

CONNECTIONS = 3_000
MOST_BYTES_EACH = 40_000
"""Over all connections that are made, of which 1,000 stay on each port."""


@pytest.mark.parametrize("sent", [b"", HALF_A_HELLO, b"CONNECT qyapi.weixin.qq.com:443 HTTP/1.1\r\nA: "])
def test_connections_that_say_little_cost_little(tmp_path: Path, sent: bytes) -> None:
    tls_port, proxy_port = free_port(), free_port()
    settings = {
        "TOLLBOOTH_DATABASE_URL": f"sqlite:///{tmp_path}/tollbooth.db",
        "TOLLBOOTH_TLS": "on",
        "TOLLBOOTH_TLS_PORT": str(tls_port),
        "TOLLBOOTH_PROXY": "on",
        "TOLLBOOTH_PROXY_PORT": str(proxy_port),
    }
    server = ServerProcess(TOLLBOOTH, tmp_path, settings)
    server.start()
    try:
        httpx.get(f"{server.base_url}/_sim/ready", timeout=30).raise_for_status()
        process = psutil.Process(server.pid)
        before = process.memory_info().rss
        with ExitStack() as open_connections:
            for port in (tls_port, proxy_port):
                for _ in range(CONNECTIONS // 2):
                    connection = socket.create_connection(("127.0.0.1", port), 10)
                    open_connections.enter_context(connection).sendall(sent)
            grown = process.memory_info().rss - before
        assert grown < MOST_BYTES_EACH * CONNECTIONS
    finally:
        server.stop()
