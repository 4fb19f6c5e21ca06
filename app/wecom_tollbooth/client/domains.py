"""Whether a page may use the JS-SDK: its host against an app's trusted domains (page 90514, 2026-07).

Unlike in OAuth, names below a trusted domain may too. A trusted domain with a port allows that port alone;
which of the two pages on it is right is open (docs/fidelity.md).
"""

from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

import sqlalchemy as sa

from wecom_tollbooth.client.problems import Problem
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import Transaction

USUAL_PORTS = {"http": 80, "https": 443}


def trusted_domains(tx: Transaction, corp_id: str, agentid: int | None) -> list[str]:
    """The app's trusted domains; those of all enabled apps for None, as config asks in the corp's name."""
    query = sa.select(APP.c.trusted_domains).where(APP.c.corp_id == corp_id, APP.c.enabled.is_(True))
    if agentid is not None:
        query = query.where(APP.c.agentid == agentid)
    return sorted({domain for row in tx.execute(query) for domain in row.trusted_domains})


def find_problems(address: str, trusted: Sequence[str]) -> list[Problem]:
    """What is wrong with the page's address; nothing if `trusted` is empty, which allows every host."""
    page = _page(address)
    if page is None:
        return [
            Problem(
                "url",
                f"页面地址 {address[:200]!r} 不是 http 或 https 地址",
                f"the page's address {address[:200]!r} is no http or https address",
            )
        ]
    if not trusted or any(_covers(domain, page) for domain in trusted):
        return []
    shown = page.netloc.rpartition("@")[2].lower()
    return [
        Problem(
            "domain",
            f"页面域名 {shown} 不在应用的可信域名中：{'、'.join(trusted)}",
            f"the page's host {shown} is not among the trusted domains: {', '.join(trusted)}",
        )
    ]


def _page(address: str) -> SplitResult | None:
    try:
        page = urlsplit(address)
        is_page = page.scheme in USUAL_PORTS and bool(page.hostname) and page.port != 0
    except ValueError:
        return None
    return page if is_page else None


def _covers(domain: str, page: SplitResult) -> bool:
    name, _, port = domain.lower().partition(":")
    host = (page.hostname or "").lower()
    if host != name and not host.endswith(f".{name}"):
        return False
    return not port or port == str(page.port or USUAL_PORTS[page.scheme])
