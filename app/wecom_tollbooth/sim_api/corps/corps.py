"""Corps and their apps: make, list, show, delete."""

from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from wecom_tollbooth.billing.seats import held_in_corp
from wecom_tollbooth.corp_deletion import delete_corp
from wecom_tollbooth.corps.app_kinds import OF_PROVIDERS, AppKind
from wecom_tollbooth.corps.lifecycle import new_app
from wecom_tollbooth.corps.tables import App, Corp, Provider
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.shapes import UINT32
from wecom_tollbooth.seeds import NewCorp, make_corp
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.server import TheServer
from wecom_tollbooth.world.context import Context

router = APIRouter()

FIRST_AGENTID = 1100000
"""Apps made one by one are numbered from here, clear of those that every corp has."""


Range = dict[Literal["userid", "partyid"], list[str | int]]


class CorpRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="演示企业", min_length=1, max_length=64)
    seed: Literal["empty", "demo"] = "empty"
    members: int = Field(default=5, ge=1, le=20_000)
    customers: int = Field(default=40, ge=0, le=1_000_000)
    follow_ups: int = Field(default=0, ge=0, le=1_000_000)


class AppRequest(BaseModel):
    """`visible`: {"userid": [...], "partyid": [...]}, or null for everyone.

    `contactable`, of the same form, are 客户可建联的成员 of a 营销获客 app. `provider_id` goes with the
    kinds of app that are a provider's, and only with them. `created_at` is when the app was made, in place of
    now: self-built apps of before 2022-06-20 20:00 (Asia/Shanghai) are told more of members.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="自建应用", min_length=1, max_length=64)
    kind: AppKind = AppKind.SELF_BUILT
    visible: Range | None = None
    contactable: Range | None = None
    trusted_ips: list[str] = []
    created_at: int | None = Field(default=None, ge=0, le=UINT32)
    provider_id: str | None = None


@router.post("/corps")
async def create_corp(body: CorpRequest, server: TheServer) -> dict[str, Any]:
    """Makes a corp and its apps; the first app may call everything that a self-built app may.

    `members`, `customers` and `follow_ups` are used by the seed `demo`; records beyond the customers bring
    customers of their own.
    """
    wanted = NewCorp(body.name, body.seed, body.members, body.customers, body.follow_ups)
    if server.database.inline:
        corp_id = make_corp(server.database, wanted)
    else:
        corp_id = await server.in_thread(make_corp, server.database, wanted)
    return await server.run(lambda tx: describe(tx, corp_id))


@router.get("/corps")
async def list_corps(server: TheServer) -> dict[str, Any]:
    """{"corps": [{"corpid", "name", "created_at"}]}, oldest first."""

    def work(tx: Transaction) -> dict[str, Any]:
        corps = tx.session.exec(select(Corp).order_by(sa.text("created_at, corp_id"))).all()
        return {"corps": [{"corpid": c.corp_id, "name": c.name, "created_at": c.created_at} for c in corps]}

    return await server.run(work)


@router.get("/corps/{corpid}")
async def show_corp(corpid: str, server: TheServer) -> dict[str, Any]:
    """The corp with its apps, secrets and callback settings."""
    return await server.run(lambda tx: describe(tx, corpid))


@router.delete("/corps/{corpid}")
async def remove_corp(corpid: str, server: TheServer) -> dict[str, Any]:
    """Deletes the corp and every row of it but its ledger, which still answers: {"deleted": corpid}."""

    def work(tx: Transaction) -> dict[str, Any]:
        tx.reserve_ids(held_in_corp(tx, corpid))
        if not delete_corp(Context(server.settings, tx, corpid)):
            raise SimError(404, f"there is no corp {corpid!r}")
        return {"deleted": corpid}

    return await server.run(work)


@router.post("/corps/{corpid}/apps")
async def create_app(corpid: str, body: AppRequest, server: TheServer) -> dict[str, Any]:
    """One more app of the corp, of any kind, with its own visible range: {"agentid", "secret", …}."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        context = Context(server.settings, tx, corpid)
        app = new_app(context, body.name, body.kind, agentid=FIRST_AGENTID + context.next_id())
        app.visible, app.contactable = _range(body.visible), _contactable(body)
        app.trusted_ips = body.trusted_ips
        app.created_at = body.created_at if body.created_at is not None else app.created_at
        app.provider_id = _provider_id(tx, body)
        tx.session.add(app)
        tx.flush()
        return _app(app)

    return await server.run(work)


def _range(given: Range | None) -> dict[str, list[Any]] | None:
    return None if given is None else {str(key): list(ids) for key, ids in given.items()}


def _contactable(body: AppRequest) -> dict[str, list[Any]] | None:
    if body.contactable is not None and body.kind != AppKind.MARKETING:
        raise SimError(422, f"contactable: only apps of the kind {AppKind.MARKETING} have such members")
    return _range(body.contactable)


def _provider_id(tx: Transaction, body: AppRequest) -> str | None:
    """The provider whose app is wanted; raises SimError for one that is not there, or does not belong."""
    if (body.kind in OF_PROVIDERS) != (body.provider_id is not None):
        kinds = ", ".join(sorted(OF_PROVIDERS))
        raise SimError(422, f"provider_id: the kinds {kinds} need one, the others have none")
    if body.provider_id is not None and tx.session.get(Provider, body.provider_id) is None:
        raise SimError(422, f"provider_id: there is no provider {body.provider_id!r}; POST /_sim/providers")
    return body.provider_id


def the_corp(tx: Transaction, corpid: str) -> Corp:
    """The corp; raises SimError 404 for one that is not there."""
    corp = tx.session.get(Corp, corpid)
    if corp is None:
        raise SimError(404, f"there is no corp {corpid!r}; GET /_sim/corps lists them")
    return corp


def describe(tx: Transaction, corpid: str) -> dict[str, Any]:
    corp = the_corp(tx, corpid)
    apps = tx.session.exec(select(App).where(App.corp_id == corpid).order_by(sa.text("agentid"))).all()
    return {"corpid": corp.corp_id, "name": corp.name, "apps": [_app(app) for app in apps]}


def _app(app: App) -> dict[str, Any]:
    of_provider = {"provider_id": app.provider_id} if app.provider_id else {}
    return {
        "agentid": app.agentid,
        "name": app.name,
        "kind": app.kind,
        "secret": app.secret,
        "callback_token": app.callback_token,
        "encoding_aes_key": app.encoding_aes_key,
        "callback_url": app.callback_url,
        **of_provider,
    }
