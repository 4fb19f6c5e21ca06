"""Apps of a corp: create, show with their secrets, change as an admin does in the console."""

from contextlib import nullcontext
from typing import Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import OF_PROVIDERS, AppKind
from wecom_tollbooth.corps.lifecycle import FIRST_AGENTID, new_app
from wecom_tollbooth.corps.tables import App, Provider
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.security_logs.recorded_acts import record_app_changes
from wecom_tollbooth.gateway.shapes import UINT32
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_app, the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, Number, example

router = control_routes()


class VisibleRange(ControlRequest):
    """Members by userid, departments with all below them, and member tags."""

    userid: list[str] = Field(default=[])
    partyid: list[int] = Field(default=[])
    tagid: list[int] = Field(default=[])


class VisibleRangeReply(TypedDict):
    userid: list[str]
    partyid: list[int]
    tagid: NotRequired[list[int]]


NULLABLE = frozenset({"visible", "contactable"})
"""Fields of AppChange for which null is a value."""

DETAILS = (
    "代开发应用能否看到成员的姓名、职务、座机、扩展属性、上级以及部门名称 / Whether a provider-developed app "
    "sees names, positions, telephones, extended attributes and leaders of members, and names of departments"
)


class AppRequest(ControlRequest):
    model_config = example(
        name="华东小程序", kind="self_built", visible={"userid": ["zhangsan"], "partyid": []}
    )

    name: str = Field(default="自建应用", min_length=1, max_length=64)
    kind: AppKind = AppKind.SELF_BUILT
    visible: VisibleRange | None = Field(
        default=None, description="可见范围，null 为全体成员 / Members that it sees; null: everyone"
    )
    contactable: VisibleRange | None = Field(
        default=None,
        description="营销获客应用的客户可建联的成员 / Members whom customers of a marketing app may add",
    )
    trusted_ips: list[str] = Field(
        default=[],
        description="可信 IP，其他地址返回 60020；为空时不限 / "
        "Trusted addresses, others get 60020; empty: any",
    )
    trusted_domains: list[str] = Field(
        default=[],
        max_length=20,
        description="可信域名，登录后可以跳转到的主机（有端口则带端口），空表示不限 / "
        "Hosts, with their port if any, that a login may lead to; empty: any",
    )
    directory_details: bool = Field(default=False, description=DETAILS)
    created_at: int | None = Field(
        default=None,
        ge=0,
        le=UINT32,
        description="创建时间（Unix 秒），默认现在；1655726400 之前创建的自建应用能读到成员的敏感信息 / "
        "Unix seconds, by default now; self-built apps from before 1655726400 see private fields of members",
    )
    provider_id: str | None = Field(
        default=None, description="服务商应用所属的服务商 / The provider of a provider's app"
    )


class AppChange(ControlRequest):
    model_config = example(enabled=False)

    enabled: bool | None = Field(
        default=None,
        description="false 即停用：接口返回 50003，不再收到回调 / "
        "false disables the app: its calls answer 50003, and it gets no callbacks",
    )
    name: str | None = Field(default=None, min_length=1, max_length=64)
    visible: VisibleRange | None = Field(
        default=None, description="可见范围，null 为全体成员 / Members that it sees; null: everyone"
    )
    contactable: VisibleRange | None = Field(
        default=None,
        description="营销获客应用的客户可建联的成员 / Members whom customers of a marketing app may add",
    )
    trusted_ips: list[str] | None = Field(default=None, description="可信 IP / Trusted addresses")
    trusted_domains: list[str] | None = Field(
        default=None, max_length=20, description="可信域名 / Hosts that a login may lead to"
    )
    directory_details: bool | None = Field(default=None, description=DETAILS)


class AppReply(TypedDict):
    agentid: int
    name: str
    kind: AppKind
    secret: str
    callback_token: str
    encoding_aes_key: str
    callback_url: str
    provider_id: NotRequired[str]


class AppDetails(AppReply):
    enabled: bool
    visible: VisibleRangeReply | None
    contactable: VisibleRangeReply | None
    trusted_ips: list[str]
    trusted_domains: list[str]
    directory_details: bool
    created_at: int


@router.post("/corps/{corpid}/apps")
async def create_app(corpid: str, body: AppRequest, server: TheServer) -> AppReply:
    """新建应用 / Create an app

    为企业新建一个应用，类型与可见范围自定。服务商的应用（`third_party`、`third_party_unlisted`、`marketing`、
    `provider_developed`）需要 `provider_id`，其他类型不能有；它的 `secret` 是 permanent_code。

    One more app of the corp, of any kind, with its own visible range. Apps of providers (`third_party`,
    `third_party_unlisted`, `marketing`, `provider_developed`) need a `provider_id`, the others have none;
    their `secret` is the permanent_code.
    """

    def work(tx: Transaction) -> AppReply:
        the_corp(tx, corpid)
        context = server.context(tx, corpid)
        app = new_app(context, body.name, body.kind, agentid=FIRST_AGENTID + context.next_id())
        app.visible, app.contactable = _range(body.visible), _contactable(body)
        app.trusted_ips = body.trusted_ips
        app.trusted_domains = [domain.lower() for domain in body.trusted_domains]
        app.directory_details = body.directory_details
        if app.directory_details and body.kind != AppKind.PROVIDER_DEVELOPED:
            raise _no_details()
        app.created_at = body.created_at if body.created_at is not None else app.created_at
        app.provider_id = _provider_id(tx, body)
        tx.session.add(app)
        tx.flush()
        return show_app(app)

    return await server.run(work)


