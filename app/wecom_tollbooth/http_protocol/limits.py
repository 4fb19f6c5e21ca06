"""How much and how slowly a client may send."""

from dataclasses import dataclass
from typing import Self

from wecom_tollbooth.settings import Settings

STATE_KEY = "tollbooth_http_limits"
"""Where the application's lifespan leaves the limits for the protocol."""


@dataclass(frozen=True)
class HttpLimits:
    """The limits on one request; sizes in bytes, times in seconds."""

    head_bytes: int
    """Address and headers together."""
    headers: int
    """How many headers, and how many trailers of a chunked body."""
    head_seconds: float
    """From the first byte of a request to the end of its head."""
    body_seconds: float
    """From the end of the head to the end of the body; see HttpProtocol for what large bodies get on top."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            head_bytes=settings.max_header_bytes,
            headers=settings.max_headers,
            head_seconds=settings.header_timeout_seconds,
            body_seconds=settings.body_timeout_seconds,
        )

    @classmethod
    def default(cls) -> Self:
        """The limits of an application that leaves none."""
        return cls.of(Settings.model_construct())
