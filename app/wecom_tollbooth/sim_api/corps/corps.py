"""Corps: create, list, show, delete."""

from dataclasses import replace
from typing import Self

import sqlalchemy as sa
from pydantic import Field, field_validator, model_validator
from sqlmodel import select
from typing_extensions import TypedDict

from wecom_tollbooth.advice.noting import set_strict
from wecom_tollbooth.corp_deletion import deleting
from wecom_tollbooth.corps.keys import KeyInUse
from wecom_tollbooth.corps.tables import App, Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.media.files_in_use import removing_dropped
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.seeds import SeedName, making
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.corps.apps import AppReply, show_app
from wecom_tollbooth.sim_api.corps.importing import import_bytes
from wecom_tollbooth.sim_api.corps.seed_choice import Described, SeedChoice, SeedExport, SeedText, new_corp
from wecom_tollbooth.sim_api.dependencies import TheGateway, TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import CONFLICT, control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, DeletedReply, example
from wecom_tollbooth.world.clock import EARLIEST_OF_CORP, LATEST
from wecom_tollbooth.world.keyed_corps import KEY_FORM, STARTS_AT

router = control_routes()

NOT_OF_EXPORTS = frozenset({"members", "customers", "follow_ups", "activity", "key", "starts_at"})
DEMO_FIELDS = frozenset({"members", "customers", "follow_ups"})
MOST_BYTES = 16 * 1024 * 1024
"""Of a request with a seed file in it."""


STRICT = (
    "严格模式：写错的字段、没有读完的分页等记入日志与 …/advice，应答不变 / Strict mode: misspelt fields, "
    "unread pages and the like are told in the journal and …/advice; answers stay the same"
)


class CorpRequest(ControlRequest):
    model_config = example(name="奶茶店", seed="demo", members=5, customers=40)

    name: str | None = Field(
        default=None, min_length=1, max_length=64, description="企业名称，默认 演示企业 / Of the corp"
    )
    seed: SeedChoice | None = Field(
        default=None,
        description="初始数据：empty 只有一个成员；demo 有门店、成员、标签与客户；"
        "scrm-400 有 400 个客户；big 有 10 万个客户；edge 有各种边界情形；也可以是种子文件或其内容。"
        "省略时，给出任一数量即为 demo，否则 empty / "
        "Starting data: a name, a seed file, or what it would say; if left out, demo where one of the counts "
        "is given, else empty",
    )
    members: int | None = Field(default=None, ge=1, le=20_000, description="成员数 / Members, of drawn seeds")
    customers: int | None = Field(default=None, ge=0, le=1_000_000, description="客户数 / Customers")
    follow_ups: int | None = Field(
        default=None, ge=0, le=1_000_000, description="跟进记录数 / Follow-up records"
    )
    activity: bool | None = Field(
        default=None,
        description="是否带有员工与客户此前的往来：客户群、联系我、获客链接、聊天、跟进历史 / "
        "Whether its people have a past: groups, contact ways, links, conversations, for drawn seeds",
    )
    strict: bool = Field(default=False, description=STRICT)
    key: str | None = Field(
        default=None,
        description="键：种子、键与调用次序相同，则 corpid、密钥、ID 与返回内容都相同。1 至 200 个字母、"
        "数字或 ._:/[]-；已被占用时返回 409 / Key: with the same seed, key and calls in order, corpid, "
        "secrets, ids and bodies are the same. 1 to 200 letters, digits or ._:/[]-; 409 while a corp has it",
    )
    starts_at: int | None = Field(
        default=None,
        ge=EARLIEST_OF_CORP,
        lt=LATEST,
        description="有 key 的企业的时钟停在何时，Unix 秒，默认北京时间 2026-01-05 10:00 / Where the "
        "clock of a corp with a key stands, unix seconds; by default 2026-01-05 10:00 in Shanghai",
    )

    @field_validator("key")
    @classmethod
    def _has_the_form(cls, key: str | None) -> str | None:
        if key is not None and not KEY_FORM.fullmatch(key):
            raise ValueError("a key is 1 to 200 letters, digits or the characters . _ : / [ ] -")
        return key

    @model_validator(mode="after")
    def _starts_with_a_key(self) -> Self:
        if self.starts_at is not None and self.key is None:
            raise ValueError("starts_at is for a corp with a key; move another's clock by POST …/clock")
        return self

    @property
    def seed_or_default(self) -> SeedName | SeedText | SeedExport | Described:
        """A count without a seed asks for the demo corp, because an empty corp has nothing to count."""
        return self.seed or (SeedName.DEMO if DEMO_FIELDS & self.model_fields_set else SeedName.EMPTY)


class CorpChange(ControlRequest):
    model_config = example(strict=True)

    strict: bool | None = Field(default=None, description=STRICT)


class CorpReply(TypedDict):
    corpid: str
    name: str
    strict: bool
    apps: list[AppReply]


class CorpEntry(TypedDict):
    corpid: str
    name: str
    created_at: int


