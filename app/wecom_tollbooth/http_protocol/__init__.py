"""HTTP/1.1 on the wire: uvicorn's protocol, with bounds on what clients send."""

from wecom_tollbooth.http_protocol.limits import STATE_KEY, HttpLimits
from wecom_tollbooth.http_protocol.options import BACKLOG, OPTIONS, PROTOCOL

__all__ = ["BACKLOG", "OPTIONS", "PROTOCOL", "STATE_KEY", "HttpLimits"]
