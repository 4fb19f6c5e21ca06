"""自定义菜单 (pages 90231, 90232, 90233): the menu that members see at the foot of an app's chat."""

from typing import Any, NamedTuple, NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.families.applications.agents import profile_of
from wecom_tollbooth.families.applications.family import family, refuse_another_app
from wecom_tollbooth.families.mini_programs.lookup import refuse_unassociated
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, Done, RequestModel, optional, required, required_number

BUTTONS, SUB_BUTTONS = 3, 5
NAME_BYTES, SUB_NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 40, 128, 1024
WITH_KEY = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
VIEW, MINI_PROGRAM = "view", "view_miniprogram"


class Codes(NamedTuple):
    """What the buttons of one level answer."""

    name: Code
    type: Code
    key: Code
    url: Code
    url_domain: Code


OF_BUTTONS = Codes(
    ErrCode.INVALID_MENU_BUTTON_NAME,
    ErrCode.INVALID_MENU_BUTTON_TYPE,
    ErrCode.INVALID_MENU_BUTTON_KEY,
    ErrCode.INVALID_MENU_BUTTON_URL,
    ErrCode.INVALID_MENU_BUTTON_URL_DOMAIN,
)
OF_SUB_BUTTONS = Codes(
    ErrCode.INVALID_SUB_BUTTON_NAME,
    ErrCode.INVALID_SUB_BUTTON_TYPE,
    ErrCode.INVALID_SUB_BUTTON_KEY,
    ErrCode.INVALID_SUB_BUTTON_URL,
    ErrCode.INVALID_SUB_BUTTON_URL_DOMAIN,
)


class SubButtonGiven(RequestModel):
    type: str | None = optional(doc="click, view, view_miniprogram, scancode_push …")
    name: str | None = optional(doc="at most 40 bytes")
    key: str | None = optional(doc="of all types but view and view_miniprogram; at most 128 bytes")
    url: str | None = optional(doc="of view; at most 1024 bytes")
    pagepath: str | None = optional(doc="of view_miniprogram")
    appid: str | None = optional(doc="of view_miniprogram")
    sub_button: list[dict[str, Any]] | None = optional(doc="there is no third level")


class ButtonGiven(RequestModel):
    type: str | None = optional(doc="absent for a button with sub_button")
    name: str | None = optional(doc="at most 16 bytes")
    key: str | None = optional()
    url: str | None = optional()
    pagepath: str | None = optional()
    appid: str | None = optional()
    sub_button: list[SubButtonGiven] | None = optional(doc="1 to 5")


class MenuRequest(RequestModel):
    button: list[ButtonGiven] = required(ErrCode.INVALID_MENU_BUTTON_COUNT, doc="1 to 3")


class ButtonShape(TypedDict):
    name: str
    type: NotRequired[str]
    key: NotRequired[str]
    url: NotRequired[str]
    pagepath: NotRequired[str]
    appid: NotRequired[str]
    sub_button: NotRequired[list[dict[str, Any]]]


class MenuReply(TypedDict):
    button: list[ButtonShape]


@family.post(
    "/cgi-bin/menu/create",
    doc="90231",
    meter="directory.write",
    permission=Permission.OWN_APP,
    errors=(
        ErrCode.MINI_PROGRAM_NOT_ASSOCIATED,
        ErrCode.INVALID_AGENTID,
        ErrCode.NO_RIGHT_ON_APP,
        ErrCode.INVALID_MENU_BUTTON_COUNT,
        ErrCode.INVALID_SUB_BUTTON_COUNT,
        ErrCode.MENU_TOO_DEEP,
        ErrCode.MISSING_MENU_NAME,
        *OF_BUTTONS,
        *OF_SUB_BUTTONS,
    ),
    sample={
        "button": [
            {"type": "click", "name": "今日歌曲", "key": "V1001_TODAY_MUSIC"},
            {
                "name": "菜单",
                "sub_button": [
                    {"type": "view", "name": "搜索", "url": "http://www.soso.com/"},
                    {"type": "click", "name": "赞一下我们", "key": "V1001_GOOD"},
                ],
            },
        ]
    },
)
def create_menu(call: Call, body: MenuRequest) -> Done:
    """创建菜单 / Create a menu

    Replaces the app's menu. `agentid` belongs in the address, as on the page; without one the calling app's
    is meant.
    """
    _refuse_agentid(call)
    if len(body.button) > BUTTONS:
        raise Refusal(
            ErrCode.INVALID_MENU_BUTTON_COUNT, detail=f"{len(body.button)} buttons, at most {BUTTONS}"
        )
    profile = profile_of(call)
    profile.menu = [_button(button, f"button[{place}]") for place, button in enumerate(body.button)]
    refuse_unassociated(call, profile.menu, "button")
    call.db.session.add(profile)
    return {}


