"""What a client may send before a call begins: headers, deadlines, proxies."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from wecom_tollbooth.settings.fields import both, networks


class ConnectionSettings(BaseSettings):
    max_header_bytes: int = Field(
        default=64 * 1024,
        ge=4 * 1024,
        le=1024 * 1024,
        description=both(
            "请求行和请求头合计的上限（字节），超过返回 HTTP 431",
            "largest request line and headers together, bytes; larger ones answer HTTP 431",
        ),
    )
    max_headers: int = Field(
        default=100,
        ge=10,
        le=10_000,
        description=both(
            "请求头个数上限，超过返回 HTTP 431", "most headers of a request; more answer HTTP 431"
        ),
    )
    header_timeout_seconds: float = Field(
        default=20,
        gt=0,
        le=600,
        description=both(
            "收齐请求头的时限（秒），超过返回 HTTP 408 并断开",
            "how long a request's headers may take to arrive, seconds; later: HTTP 408 and the end",
        ),
    )
    body_timeout_seconds: float = Field(
        default=30,
        gt=0,
        le=3_600,
        description=both(
            "收齐请求体的时限（秒），每收到 32 KiB 延长一秒，超过返回 HTTP 408 并断开",
            "how long a request's body may take to arrive, seconds, and one more for every 32 KiB; "
            "later: HTTP 408 and the end",
        ),
    )
    trusted_proxies: Annotated[str, AfterValidator(networks)] = Field(
        default="",
        description=both(
            "反向代理的 IP 或网段，逗号分隔，如 127.0.0.1,10.0.0.0/8；只采信来自这些地址的 X-Forwarded-For、"
            "X-Forwarded-Proto、X-Forwarded-Host 和 Forwarded",
            "addresses or networks of reverse proxies, commas between, such as 127.0.0.1,10.0.0.0/8; "
            "X-Forwarded-For, -Proto, -Host and Forwarded count only from them",
        ),
    )
