"""What a member does in an app (page 90240): opens it, uses its menu, reports where they are."""

from collections.abc import Sequence
from typing import Annotated

from wecom_tollbooth.callbacks.events.app_messages import AgentIdValue
from wecom_tollbooth.callbacks.events.event import Bare, Doc, Event, Shape, UserId, constant
from wecom_tollbooth.callbacks.events.receiver_rules import (
    APPS_OF_MEMBERS,
    THE_APP_ITSELF,
    THE_APP_OF_THE_MEMBER,
)

KeyValue = Annotated[str, Doc("key of the menu item", "菜单项的 key")]

NO_KEY = {"EventKey": Doc("the example has no such element", "文档示例中没有这个元素")}


class SubscriptionEvent(Event):
    """成员关注及取消关注 / Members get an app and lose it."""

    page = "90240"
    checked = "2026-11"
    receivers = APPS_OF_MEMBERS
    not_sent = NO_KEY


class Subscribe(SubscriptionEvent):
    """成员关注应用 / A member comes into the app's visible range, or becomes active in it."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("subscribe")
    AgentID: AgentIdValue


class Unsubscribe(SubscriptionEvent):
    """成员取消关注应用 / A member leaves the app's visible range or the corp, or is disabled."""

    FromUserName: UserId
    Event: str = constant("unsubscribe")
    AgentID: AgentIdValue


class AppEvent(Event):
    """成员使用应用 / Members use an app."""

    page = "90240"
    checked = "2026-11"
    receivers = THE_APP_OF_THE_MEMBER


class DisuseEvent(Event):
    """长期未使用的应用 / Apps that nobody used for long."""

    page = "90240"
    receivers = THE_APP_ITSELF


class CloseInactiveAgent(DisuseEvent):
    """长期未使用应用临时停用 / The platform closes an app: its calls answer 48006."""

    Event: str = constant("close_inactive_agent")
    AgentID: AgentIdValue


class ReopenInactiveAgent(DisuseEvent):
    """长期未使用应用重新启用 / An admin opens it again."""

    Event: str = constant("reopen_inactive_agent")
    AgentID: AgentIdValue


class WorkbenchEvent(Event):
    """工作台自定义展示 / The app's own display on the workbench."""

    page = "92535"
    checked = "2026-08"
    receivers = THE_APP_OF_THE_MEMBER


class SwitchWorkbenchMode(WorkbenchEvent):
    """启用或停用自定义工作台 / An admin opens or closes the app's own display."""

    Event: str = constant("switch_workbench_mode")
    Mode: Annotated[int, Doc("1 open, 0 closed", "1 表示开启，0 表示关闭")]
    AgentID: AgentIdValue


class EnterAgent(AppEvent):
    """进入应用 / A member opens the app."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("enter_agent")
    EventKey: Annotated[str, Doc("empty", "为空")] = constant("")
    AgentID: AgentIdValue


class Location(AppEvent):
    """上报地理位置 / The client reports where the member is."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("LOCATION")
    Latitude: Annotated[Bare, Doc("latitude", "纬度")]
    Longitude: Annotated[Bare, Doc("longitude", "经度")]
    Precision: Annotated[Bare, Doc("precision in metres", "精度，单位米")]
    AgentID: AgentIdValue
    AppType: str = constant("wxwork")


class Click(AppEvent):
    """点击菜单拉取消息 / A member taps a menu item with a key."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("click")
    EventKey: KeyValue
    AgentID: AgentIdValue


class View(AppEvent):
    """点击菜单跳转链接 / A member taps a menu item that opens a page."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("view")
    EventKey: Annotated[str, Doc("address of the page", "跳转的链接")]
    AgentID: AgentIdValue


class ViewMiniprogram(AppEvent):
    """点击菜单跳转小程序 / A member taps a menu item that opens a mini-program."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("view_miniprogram")
    EventKey: Annotated[str, Doc("path in the mini-program", "跳转的小程序路径")]
    AgentID: AgentIdValue


class ScanCodeInfo(Shape):
    ScanType: Annotated[str, Doc("qrcode, usually", "扫描类型，一般是 qrcode")]
    ScanResult: Annotated[str, Doc("what the code holds", "扫描结果")]


ScanValue = Annotated[ScanCodeInfo, Doc("what was scanned", "扫描信息")]


class ScancodePush(AppEvent):
    """扫码推事件 / A member scans a code by a menu item, and the client opens what it holds."""

    FromUserName: UserId
    Event: str = constant("scancode_push")
    EventKey: KeyValue
    ScanCodeInfo: ScanValue
    AgentID: AgentIdValue


class ScancodeWaitmsg(AppEvent):
    """扫码推事件且弹出“消息接收中” / A member scans a code by a menu item and waits for the app's message."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("scancode_waitmsg")
    EventKey: KeyValue
    ScanCodeInfo: ScanValue
    AgentID: AgentIdValue


class Picture(Shape):
    element = "item"
    PicMd5Sum: Annotated[str, Doc("MD5 of the picture", "图片的 MD5 值")]


class SendPicsInfo(Shape):
    Count: Annotated[int, Doc("how many pictures", "图片数量")]
    PicList: Annotated[Sequence[Picture], Doc("the pictures", "图片列表")]


PicturesValue = Annotated[SendPicsInfo, Doc("the pictures that were sent", "发送的图片信息")]


class PicSysphoto(AppEvent):
    """弹出系统拍照发图 / A member takes pictures by a menu item."""

    FromUserName: UserId
    Event: str = constant("pic_sysphoto")
    EventKey: KeyValue
    SendPicsInfo: PicturesValue
    AgentID: AgentIdValue


class PicPhotoOrAlbum(AppEvent):
    """弹出拍照或者相册发图 / A member takes or picks pictures by a menu item."""

    FromUserName: UserId
    Event: str = constant("pic_photo_or_album")
    EventKey: KeyValue
    SendPicsInfo: PicturesValue
    AgentID: AgentIdValue


class PicWeixin(AppEvent):
    """弹出微信相册发图器 / A member picks pictures of the album by a menu item."""

    FromUserName: UserId
    Event: str = constant("pic_weixin")
    EventKey: KeyValue
    SendPicsInfo: PicturesValue
    AgentID: AgentIdValue


class SendLocationInfo(Shape):
    Location_X: Annotated[str, Doc("latitude", "纬度")]
    Location_Y: Annotated[str, Doc("longitude", "经度")]
    Scale: Annotated[str, Doc("zoom of the map", "地图缩放大小")]
    Label: Annotated[str, Doc("name of the place", "地理位置信息")]
    Poiname: Annotated[str, Doc("name of the point of interest, may be empty", "POI 的名字，可能为空")]


class LocationSelect(AppEvent):
    """弹出地理位置选择器 / A member picks a location by a menu item."""

    FromUserName: UserId
    Event: str = constant("location_select")
    EventKey: KeyValue
    SendLocationInfo: Annotated[SendLocationInfo, Doc("the location that was picked", "发送的位置信息")]
    AgentID: AgentIdValue
    AppType: str = constant("wxwork")
