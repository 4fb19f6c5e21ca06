"""What a URL says about a connection and a request."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from wecom_tollbooth.outgoing.answers import NoAnswer

PORTS = {"http": 80, "https": 443}
_KEPT = "/?:@!$&'()*+,;=~%-._[]"
"""Characters of a path and query that are not escaped; the others could end the line of the request."""


class Target(NamedTuple):
    """`path` holds the query, too; `authority` is the Host header."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str


@lru_cache(1024)
def parse(url: str) -> Target:
    """Raises NoAnswer for what isn't an http or https URL with a host."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode()
    except ValueError:  # of which UnicodeError is one
        raise NoAnswer(f"{url!r} is not a url") from None
    if parts.scheme not in PORTS or not host or not _is_host(host):
        raise NoAnswer("the url must begin with http:// or https:// and name a host")
    shown = f"[{host}]" if ":" in host else host
    path = quote(parts.path or "/", _KEPT) + (f"?{quote(parts.query, _KEPT)}" if parts.query else "")
    return Target(
        parts.scheme,
        host,
        port or PORTS[parts.scheme],
        f"{shown}:{port}" if port and port != PORTS[parts.scheme] else shown,
        path,
    )


def _is_host(host: str) -> bool:
    return all(character.isalnum() or character in "-._:%" for character in host)
