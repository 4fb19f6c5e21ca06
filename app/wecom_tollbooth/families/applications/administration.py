"""What providers ask of their apps in a corp: rights, admins, visible range (pages 99108, 100072, 90583)."""

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.app_events import Subscribe, Unsubscribe
from wecom_tollbooth.corps.app_kinds import OF_PROVIDERS, THIRD_PARTY_APPS, AppKind
from wecom_tollbooth.corps.apps import the_app
from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.applications.family import family
from wecom_tollbooth.families.applications.tables import APP_ADMIN, AppAdmin
from wecom_tollbooth.families.directory.lookup import find_members, the_member
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.directory.tables import MEMBER_TAG
from wecom_tollbooth.families.directory.tree import ROOT
from wecom_tollbooth.families.directory.visibility import departments_below
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, Done, RequestModel, optional, required, required_number
from wecom_tollbooth.gateway.tables import PROVIDER_TOKEN
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

OF_A_RANGE = 1000
SENDS, MANAGES = 0, 1
"""auth_type of an admin."""

CUSTOMERS = (
    "externalcontact:base:base",
    "externalcontact:contact:tag",
    "externalcontact:contact:group_msg",
    "externalcontact:contact:welcome_msg",
    "externalcontact:contact:qrcode",
    "externalcontact:contact:transfer",
    "externalcontact:contact:resigned",
    "externalcontact:contact:stat",
    "externalcontact:contact:product_album",
    "externalcontact:contact:intercept_rule",
    "externalcontact:groupchat:welcome_msg",
    "externalcontact:groupchat:stat",
    "externalcontact:groupchat:resigned",
    "externalcontact:groupchat:transfer",
    "externalcontact:moment:list",
    "externalcontact:moment:post",
    "externalcontact:customer_acquisition:base",
)
ACQUISITION = (
    "externalcontact:customer_acquisition:query_quota",
    "externalcontact:customer_acquisition:link",
    "externalcontact:customer_acquisition:customer",
)
RIGHTS: dict[str, tuple[str, ...]] = {
    AppKind.THIRD_PARTY: ("contact:base:base", *CUSTOMERS),
    AppKind.THIRD_PARTY_UNLISTED: ("contact:base:base",),
    AppKind.PROVIDER_DEVELOPED: CUSTOMERS,
    AppKind.MARKETING: (
        "externalcontact:base:base",
        "externalcontact:contact:group_msg",
        "externalcontact:contact:welcome_msg",
        "externalcontact:contact:qrcode",
        "externalcontact:customer_acquisition:base",
    ),
}
"""By the kind of the app: what its operations here amount to, in the words of page 99108."""


# --- 获取应用权限详情 ------------------------------------------------------------------------------------


class RightUntil(TypedDict):
    permission_name: str
    expire_time: int


class RightsReply(TypedDict):
    app_permissions: list[str]
    app_permissions_ext: list[RightUntil]


@family.post(
    "/cgi-bin/agent/get_permissions",
    doc="99052",
    meter="directory.read",
    permission=Permission.APP_OF_PROVIDER,
    sample={},
)
def get_permissions(call: Call, body: RequestModel) -> RightsReply:
    """获取应用权限详情 / Get the permissions of an app

    The rights of the calling app of a provider, as they follow from its kind; none of them ends.
    """
    rights = RIGHTS[call.app_kind]
    lasting = ACQUISITION if "externalcontact:customer_acquisition:base" in rights else ()
    return {
        "app_permissions": list(rights),
        "app_permissions_ext": [{"permission_name": one, "expire_time": 0} for one in lasting],
    }


# --- 获取应用管理员列表 -----------------------------------------------------------------------------------


class AdminEntry(TypedDict):
    userid: str
    auth_type: int


class AdminsReply(TypedDict):
    admin: list[AdminEntry]


@family.post(
    "/cgi-bin/agent/get_admin_list",
    doc="100073",
    meter="directory.read",
    permission=Permission.APP_OF_PROVIDER,
    sample={},
)
def get_admin_list(call: Call, body: RequestModel) -> AdminsReply:
    """获取应用管理员列表 / List the admins of an app

    The admins of the calling app of a provider, and whether they manage it (1) or only send messages (0).
    """
    admins = sa.select(APP_ADMIN.c.userid, APP_ADMIN.c.auth_type).where(
        APP_ADMIN.c.corp_id == call.corp_id, APP_ADMIN.c.agentid == call.agentid
    )
    rows: list[Any] = list(call.db.execute(admins.order_by(APP_ADMIN.c.userid)))
    present = find_members(call, [row.userid for row in rows])
    return {
        "admin": [{"userid": row.userid, "auth_type": row.auth_type} for row in rows if row.userid in present]
    }


# --- 设置授权应用可见范围 ----------------------------------------------------------------------------------


class ScopeRequest(RequestModel):
    agentid: int = required_number(ErrCode.INVALID_AGENTID, ge=0, le=UINT32)
    allow_user: list[str] | None = optional(max_items=OF_A_RANGE, doc="absent: no members")
    allow_party: list[int] | None = optional(max_items=OF_A_RANGE, doc="absent: no departments")
    allow_tag: list[int] | None = optional(max_items=OF_A_RANGE, doc="absent: no member tags")


class ScopeReply(TypedDict):
    invaliduser: list[str]
    invalidparty: list[int]
    invalidtag: list[int]


