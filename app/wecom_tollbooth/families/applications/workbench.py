"""设置工作台自定义展示 (page 92535, 2026-02): what members see of an app on their workbench."""

from typing import Any, NotRequired, cast

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.app_events import SwitchWorkbenchMode
from wecom_tollbooth.corps.app_kinds import MEMBER_APPS, THIRD_PARTY_APPS
from wecom_tollbooth.corps.apps import the_app
from wecom_tollbooth.db import upsert
from wecom_tollbooth.families.applications.family import family, refuse_another_app
from wecom_tollbooth.families.applications.tables import WORKBENCH_DATA, WorkbenchData, WorkbenchTemplate
from wecom_tollbooth.families.applications.workbench_contents import (
    NORMAL,
    TYPES,
    Given,
    ImageGiven,
    KeyDataGiven,
    ListGiven,
    WebviewGiven,
    content_of,
)
from wecom_tollbooth.families.directory.lookup import the_visible_member, the_visible_members
from wecom_tollbooth.families.windows.counting import refuse_over
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, Done, RequestModel, optional, required, required_number
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act
from wecom_tollbooth.world.clock import MINUTE

MEMBERS_AT_ONCE = 1000
OF_A_MEMBER, OF_AN_APP = 10, 100_000
"""Changes a minute: of one member by set_workbench_data, of members by batch_set_workbench_data."""

APP_ERRORS = (ErrCode.INVALID_AGENTID, ErrCode.NO_RIGHT_ON_APP, ErrCode.NO_WORKBENCH_MODE)
CONTENT_ERRORS = (
    ErrCode.INVALID_PARAMETER,
    ErrCode.INVALID_WORKBENCH_TYPE,
    ErrCode.TOO_MANY_KEYDATA,
    ErrCode.TOO_MANY_LIST_ITEMS,
    ErrCode.LIST_TITLE_MISSING,
    ErrCode.INVALID_WEBVIEW_HEIGHT,
    ErrCode.WORKBENCH_DATA_MISSING,
    ErrCode.INVALID_IMAGE_ADDRESS,
    ErrCode.INVALID_LIST_TITLE,
    ErrCode.INVALID_WEBVIEW_ADDRESS,
)
DATA_ERRORS = (
    ErrCode.KEYDATA_MISSING,
    ErrCode.LIST_MISSING,
    ErrCode.WEBVIEW_MISSING,
    ErrCode.NO_WORKBENCH_TEMPLATE,
    ErrCode.WEBVIEW_HEIGHT_DIFFERS,
)
ITEMS = [
    {"key": "待审批", "data": "2", "jump_url": "http://www.qq.com"},
    {"key": "带批阅作业", "data": "4", "jump_url": "http://www.qq.com"},
]


class Content(TypedDict):
    """The data of one type, under the name of the type."""

    type: str
    keydata: NotRequired[dict[str, Any]]
    image: NotRequired[dict[str, Any]]
    list: NotRequired[dict[str, Any]]
    webview: NotRequired[dict[str, Any]]


# --- 设置应用在工作台展示的模版 -----------------------------------------------------------------------


class TemplateRequest(RequestModel):
    agentid: int = required_number(ErrCode.INVALID_AGENTID, ge=0, le=UINT32)
    type: str = required(ErrCode.INVALID_WORKBENCH_TYPE, doc="keydata, image, list, webview or normal")
    keydata: KeyDataGiven | None = optional(doc="of the type keydata, if the corp is to have default data")
    image: ImageGiven | None = optional(doc="likewise of the type image")
    list: ListGiven | None = optional(doc="likewise of the type list")
    webview: WebviewGiven | None = optional(doc="likewise of the type webview")
    replace_user_data: bool | None = optional(doc="true: the data of all members are removed")


@family.post(
    "/cgi-bin/agent/set_workbench_template",
    doc="92535",
    meter="directory.write",
    permission=Permission.WORKBENCH,
    errors=(*APP_ERRORS, *CONTENT_ERRORS),
    sample={
        "agentid": 1000002,
        "type": "image",
        "image": {"url": "xxxx", "jump_url": "http://www.qq.com"},
        "replace_user_data": True,
    },
)
def set_workbench_template(call: Call, body: TemplateRequest) -> Done:
    """设置应用在工作台的展示模版 / Set the workbench template of an app

    The type of what the app shows on the workbench, with default data if given; `normal` is the usual icon.
    The admin has opened the app's own display first: the act `admin_sets_workbench_mode`.
    """
    template = _own_template(call, body.agentid)
    if body.type != NORMAL and body.type not in TYPES:
        raise _unknown_type(body.type)
    given = None if body.type == NORMAL else getattr(body, body.type)
    template.type = body.type
    template.data = None if given is None else content_of(given)
    template.replace_user_data = bool(body.replace_user_data)
    call.db.session.add(template)
    gone = (WORKBENCH_DATA.c.corp_id == call.corp_id) & (WORKBENCH_DATA.c.agentid == call.agentid)
    if not body.replace_user_data:
        gone &= WORKBENCH_DATA.c.type != body.type
    call.db.execute(sa.delete(WORKBENCH_DATA).where(gone))
    return {}