class OfApp(RequestModel):
    agentid: int = required_number(ErrCode.INVALID_AGENTID, ge=0, le=UINT32)


@family.get(
    "/cgi-bin/menu/get",
    doc="90232",
    meter="directory.read",
    permission=Permission.OWN_APP,
    errors=(ErrCode.INVALID_AGENTID, ErrCode.NO_RIGHT_ON_APP, ErrCode.NO_MENU),
    sample={"agentid": 1000002},
)
def get_menu(call: Call, query: OfApp) -> MenuReply:
    """获取菜单 / Get a menu

    The menu as it was created; 46003 where there is none.
    """
    refuse_another_app(call, query.agentid)
    menu: list[Any] = profile_of(call).menu
    if not menu:
        raise Refusal(ErrCode.NO_MENU, detail="menu/create makes one")
    return {"button": menu}


@family.get(
    "/cgi-bin/menu/delete",
    doc="90233",
    meter="directory.write",
    permission=Permission.OWN_APP,
    errors=(ErrCode.INVALID_AGENTID, ErrCode.NO_RIGHT_ON_APP, ErrCode.NO_MENU),
    sample={"agentid": 1000002},
)
def delete_menu(call: Call, query: OfApp) -> Done:
    """删除菜单 / Delete a menu

    Members see no menu any more; 46003 where there is none.
    """
    refuse_another_app(call, query.agentid)
    profile = profile_of(call)
    if not profile.menu:
        raise Refusal(ErrCode.NO_MENU, detail="the app has no menu")
    profile.menu = []
    call.db.session.add(profile)
    return {}


def _refuse_agentid(call: Call) -> None:
    given = call.request.query.get("agentid", str(call.agentid))
    if not given.isdecimal() or len(given) > len(str(UINT32)) or int(given) > UINT32:
        raise Refusal(ErrCode.INVALID_AGENTID, detail=f"agentid {given[:60]!r} is no number of an app")
    refuse_another_app(call, int(given))


def _button(button: ButtonGiven, place: str) -> dict[str, Any]:
    name = _name(button.name, NAME_BYTES, place, OF_BUTTONS)
    if not button.sub_button:
        return {"name": name, **_action(button, place, OF_BUTTONS)}
    if len(button.sub_button) > SUB_BUTTONS:
        raise Refusal(
            ErrCode.INVALID_SUB_BUTTON_COUNT,
            detail=f"{place}: {len(button.sub_button)} sub-buttons, at most {SUB_BUTTONS}",
        )
    below = []
    for number, one in enumerate(button.sub_button):
        where = f"{place}.sub_button[{number}]"
        if one.sub_button:
            raise Refusal(ErrCode.MENU_TOO_DEEP, detail=f"{where}: a menu has two levels")
        action = _action(one, where, OF_SUB_BUTTONS)
        name_below = _name(one.name, SUB_NAME_BYTES, where, OF_SUB_BUTTONS)
        below.append({"name": name_below, **action, "sub_button": []})
    return {"name": name, "sub_button": below}


def _name(name: str | None, most: int, place: str, codes: Codes) -> str:
    if name is None:
        raise Refusal(ErrCode.MISSING_MENU_NAME, detail=f"{place}.name is required and was absent")
    if not name or len(name.encode()) > most:
        raise Refusal(codes.name, detail=f"{place}.name needs 1 to {most} bytes")
    return name


def _action(button: ButtonGiven | SubButtonGiven, place: str, codes: Codes) -> dict[str, str]:
    """What a tap does, with the fields of its type alone."""
    kind = button.type or ""
    if kind in WITH_KEY:
        key = button.key or ""
        if not key or len(key.encode()) > KEY_BYTES:
            raise Refusal(codes.key, detail=f"{place}.key needs 1 to {KEY_BYTES} bytes")
        return {"type": kind, "key": key}
    if kind == VIEW:
        url = button.url or ""
        if not url or len(url.encode()) > URL_BYTES:
            raise Refusal(codes.url, detail=f"{place}.url needs 1 to {URL_BYTES} bytes")
        if not url.startswith(("http://", "https://", "weixin://wxpay/bizpayurl")):
            raise Refusal(codes.url_domain, detail=f"{place}.url {url[:60]!r} is neither http nor https")
        return {"type": kind, "url": url}
    if kind == MINI_PROGRAM:
        if not (button.appid and button.pagepath):
            raise Refusal(codes.url, detail=f"{place} needs appid and pagepath")
        return {"type": kind, "pagepath": button.pagepath, "appid": button.appid}
    raise Refusal(codes.type, detail=f"{place}.type {kind[:60]!r} is no type of a button")
