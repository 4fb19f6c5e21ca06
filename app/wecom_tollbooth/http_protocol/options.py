"""What uvicorn is told on every port."""

from typing import Any

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
    # There are no websockets, and uvicorn would load any library for them that is installed.
    "ws": "none",
}
