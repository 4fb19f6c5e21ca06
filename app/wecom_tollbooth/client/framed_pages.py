"""Sites of products that are served with the bridge in their pages, for pages that load no script of WeCom's.

Each gets a host below localhost, which browsers lead to this machine: an origin of its own, which can neither
read nor call the control API. Only sites that were asked for through the control API are served.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa

from wecom_tollbooth.client.tables import FRAMED_PAGE
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.acts import ActRefused
from wecom_tollbooth.world.context import Context

MARK = "X-Tollbooth-Framed"
"""A header of every request that is made for such a site: the control API refuses it."""
PREFIX, SUFFIX = "page-", ".localhost"
TOKEN_LENGTH = 16
_HOST = re.compile(rf"{PREFIX}([a-z0-9]{{{TOKEN_LENGTH}}})\.([a-z0-9_-]{{1,60}})\.localhost(?::(\d{{1,5}}))?")
_LETTERS = "".join(sorted(set(ids.LETTERS.lower())))


@dataclass(frozen=True)
class Framed:
    """The site that a host stands for."""

    origin: str
    device: str


def frame_site(context: Context, url: str, device: str, base_url: str) -> str:
    """The address under which the page is served with the bridge. Raises ActRefused for no web address."""
    try:
        parts = urlsplit(url)
        is_page = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_page = False
    if not is_page or "@" in parts.netloc:
        raise ActRefused(f"{url[:200]!r} is no http or https address without a user")
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    corp = FRAMED_PAGE.c.corp_id == context.corp_id
    query = sa.select(FRAMED_PAGE.c.token).where(
        corp, FRAMED_PAGE.c.origin == origin, FRAMED_PAGE.c.device == device
    )
    token = context.db.execute(query).scalar()
    if token is None:
        token = context.draw("framed_page", TOKEN_LENGTH, _LETTERS)
        row = {"corp_id": context.corp_id, "token": token, "origin": origin, "device": device}
        context.db.execute(sa.insert(FRAMED_PAGE).values(row))
    port = urlsplit(base_url).port
    host = f"{PREFIX}{token}.{context.corp_id.lower()}{SUFFIX}" + (f":{port}" if port else "")
    return urlunsplit(parts._replace(scheme=urlsplit(base_url).scheme, netloc=host))


def is_framed(host: bytes) -> bool:
    """Whether the host of a request is one of these, known or not."""
    return host[: len(PREFIX)].lower() == PREFIX.encode() and b".localhost" in host.lower()


def find_site(tx: Transaction, host: str) -> Framed | None:
    """The site that the host stands for; None for an unknown one."""
    match = _HOST.fullmatch(host.lower())
    if match is None:
        return None
    query = sa.select(FRAMED_PAGE.c.origin, FRAMED_PAGE.c.device).where(
        sa.func.lower(FRAMED_PAGE.c.corp_id) == match[2], FRAMED_PAGE.c.token == match[1]
    )
    row = tx.execute(query).first()
    return None if row is None else Framed(row.origin, row.device)


def real_address(tx: Transaction, address: str) -> str:
    """The address with the product's own host, for the check of trusted domains."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    site = find_site(tx, parts.netloc) if parts.netloc.startswith(PREFIX) else None
    if site is None:
        return address
    origin = urlsplit(site.origin)
    return urlunsplit(parts._replace(scheme=origin.scheme, netloc=origin.netloc))
