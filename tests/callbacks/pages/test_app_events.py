"""What members do in apps: written as page 90240 shows it."""

from typing import Any

import pytest

from wecom_tollbooth.callbacks.event_xml import to_xml
from wecom_tollbooth.callbacks.events.app_events import (
    AppEvent,
    Click,
    CloseInactiveAgent,
    EnterAgent,
    Location,
    LocationSelect,
    PicPhotoOrAlbum,
    PicSysphoto,
    Picture,
    PicWeixin,
    ReopenInactiveAgent,
    ScanCodeInfo,
    ScancodePush,
    ScancodeWaitmsg,
    SendLocationInfo,
    SendPicsInfo,
    Subscribe,
    SubscriptionEvent,
    SwitchWorkbenchMode,
    Unsubscribe,
    View,
    ViewMiniprogram,
)
from wecom_tollbooth.callbacks.events.event import Event

HEAD: dict[str, Any] = {"FromUserName": "FromUser", "AgentID": 1}
SCAN = ScanCodeInfo(ScanType="qrcode", ScanResult="1")
PICTURES = SendPicsInfo(Count=1, PicList=[Picture(PicMd5Sum="1b5f7c23b5bf75682a53e7b6d163e185")])
PLACE = SendLocationInfo(
    Location_X="23", Location_Y="113", Scale="15", Label=" 广州市海珠区客村艺苑路 106号", Poiname=""
)
SIX = "<EventKey><![CDATA[6]]></EventKey>"
SCANNED = (
    f"{SIX}<ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType><ScanResult><![CDATA[1]]></ScanResult>"
    "</ScanCodeInfo>"
)
PICTURED = (
    f"{SIX}<SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>"
    "<![CDATA[1b5f7c23b5bf75682a53e7b6d163e185]]></PicMd5Sum></item></PicList></SendPicsInfo>"
)

EXAMPLES: list[tuple[AppEvent | SubscriptionEvent, str]] = [
    (Subscribe(**HEAD), ""),
    (Unsubscribe(**HEAD), ""),
    (EnterAgent(**HEAD), "<EventKey><![CDATA[]]></EventKey>"),
    (
        Location(Latitude="23.104", Longitude="113.320", Precision="65.000", **HEAD),
        "<Latitude>23.104</Latitude><Longitude>113.320</Longitude><Precision>65.000</Precision>",
    ),
    (Click(EventKey="EVENTKEY", **HEAD), "<EventKey><![CDATA[EVENTKEY]]></EventKey>"),
    (View(EventKey="www.qq.com", **HEAD), "<EventKey><![CDATA[www.qq.com]]></EventKey>"),
    (ViewMiniprogram(EventKey="index", **HEAD), "<EventKey><![CDATA[index]]></EventKey>"),
    (ScancodePush(EventKey="6", ScanCodeInfo=SCAN, **HEAD), SCANNED),
    (ScancodeWaitmsg(EventKey="6", ScanCodeInfo=SCAN, **HEAD), SCANNED),
    (PicSysphoto(EventKey="6", SendPicsInfo=PICTURES, **HEAD), PICTURED),
    (PicPhotoOrAlbum(EventKey="6", SendPicsInfo=PICTURES, **HEAD), PICTURED),
    (PicWeixin(EventKey="6", SendPicsInfo=PICTURES, **HEAD), PICTURED),
    (
        LocationSelect(EventKey="6", SendLocationInfo=PLACE, **HEAD),
        f"{SIX}<SendLocationInfo><Location_X><![CDATA[23]]></Location_X>"
        "<Location_Y><![CDATA[113]]></Location_Y><Scale><![CDATA[15]]></Scale>"
        "<Label><![CDATA[ 广州市海珠区客村艺苑路 106号]]></Label><Poiname><![CDATA[]]></Poiname>"
        "</SendLocationInfo>",
    ),
]
AT_A_PLACE = {"LOCATION", "location_select"}


@pytest.mark.parametrize(("event", "own"), EXAMPLES, ids=[one.event for one, _ in EXAMPLES])
def test_an_event_is_written_as_its_page_shows(event: AppEvent | SubscriptionEvent, own: str) -> None:
    tail = "<AppType><![CDATA[wxwork]]></AppType>" if event.event in AT_A_PLACE else ""
    assert to_xml("toUser", 123456789, event) == (
        "<xml><ToUserName><![CDATA[toUser]]></ToUserName><FromUserName><![CDATA[FromUser]]></FromUserName>"
        "<CreateTime>123456789</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{event.event}]]></Event>{own}<AgentID>1</AgentID>{tail}</xml>"
    )


@pytest.mark.parametrize("event", [CloseInactiveAgent(AgentID=1), ReopenInactiveAgent(AgentID=1)])
def test_the_events_of_unused_apps_have_the_app_alone(event: Event) -> None:
    assert to_xml("toUser", 123456789, event) == (
        "<xml><ToUserName><![CDATA[toUser]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
        "<CreateTime>123456789</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{event.event}]]></Event><AgentID>1</AgentID></xml>"
    )


def test_switch_workbench_mode_is_written_as_on_its_page() -> None:
    example = (
        "<xml><ToUserName><![CDATA[toUser]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
        "<CreateTime>123456789</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[switch_workbench_mode]]></Event><Mode>1</Mode><AgentID>1</AgentID></xml>"
    )
    assert to_xml("toUser", 123456789, SwitchWorkbenchMode(Mode=1, AgentID=1)) == example
