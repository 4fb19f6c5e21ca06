"""The sections of the control API: folders here, tags in /docs, headings of docs/control-api.md."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType

from fastapi import APIRouter

from wecom_tollbooth.sim_api.billing import (
    budgets,
    combined_statements,
    estimates,
    ledger,
    price_books,
    statement,
    summary,
    usage,
)
from wecom_tollbooth.sim_api.callbacks import delivery_faults, endpoints, outbox, requests, waiting
from wecom_tollbooth.sim_api.calls import advice, faults, journal, latest, verification
from wecom_tollbooth.sim_api.client import client_page, signatures, webviews
from wecom_tollbooth.sim_api.corps import (
    apps,
    contact_limit,
    corp_groups,
    corps,
    files,
    follow_ups,
    latency,
    seed_schema,
    seeding,
    snapshots,
)
from wecom_tollbooth.sim_api.corps import retention as corp_retention
from wecom_tollbooth.sim_api.customers import listing, one, trail
from wecom_tollbooth.sim_api.pages import (
    acquisition_links,
    code_files,
    contact_ways,
    corp_codes,
    exports,
    images,
    join_ways,
    member_codes,
    qr,
)
from wecom_tollbooth.sim_api.providers import licences, providers
from wecom_tollbooth.sim_api.server import events, health, metrics, openapi, operations, ready, retention
from wecom_tollbooth.sim_api.world import acts, clock, codes, people, phones, temp_chats


@dataclass(frozen=True)
class Section:
    """`name` is the folder; the modules' routers are shown in this order."""

    name: str
    title_zh: str
    title_en: str
    modules: tuple[ModuleType, ...]
    is_open: bool = field(default=False, kw_only=True)
    """Served without the admin token, as a phone would load it."""

    @property
    def tag(self) -> str:
        """Families have plain names, such as providers, so these are prefixed."""
        return f"sim_{self.name}"

    @property
    def routers(self) -> Iterator[APIRouter]:
        for module in self.modules:
            yield module.router


SECTIONS = (
    Section("server", "服务", "The server", (health, ready, metrics, operations, events, openapi, retention)),
    Section(
        "corps",
        "企业与应用",
        "Corps and apps",
        (
            corps,
            files,
            snapshots,
            seed_schema,
            apps,
            seeding,
            latency,
            follow_ups,
            contact_limit,
            corp_groups,
            corp_retention,
        ),
    ),
    Section("providers", "服务商与接口许可", "Providers and licences", (providers, licences)),
    Section("world", "时钟与业务动作", "Clock and acts", (clock, acts, codes, people, phones, temp_chats)),
    Section("customers", "客户", "Customers", (listing, one, trail)),
    Section("client", "企业微信客户端", "The client", (client_page, webviews, signatures)),
    Section("callbacks", "回调", "Callbacks", (endpoints, outbox, waiting, delivery_faults, requests)),
    Section(
        "calls", "调用日志与故障", "Call journal and faults", (journal, latest, verification, faults, advice)
    ),
    Section(
        "billing",
        "用量、账单与预算",
        "Usage, bills and budgets",
        (usage, summary, statement, combined_statements, price_books, estimates, ledger, budgets),
    ),
    Section(
        "pages",
        "二维码与页面",
        "QR codes and pages",
        (
            qr,
            images,
            exports,
            code_files,
            contact_ways,
            acquisition_links,
            member_codes,
            join_ways,
            corp_codes,
        ),
        is_open=True,
    ),
)

OPEN_PREFIXES = tuple(router.prefix for section in SECTIONS if section.is_open for router in section.routers)
"""What everybody may load, also from other sites' pages: GETs that change nothing and show no secret."""
