"""Apps of a corp."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from wecom_tollbooth.corps.app_kinds import OF_PROVIDERS, AppKind
from wecom_tollbooth.corps.lifecycle import new_app
from wecom_tollbooth.corps.tables import App, Provider
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.shapes import UINT32
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp

router = APIRouter()

FIRST_AGENTID = 1100000
"""Apps made one by one are numbered from here, clear of those that every corp has."""


Range = dict[Literal["userid", "partyid"], list[str | int]]


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


@router.post("/corps/{corpid}/apps")
async def create_app(corpid: str, body: AppRequest, server: TheServer) -> dict[str, Any]:
    """One more app of the corp, of any kind, with its own visible range: {"agentid", "secret", …}."""

    def work(tx: Transaction) -> dict[str, Any]:
        the_corp(tx, corpid)
        context = server.context(tx, corpid)
        app = new_app(context, body.name, body.kind, agentid=FIRST_AGENTID + context.next_id())
        app.visible, app.contactable = _range(body.visible), _contactable(body)
        app.trusted_ips = body.trusted_ips
        app.created_at = body.created_at if body.created_at is not None else app.created_at
        app.provider_id = _provider_id(tx, body)
        tx.session.add(app)
        tx.flush()
        return show_app(app)

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


def show_app(app: App) -> dict[str, Any]:
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