class CorpsReply(TypedDict):
    corps: list[CorpEntry]


@router.post("/corps", max_body_size=MOST_BYTES, responses=CONFLICT)
async def create_corp(body: CorpRequest, server: TheServer, gateway: TheGateway) -> CorpReply:
    """新建企业 / Create a corp

    新建企业及其应用。第一个应用可以调用自建应用能调用的全部接口。跟进记录多于客户时，会为多出的记录新建客户。数据
    分批写入，其间照常应答其他调用；写完之前企业不可见，中途被杀则不留下任何数据。

    Creates a corp with its apps. The first app may call everything that a self-built app may. Follow-up
    records beyond the number of customers bring customers of their own. Data is written in parts with other
    calls in between; nobody sees the corp before it is complete, and a killed server leaves nothing of it.
    """
    if isinstance(body.seed, SeedExport):
        corp_id = await _imported(body, body.seed.export, server)
    else:
        corp_id = await _made(body, server, gateway)
    if body.strict:
        await server.run(lambda tx: set_strict(tx, corp_id, True))
    return await server.run(lambda tx: describe(tx, corp_id))


async def _imported(body: CorpRequest, export: bytes, server: Server) -> str:
    given = sorted(body.model_fields_set & NOT_OF_EXPORTS)
    if given:
        raise SimError(422, f"{given[0]}: an exported corp has its own; leave {' and '.join(given)} out")
    return await import_bytes(server, export, body.name)


async def _made(body: CorpRequest, server: Server, gateway: Gateway) -> str:
    numbers = {"members", "customers", "follow_ups", "activity"}
    starts_at = STARTS_AT if body.starts_at is None else body.starts_at
    wanted = await new_corp(
        server,
        body.seed_or_default,
        body.name,
        body.model_dump(include=numbers),
        None if body.key is None else starts_at,
    )
    if body.key is not None:
        wanted = replace(wanted, key=body.key, starts_at=starts_at)
    try:
        corp_id = await server.in_slices(making(server.database, wanted))
    except KeyInUse as error:
        raise SimError(409, f"{error}; delete it, or take another key") from None
    if body.key is not None:
        gateway.rate_limits.forget(corp_id)
        await server.settle(corp_id)
    return corp_id


@router.get("/corps")
async def list_corps(server: TheServer) -> CorpsReply:
    """列出企业 / List the corps

    最早的在前。

    Oldest first.
    """

    def work(tx: Transaction) -> CorpsReply:
        corps = tx.session.exec(select(Corp).order_by(sa.text("created_at, corp_id"))).all()
        return {"corps": [{"corpid": c.corp_id, "name": c.name, "created_at": c.created_at} for c in corps]}

    return await server.run(work)


@router.get("/corps/{corpid}")
async def get_corp(corpid: str, server: TheServer) -> CorpReply:
    """查看企业 / Show a corp

    企业及其应用、密钥与回调配置，与新建时的返回相同。

    The corp with its apps, secrets and callback settings, as it was answered when it was created.
    """
    return await server.run(lambda tx: describe(tx, corpid))


@router.patch("/corps/{corpid}")
async def change_corp(corpid: str, body: CorpChange, server: TheServer) -> CorpReply:
    """修改企业 / Change a corp

    没有给出的字段不变。`strict` 开关严格模式，见 docs/strict.zh-CN.md；关闭后已有的建议保留。

    A field that is not given stays as it is. `strict` switches strict mode, see docs/strict.md; advice that
    was given stays when it is switched off.
    """

    def work(tx: Transaction) -> CorpReply:
        the_corp(tx, corpid)
        if body.strict is not None:
            set_strict(tx, corpid, body.strict)
        return describe(tx, corpid)

    return await server.run(work)


@router.delete("/corps/{corpid}")
async def delete_corp(corpid: str, server: TheServer) -> DeletedReply:
    """删除企业 / Delete a corp

    删除企业的全部数据，账本除外：用量、账单与账本仍可查询。企业立即不可见，数据分批删除，其间照常应答其他调用，删完
    才返回；中途被杀，重启后继续删除。

    Deletes everything of the corp but its ledger: usage, statements and ledger can still be read. The corp
    disappears at once; its data is deleted in parts with other calls in between, before the answer. A killed
    server goes on after its next start.
    """

    if not await server.in_slices(deleting(server.settings, corpid)):
        raise SimError(404, f"there is no corp {corpid!r}")
    await server.in_slices(removing_dropped(server.files))
    return {"deleted": corpid}


def describe(tx: Transaction, corpid: str) -> CorpReply:
    """The corp with its apps, as it was answered when it was created."""
    corp = the_corp(tx, corpid)
    apps = tx.session.exec(select(App).where(App.corp_id == corpid).order_by(sa.text("agentid"))).all()
    return {
        "corpid": corp.corp_id,
        "name": corp.name,
        "strict": corp.strict,
        "apps": [show_app(app) for app in apps],
    }