@family.post(
    "/cgi-bin/agent/set_scope",
    doc="90583",
    meter="directory.write",
    permission=Permission.DIRECTORY_SYNC,
    errors=(ErrCode.INVALID_AGENTID, ErrCode.NO_RIGHT_ON_APP, ErrCode.INVALID_PARAMETER),
    events=(Subscribe, Unsubscribe),
    sample={"agentid": 1, "allow_user": ["zhangsan", "lisi"], "allow_party": [1, 2, 3], "allow_tag": [1]},
)
def set_scope(call: Call, body: ScopeRequest) -> ScopeReply:
    """设置授权应用可见范围 / Set the visible range of an authorized app

    Replaces the visible range of an app of the corp. At WeCom the token comes from a registration code; here
    it is that of the 通讯录同步 secret, which has the same rights.
    """
    app = call.db.session.get(App, (call.corp_id, body.agentid), with_for_update=True)
    if app is None:
        raise Refusal(ErrCode.NO_RIGHT_ON_APP, detail=f"there is no app {body.agentid} in this corp")
    users, parties = body.allow_user or [], body.allow_party or []
    found = find_members(call, users)
    known = departments_below(call.db, call.corp_id, [ROOT])
    tags = body.allow_tag or []
    visible: dict[str, list[Any]] = {
        "userid": list(dict.fromkeys(member.userid for member in found.values())),
        "partyid": [one for one in dict.fromkeys(parties) if one in known],
    }
    known_tags = set(
        call.db.execute(sa.select(MEMBER_TAG.c.tagid).where(MEMBER_TAG.c.corp_id == call.corp_id)).scalars()
    )
    if in_range := [one for one in dict.fromkeys(tags) if one in known_tags]:
        visible["tagid"] = in_range
    with apps_may_change(call):
        app.visible = visible
        call.db.session.add(app)
        call.db.flush()
    return {
        "invaliduser": [one for one in users if one not in found],
        "invalidparty": [one for one in parties if one not in known],
        "invalidtag": [one for one in tags if one not in known_tags],
    }


# --- 代开发应用升级 ---------------------------------------------------------------------------------------

_SUITE_TOKEN = CompiledStatement(
    sa.select(PROVIDER_TOKEN.c.expires_at).where(
        PROVIDER_TOKEN.c.corp_id == bindparam("provider_id"),
        PROVIDER_TOKEN.c.token == bindparam("token"),
        PROVIDER_TOKEN.c.kind == bindparam("kind"),
    )
)


class MigrateRequest(RequestModel):
    suite_access_token: str = required(ErrCode.MISSING_SUITE_TOKEN, doc="of the app's provider")


@family.post(
    "/cgi-bin/agent/migrate_to_customized_app",
    doc="96072",
    checked=None,
    meter="directory.write",
    permission=Permission.APP_OF_PROVIDER,
    errors=(ErrCode.MISSING_SUITE_TOKEN, ErrCode.INVALID_SUITE_TOKEN, ErrCode.SUITE_TOKEN_EXPIRED),
    sample={"suite_access_token": "SUITE_ACCESS_TOKEN"},
)
def migrate_to_customized_app(call: Call, body: MigrateRequest) -> Done:
    """代开发应用升级 ID 形态 / Upgrade the ids of a customized app

    Makes the calling third-party app one that its provider develops for the corp; one that is already stays.
    """
    app = call.db.session.get(App, (call.corp_id, call.agentid), with_for_update=True)
    assert app is not None, "its token was found"
    token = {"provider_id": app.provider_id, "token": body.suite_access_token, "kind": "suite_access_token"}
    found = _SUITE_TOKEN.one(call.db, **token)
    if found is None:
        raise Refusal(ErrCode.INVALID_SUITE_TOKEN, detail="the app's provider has no such token")
    if found[0] <= call.now:
        raise Refusal(ErrCode.SUITE_TOKEN_EXPIRED, detail=f"it expired {call.now - found[0]} s ago")
    if app.kind in THIRD_PARTY_APPS:
        app.kind = AppKind.PROVIDER_DEVELOPED
        call.db.session.add(app)
    return {}


# --- acts ------------------------------------------------------------------------------------------------


class AdminOfApp(ActModel):
    agentid: int
    userid: str
    auth_type: Literal[0, 1] | None = None


@act("admin_sets_app_admin")
def admin_sets_app_admin(act: Act, body: AdminOfApp) -> dict[str, Any]:
    """设置应用管理员 / A member becomes an admin of a provider's app (1 or 0), or no longer is."""
    app = the_app(act, body.agentid)
    if app.kind not in OF_PROVIDERS:
        raise ActRefused(f"app {body.agentid} is the corp's own")
    member = the_member(act, body.userid)
    found = act.db.session.get(AppAdmin, (act.corp_id, app.agentid, member.userid))
    if body.auth_type is None:
        if found is not None:
            act.db.session.delete(found)
    else:
        key: dict[str, Any] = {"corp_id": act.corp_id, "agentid": app.agentid, "userid": member.userid}
        admin = found or AppAdmin(**key, auth_type=body.auth_type)
        admin.auth_type = body.auth_type
        act.db.session.add(admin)
    return {"agentid": app.agentid, "userid": member.userid}


class DocumentArchive(ActModel):
    agentid: int
    granted: bool = True


@act("admin_grants_document_archive")
def admin_grants_document_archive(act: Act, body: DocumentArchive) -> dict[str, Any]:
    """管理员授予智能专区文档存档权限 / An app may keep documents of the data zone: user_doc_ticket."""
    app = the_app(act, body.agentid)
    app.keeps_documents = body.granted
    act.db.session.add(app)
    return {"agentid": app.agentid}
