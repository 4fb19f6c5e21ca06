"""HTTP/1.1 on the wire: uvicorn's protocol, with bounds on what clients send."""

from wecom_tollbooth.http_protocol.limits import STATE_KEY, HttpLimits

PROTOCOL = "wecom_tollbooth.http_protocol.protocol:HttpProtocol"
"""What uvicorn takes as `http`."""

__all__ = ["PROTOCOL", "STATE_KEY", "HttpLimits"]