@router.get("/corps/{corpid}/apps/{agentid}")
async def get_app(corpid: str, agentid: Number, server: TheServer) -> AppDetails:
    """查看应用 / Show an app

    应用的密钥与回调配置，是否启用，可见范围、可信域名与可信 IP。

    The app with its secret and callback settings, whether it is enabled, its visible range, trusted hosts and
    addresses.
    """
    return await server.run(lambda tx: _show_details(the_app(tx, corpid, agentid)))


@router.patch("/corps/{corpid}/apps/{agentid}")
async def change_app(corpid: str, agentid: Number, body: AppChange, server: TheServer) -> AppDetails:
    """修改应用 / Change an app

    管理员在管理后台所做的修改，没有给出的字段不变。应用停用后重新启用，原来的 access_token 仍可使用。
    可见范围变化时推送 subscribe 和 unsubscribe。

    What an admin changes in the console; a field that is not given stays as it is. An app that is disabled
    keeps its tokens, so they work again when it is enabled. A changed visible range raises subscribe and
    unsubscribe.
    """

    def work(tx: Transaction) -> AppDetails:
        app = the_app(tx, corpid, agentid)
        changes = {name: getattr(body, name) for name in body.model_fields_set}
        for name in changes.keys() - NULLABLE:
            if changes[name] is None:
                raise SimError(422, f"{name}: null is no value for it; leave the field out")
        if changes.get("contactable") is not None and app.kind != AppKind.MARKETING:
            raise _not_contactable()
        if changes.get("directory_details") and app.kind != AppKind.PROVIDER_DEVELOPED:
            raise _no_details()
        if "trusted_domains" in changes:
            changes["trusted_domains"] = [domain.lower() for domain in changes["trusted_domains"]]
        for name in changes.keys() & NULLABLE:
            changes[name] = _range(changes[name])
        context = server.context(tx, corpid)
        with apps_may_change(context) if "visible" in changes else nullcontext():
            for name, value in changes.items():
                setattr(app, name, value)
            tx.session.add(app)
            tx.flush()
        record_app_changes(context, app, changes.keys())
        return _show_details(app)

    shown = await server.run(work)
    server.work_waiting.set(corpid)
    return shown


def _show_details(app: App) -> AppDetails:
    return {
        **show_app(app),
        "enabled": app.enabled,
        "visible": _shown_range(app.visible),
        "contactable": _shown_range(app.contactable),
        "trusted_ips": app.trusted_ips,
        "trusted_domains": app.trusted_domains,
        "directory_details": app.directory_details,
        "created_at": app.created_at,
    }


def _shown_range(stored: dict[str, list[Any]] | None) -> VisibleRangeReply | None:
    if stored is None:
        return None
    shown: VisibleRangeReply = {"userid": stored.get("userid", []), "partyid": stored.get("partyid", [])}
    if stored.get("tagid"):
        shown["tagid"] = stored["tagid"]
    return shown


def _range(given: VisibleRange | None) -> dict[str, list[Any]] | None:
    if given is None:
        return None
    whole = given.model_dump()
    return whole if given.tagid else {key: whole[key] for key in ("userid", "partyid")}


def _contactable(body: AppRequest) -> dict[str, list[Any]] | None:
    if body.contactable is not None and body.kind != AppKind.MARKETING:
        raise _not_contactable()
    return _range(body.contactable)


def _not_contactable() -> SimError:
    return SimError(422, f"contactable: only apps of the kind {AppKind.MARKETING} have such members")


def _no_details() -> SimError:
    return SimError(422, f"directory_details: an admin grants it to {AppKind.PROVIDER_DEVELOPED} apps alone")


def _provider_id(tx: Transaction, body: AppRequest) -> str | None:
    """The provider of the new app. Raises SimError 422 if it does not exist or does not fit the kind."""
    if (body.kind in OF_PROVIDERS) != (body.provider_id is not None):
        kinds = ", ".join(sorted(OF_PROVIDERS))
        raise SimError(422, f"provider_id: the kinds {kinds} need one, the others have none")
    if body.provider_id is not None and tx.session.get(Provider, body.provider_id) is None:
        raise SimError(422, f"provider_id: there is no provider {body.provider_id!r}; POST /_sim/providers")
    return body.provider_id


def show_app(app: App) -> AppReply:
    shown: AppReply = {
        "agentid": app.agentid,
        "name": app.name,
        "kind": AppKind(app.kind),
        "secret": app.secret,
        "callback_token": app.callback_token,
        "encoding_aes_key": app.encoding_aes_key,
        "callback_url": app.callback_url,
    }
    if app.provider_id:
        shown["provider_id"] = app.provider_id
    return shown
