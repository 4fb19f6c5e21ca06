"""Members open an app, use its menu and report where they are (page 90240, 2026-11)."""

from typing import Any, Literal

from pydantic import Field

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.app_events import (
    AppEvent,
    Click,
    EnterAgent,
    Location,
    LocationSelect,
    PicPhotoOrAlbum,
    PicSysphoto,
    Picture,
    PicWeixin,
    ScanCodeInfo,
    ScancodePush,
    ScancodeWaitmsg,
    SendLocationInfo,
    SendPicsInfo,
    View,
    ViewMiniprogram,
)
from wecom_tollbooth.families.app_events.lookup import InApp, app_of_member
from wecom_tollbooth.families.applications.tables import AppProfile
from wecom_tollbooth.world.acts import Act, act

PICTURES = 9
SWITCHES: dict[type[AppEvent], str] = {EnterAgent: "isreportenter", Location: "report_location_flag"}
"""Which flag of agent/set turns an event off."""


def _raise(act: Act, body: InApp, event: type[AppEvent], **fields: Any) -> dict[str, Any]:
    use = app_of_member(act, body)
    if event in SWITCHES and not _wants(act, use.agentid, SWITCHES[event]):
        return use._asdict()
    emit(act, event(FromUserName=use.userid, AgentID=use.agentid, **fields), agentid=use.agentid)
    return use._asdict()


def _wants(act: Act, agentid: int, flag: str) -> bool:
    profile = act.db.session.get(AppProfile, (act.corp_id, agentid))
    return profile is None or bool(getattr(profile, flag))


@act("member_opens_app")
def member_opens_app(act: Act, body: InApp) -> dict[str, Any]:
    """成员进入应用 / A member opens an app: enter_agent, unless `agent/set` turned it off."""
    return _raise(act, body, EnterAgent)


class AtPlace(InApp):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class MemberReportsLocation(AtPlace):
    precision: float = Field(default=65.0, ge=0, le=1_000_000)


@act("member_reports_location")
def member_reports_location(act: Act, body: MemberReportsLocation) -> dict[str, Any]:
    """成员上报地理位置 / The client reports where a member is, as on opening an app: LOCATION."""
    place = {"Latitude": str(body.latitude), "Longitude": str(body.longitude)}
    return _raise(act, body, Location, **place, Precision=f"{body.precision:.3f}")


# --- the menu --------------------------------------------------------------------------------------------


class MenuItem(InApp):
    key: str = Field(min_length=1)


@act("member_clicks_menu")
def member_clicks_menu(act: Act, body: MenuItem) -> dict[str, Any]:
    """成员点击菜单 / A member taps a menu item that has a key: click."""
    return _raise(act, body, Click, EventKey=body.key)


class MenuLink(InApp):
    url: str = Field(min_length=1)


@act("member_opens_menu_link")
def member_opens_menu_link(act: Act, body: MenuLink) -> dict[str, Any]:
    """成员点击菜单打开链接 / A member taps a menu item that opens a page: view."""
    return _raise(act, body, View, EventKey=body.url)


class MenuMiniProgram(InApp):
    pagepath: str = Field(min_length=1)


@act("member_opens_menu_mini_program")
def member_opens_menu_mini_program(act: Act, body: MenuMiniProgram) -> dict[str, Any]:
    """成员点击菜单打开小程序 / A member taps a menu item that opens a mini-program: view_miniprogram."""
    return _raise(act, body, ViewMiniprogram, EventKey=body.pagepath)


class MenuScan(MenuItem):
    result: str
    scan_type: str = "qrcode"
    waits: bool = False


@act("member_scans_by_menu")
def member_scans_by_menu(act: Act, body: MenuScan) -> dict[str, Any]:
    """成员用菜单扫码 / A member scans a code: scancode_push, or scancode_waitmsg if the client `waits`."""
    scanned = ScanCodeInfo(ScanType=body.scan_type, ScanResult=body.result)
    event = ScancodeWaitmsg if body.waits else ScancodePush
    return _raise(act, body, event, EventKey=body.key, ScanCodeInfo=scanned)


class MenuPictures(MenuItem):
    menu_type: Literal["pic_sysphoto", "pic_photo_or_album", "pic_weixin"] = "pic_sysphoto"
    md5: list[str] = Field(min_length=1, max_length=PICTURES)


@act("member_sends_pictures_by_menu")
def member_sends_pictures_by_menu(act: Act, body: MenuPictures) -> dict[str, Any]:
    """成员用菜单发图 / A member takes or picks pictures: the event named by `menu_type`."""
    event = next(
        event for event in (PicSysphoto, PicPhotoOrAlbum, PicWeixin) if event.event == body.menu_type
    )
    pictures = SendPicsInfo(Count=len(body.md5), PicList=[Picture(PicMd5Sum=one) for one in body.md5])
    return _raise(act, body, event, EventKey=body.key, SendPicsInfo=pictures)


class MenuLocation(AtPlace):
    key: str = Field(min_length=1)
    scale: int = Field(default=15, ge=0, le=100)
    label: str = ""
    poiname: str = ""


@act("member_picks_location_by_menu")
def member_picks_location_by_menu(act: Act, body: MenuLocation) -> dict[str, Any]:
    """成员用菜单选择位置 / A member picks a place on the map: location_select."""
    place = SendLocationInfo(
        Location_X=str(body.latitude),
        Location_Y=str(body.longitude),
        Scale=str(body.scale),
        Label=body.label,
        Poiname=body.poiname,
    )
    return _raise(act, body, LocationSelect, EventKey=body.key, SendLocationInfo=place)