def _own_template(call: Call, agentid: int) -> WorkbenchTemplate:
    """The calling app's template. Raises 301002, and 94000 where the admin hasn't opened it."""
    refuse_another_app(call, agentid)
    found = call.db.session.get(WorkbenchTemplate, (call.corp_id, agentid))
    if found is None or not found.is_open:
        detail = f"no admin has opened the workbench of app {agentid} (act admin_sets_workbench_mode)"
        raise Refusal(ErrCode.NO_WORKBENCH_MODE, detail=detail)
    return found


def _unknown_type(given: str) -> Refusal:
    return Refusal(
        ErrCode.INVALID_WORKBENCH_TYPE, detail=f"type {given[:60]!r} is not one of {', '.join(TYPES)}"
    )


# --- 获取应用在工作台展示的模版 -----------------------------------------------------------------------


class AgentRequest(RequestModel):
    agentid: int = required_number(ErrCode.INVALID_AGENTID, ge=0, le=UINT32)


class TemplateReply(Content):
    replace_user_data: bool


@family.post(
    "/cgi-bin/agent/get_workbench_template",
    doc="92535",
    meter="directory.read",
    permission=Permission.WORKBENCH,
    errors=APP_ERRORS,
    sample={"agentid": 1000002},
)
def get_workbench_template(call: Call, body: AgentRequest) -> TemplateReply:
    """获取应用在工作台的展示模版 / Get the workbench template of an app

    The type and its default data, if there are any.
    """
    template = _own_template(call, body.agentid)
    reply = _shown(template.type, template.data)
    return cast(TemplateReply, {**reply, "replace_user_data": template.replace_user_data})


def _shown(type: str, data: dict[str, Any] | None) -> Content:
    shown: dict[str, Any] = {"type": type}
    if data is not None:
        shown[type] = data
    return cast(Content, shown)


# --- 设置应用在用户工作台展示的数据 -------------------------------------------------------------------


class DataGiven(RequestModel):
    type: str = required(ErrCode.INVALID_WORKBENCH_TYPE, doc="that of the template")
    keydata: KeyDataGiven | None = optional(doc="of the type keydata")
    image: ImageGiven | None = optional(doc="of the type image")
    list: ListGiven | None = optional(doc="of the type list")
    webview: WebviewGiven | None = optional(doc="of the type webview")


class DataRequest(DataGiven):
    agentid: int = required_number(ErrCode.INVALID_AGENTID, ge=0, le=UINT32)
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)


