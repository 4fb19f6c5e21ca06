"""获取应用, 设置应用 (pages 90227 and 90228, 2026-08)."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.tables import APP, App
from wecom_tollbooth.families.applications.family import family, refuse_another_app
from wecom_tollbooth.families.applications.tables import AppProfile
from wecom_tollbooth.families.media.lookup import check_media
from wecom_tollbooth.families.media.pictures import picture_address, publish
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, Done, RequestModel, optional, required_number

NAME_CHARS, DESCRIPTION_LEAST, DESCRIPTION_MOST = 32, 4, 120
ROOT = 1
ONLINE = 2
"""customized_publish_status of an app that a provider developed and published."""


class VisibleMember(TypedDict):
    userid: str


class VisibleMembers(TypedDict):
    user: list[VisibleMember]


class VisibleDepartments(TypedDict):
    partyid: list[int]


class VisibleTags(TypedDict):
    tagid: list[int]


class AgentReply(TypedDict):
    agentid: int
    name: str
    square_logo_url: str
    description: str
    allow_userinfos: VisibleMembers
    allow_partys: VisibleDepartments
    allow_tags: VisibleTags
    close: int
    redirect_domain: str
    report_location_flag: int
    isreportenter: int
    home_url: str
    customized_publish_status: NotRequired[int]


class AgentRequest(RequestModel):
    agentid: int = required_number(ErrCode.INVALID_AGENTID, ge=0, le=UINT32)


@family.get(
    "/cgi-bin/agent/get",
    doc="90227",
    meter="directory.read",
    permission=Permission.OWN_APP_READ,
    errors=(ErrCode.INVALID_AGENTID, ErrCode.NO_RIGHT_ON_APP),
    sample={"agentid": 1000002},
)
def get_agent(call: Call, query: AgentRequest) -> AgentReply:
    """获取指定的应用详情 / Get an app

    The calling app: its names, its visible range as the admin wrote it (everyone: department 1), its trusted
    domain.
    """
    refuse_another_app(call, query.agentid)
    app = call.db.session.get(App, (call.corp_id, call.agentid))
    assert app is not None, "its token was found"
    profile = profile_of(call)
    visible = app.visible if app.visible is not None else {"partyid": [ROOT]}
    reply: AgentReply = {
        "agentid": app.agentid,
        "name": app.name,
        "square_logo_url": _logo(call, profile),
        "description": profile.description,
        "allow_userinfos": {"user": [{"userid": str(userid)} for userid in visible.get("userid", [])]},
        "allow_partys": {"partyid": [int(partyid) for partyid in visible.get("partyid", [])]},
        "allow_tags": {"tagid": [int(tagid) for tagid in visible.get("tagid", [])]},
        "close": 0 if app.enabled else 1,
        "redirect_domain": app.trusted_domains[0] if app.trusted_domains else "",
        "report_location_flag": profile.report_location_flag,
        "isreportenter": profile.isreportenter,
        "home_url": profile.home_url,
    }
    if app.kind == AppKind.PROVIDER_DEVELOPED:
        reply["customized_publish_status"] = ONLINE
    return reply


class ListedAgent(TypedDict):
    agentid: int
    name: str
    square_logo_url: str


class AgentsReply(TypedDict):
    agentlist: list[ListedAgent]


@family.get(
    "/cgi-bin/agent/list", doc="90227", meter="directory.read", permission=Permission.OWN_APP_READ, sample={}
)
def list_agents(call: Call, query: RequestModel) -> AgentsReply:
    """获取 access_token 对应的应用列表 / List the apps of an access_token

    The apps that the token may manage: the calling one.
    """
    name = call.db.execute(
        sa.select(APP.c.name).where(APP.c.corp_id == call.corp_id, APP.c.agentid == call.agentid)
    ).scalar_one()
    listed: ListedAgent = {
        "agentid": call.agentid,
        "name": name,
        "square_logo_url": _logo(call, profile_of(call)),
    }
    return {"agentlist": [listed]}


def _logo(call: Call, profile: AppProfile) -> str:
    """The address of the picture that agent/set gave by media_id; empty without one."""
    if not profile.logo_mediaid:
        return ""
    return picture_address(call, call.request.base_url, profile.logo_mediaid)


class SetRequest(RequestModel):
    agentid: int = required_number(ErrCode.INVALID_AGENTID, ge=0, le=UINT32)
    report_location_flag: int | None = optional(
        ge=0, le=1, invalid=ErrCode.INVALID_LOCATION_FLAG, doc="1: the client reports where members are"
    )
    logo_mediaid: str | None = optional(doc="of media/upload, an image")
    name: str | None = optional(max_chars=NAME_CHARS, too_long=ErrCode.INVALID_APP_NAME)
    description: str | None = optional(
        max_chars=DESCRIPTION_MOST, too_long=ErrCode.INVALID_APP_DESCRIPTION, doc="4 to 120 characters"
    )
    redirect_domain: str | None = optional(doc="trusted domain: a host, with its port if any")
    isreportenter: int | None = optional(ge=0, le=1, doc="1: enter_agent is reported")
    home_url: str | None = optional(doc="http or https")


@family.post(
    "/cgi-bin/agent/set",
    doc="90228",
    meter="directory.write",
    permission=Permission.OWN_APP_WRITE,
    errors=(
        ErrCode.INVALID_AGENTID,
        ErrCode.NO_RIGHT_ON_APP,
        ErrCode.INVALID_MEDIA_ID,
        ErrCode.INVALID_LOCATION_FLAG,
        ErrCode.INVALID_HOME_URL,
        ErrCode.INVALID_APP_DESCRIPTION,
        ErrCode.INVALID_APP_NAME,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={
        "agentid": 1000002,
        "report_location_flag": 0,
        "logo_mediaid": "MEDIA_ID",
        "name": "财经助手",
        "description": "内部财经服务平台",
        "redirect_domain": "open.work.weixin.qq.com",
        "isreportenter": 0,
        "home_url": "https://open.work.weixin.qq.com",
    },
)
def set_agent(call: Call, body: SetRequest) -> Done:
    """设置应用 / Change an app

    Changes the calling app; a field that is absent or empty stays as it was. `redirect_domain` becomes the
    first of the app's trusted domains. Nobody owns domains here, so 85005 doesn't occur.
    """
    refuse_another_app(call, body.agentid)
    if body.description and len(body.description) < DESCRIPTION_LEAST:
        raise Refusal(
            ErrCode.INVALID_APP_DESCRIPTION,
            detail=f"description needs {DESCRIPTION_LEAST} to {DESCRIPTION_MOST} characters",
        )
    if body.home_url and not body.home_url.startswith(("http://", "https://")):
        raise Refusal(ErrCode.INVALID_HOME_URL, detail="home_url is http or https")
    if body.logo_mediaid:
        publish(call, check_media(call, body.logo_mediaid, "image", field="logo_mediaid"))
    app = call.db.session.get(App, (call.corp_id, call.agentid), with_for_update=True)
    assert app is not None, "its token was found"
    if body.name:
        app.name = body.name
    if body.redirect_domain:
        first = body.redirect_domain.lower()
        app.trusted_domains = [first, *(domain for domain in app.trusted_domains[1:] if domain != first)]
    call.db.session.add(app)
    profile = profile_of(call)
    for name in ("description", "logo_mediaid", "home_url"):
        if value := getattr(body, name):
            setattr(profile, name, value)
    for name in ("report_location_flag", "isreportenter"):
        if (flag := getattr(body, name)) is not None:
            setattr(profile, name, flag)
    call.db.session.add(profile)
    return {}


def profile_of(call: Call) -> AppProfile:
    """The calling app's row, or a new one that is not stored yet."""
    key = (call.corp_id, call.agentid)
    found = call.db.session.get(AppProfile, key)
    return found or AppProfile(corp_id=call.corp_id, agentid=call.agentid)
