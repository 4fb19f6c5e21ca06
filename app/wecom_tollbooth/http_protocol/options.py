"""What uvicorn is told on every port."""

from importlib.util import find_spec
from typing import Any

from wecom_tollbooth.http_protocol.websockets import websocket_protocol

PROTOCOL = "wecom_tollbooth.http_protocol.protocol:HttpProtocol"
"""What uvicorn takes as `http`."""

BACKLOG = 2048

SECONDS_TO_KEEP_ALIVE = 75
"""How long an idle connection stays open: SDKs with a connection pool don't check whether it still is."""

OPTIONS: dict[str, Any] = {
    "http": PROTOCOL,
    # Which proxies count is a setting of ours; uvicorn would trust any program of this machine.
    "proxy_headers": False,
    "access_log": False,
    "server_header": False,
    "timeout_keep_alive": SECONDS_TO_KEEP_ALIVE,
    "backlog": BACKLOG,
    # Only the console has websockets. Its library is imported with the first of them.
    "ws": websocket_protocol if find_spec("websockets") else "none",
}