@family.post(
    "/cgi-bin/agent/set_workbench_data",
    doc="92535",
    meter="directory.write",
    permission=Permission.WORKBENCH,
    errors=(
        *APP_ERRORS,
        *CONTENT_ERRORS,
        *DATA_ERRORS,
        ErrCode.MISSING_USERID,
        ErrCode.USERID_NOT_FOUND,
        ErrCode.NO_PRIVILEGE,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={"agentid": 1000002, "userid": "zhangsan", "type": "keydata", "keydata": {"items": ITEMS}},
)
def set_workbench_data(call: Call, body: DataRequest) -> Done:
    """设置成员的工作台数据 / Set the workbench data of a member

    What one member sees, who is in the visible range; 10 times a minute for a member.
    """
    template = _own_template(call, body.agentid)
    member = the_visible_member(call, body.userid, unknown=ErrCode.USERID_NOT_FOUND)
    data = _data(template, body)
    refuse_over(call, f"workbench of {member.userid} in app {call.agentid}", MINUTE, OF_A_MEMBER)
    _store(call, [member.userid], body.type, data)
    return {}


def _data(template: WorkbenchTemplate, given: DataGiven) -> dict[str, Any]:
    """The data of a member. Raises 94001, 94008, 94016 and the codes of what is missing."""
    if given.type not in TYPES:
        raise _unknown_type(given.type)
    if template.type == NORMAL:
        raise Refusal(ErrCode.NO_WORKBENCH_TEMPLATE, detail="the app has no template; set one first")
    if given.type != template.type:
        detail = f"the template of the app is of type {template.type}, the data of {given.type}"
        raise Refusal(ErrCode.INVALID_WORKBENCH_TYPE, detail=detail)
    content: Given | None = getattr(given, given.type)
    if content is None:
        raise Refusal(TYPES[given.type], detail=f"data of the type {given.type} are under {given.type}")
    data = content_of(content)
    height = (template.data or {}).get("height")
    if height and data.get("height", height) != height:
        raise Refusal(
            ErrCode.WEBVIEW_HEIGHT_DIFFERS, detail=f"the template has {height}, the data {data['height']}"
        )
    return data


def _store(call: Call, userids: list[str], type: str, data: dict[str, Any]) -> None:
    rows = [
        WorkbenchData(
            corp_id=call.corp_id, agentid=call.agentid, userid=userid, type=type, data=data
        ).model_dump()
        for userid in userids
    ]
    call.db.execute(upsert(call.db.dialect, WORKBENCH_DATA, ("corp_id", "agentid", "userid")), rows)


# --- 批量设置应用在用户工作台展示的数据 ---------------------------------------------------------------


class BatchRequest(RequestModel):
    agentid: int = required_number(ErrCode.INVALID_AGENTID, ge=0, le=UINT32)
    userid_list: list[str] = required(max_items=MEMBERS_AT_ONCE, doc="up to 1000")
    data: DataGiven | None = optional(doc="as set_workbench_data has it")


@family.post(
    "/cgi-bin/agent/batch_set_workbench_data",
    doc="92535",
    meter="directory.write",
    permission=Permission.WORKBENCH,
    errors=(
        *APP_ERRORS,
        *CONTENT_ERRORS,
        *DATA_ERRORS,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.USERID_NOT_FOUND,
        ErrCode.NO_PRIVILEGE,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={
        "agentid": 1000002,
        "userid_list": ["zhangsan", "lisi"],
        "data": {"type": "keydata", "keydata": {"items": ITEMS[:1]}},
    },
)
def batch_set_workbench_data(call: Call, body: BatchRequest) -> Done:
    """批量设置成员的工作台数据 / Set the workbench data of members in bulk

    The same for up to 1,000 members, all of whom are in the visible range; 100,000 a minute for an app.
    """
    template = _own_template(call, body.agentid)
    if body.data is None:
        raise Refusal(ErrCode.WORKBENCH_DATA_MISSING, detail="data is missing")
    found = the_visible_members(call, body.userid_list, unknown=ErrCode.USERID_NOT_FOUND)
    userids = list(dict.fromkeys(member.userid for member in found))
    data = _data(template, body.data)
    refuse_over(call, f"workbench in app {call.agentid}", MINUTE, OF_AN_APP, len(userids))
    _store(call, userids, body.data.type, data)
    return {}


# --- 获取应用在用户工作台展示的数据 -------------------------------------------------------------------


class MemberRequest(RequestModel):
    agentid: int = required_number(ErrCode.INVALID_AGENTID, ge=0, le=UINT32)
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)


class DataReply(TypedDict):
    data: Content


@family.post(
    "/cgi-bin/agent/get_workbench_data",
    doc="92535",
    meter="directory.read",
    permission=Permission.WORKBENCH,
    errors=(
        *APP_ERRORS,
        ErrCode.MISSING_USERID,
        ErrCode.USERID_NOT_FOUND,
        ErrCode.NO_PRIVILEGE,
        ErrCode.NO_WORKBENCH_TEMPLATE,
    ),
    sample={"agentid": 1000002, "userid": "zhangsan"},
)
def get_workbench_data(call: Call, body: MemberRequest) -> DataReply:
    """获取应用在用户工作台展示的数据 / Get what a member sees on the workbench

    What a member sees: their own data, else those of the template.
    """
    template = _own_template(call, body.agentid)
    member = the_visible_member(call, body.userid, unknown=ErrCode.USERID_NOT_FOUND)
    if template.type == NORMAL:
        raise Refusal(ErrCode.NO_WORKBENCH_TEMPLATE, detail="the app has no template; set one first")
    own = call.db.session.get(WorkbenchData, (call.corp_id, call.agentid, member.userid))
    return {"data": _shown(template.type, own.data if own is not None else template.data)}


# --- 启用或停用自定义工作台 ---------------------------------------------------------------------------


class WorkbenchMode(ActModel):
    agentid: int
    open: bool


@act("admin_sets_workbench_mode")
def admin_sets_workbench_mode(act: Act, body: WorkbenchMode) -> dict[str, Any]:
    """管理员启用或停用自定义工作台 / An admin opens or closes the display of an app."""
    app = the_app(act, body.agentid)
    if app.kind not in MEMBER_APPS | THIRD_PARTY_APPS:
        raise ActRefused(f"app {body.agentid} is not an app that members open")
    found = act.db.session.get(WorkbenchTemplate, (act.corp_id, app.agentid), with_for_update=True)
    template = found or WorkbenchTemplate(corp_id=act.corp_id, agentid=app.agentid)
    if template.is_open != body.open:
        template.is_open = body.open
        act.db.session.add(template)
        act.db.flush()
        if app.kind in MEMBER_APPS:
            emit(act, SwitchWorkbenchMode(Mode=int(body.open), AgentID=app.agentid), agentid=app.agentid)
    return {"agentid": app.agentid, "open": template.is_open}
