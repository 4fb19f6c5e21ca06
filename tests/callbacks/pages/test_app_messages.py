"""Messages of members to apps: written as page 90239 shows them."""

from typing import Any

import pytest

from wecom_tollbooth.callbacks.event_xml import to_xml
from wecom_tollbooth.callbacks.events.app_messages import (
    AppMessage,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    TextMessage,
    VideoMessage,
    VoiceMessage,
)

HEAD: dict[str, Any] = {"FromUserName": "fromUser", "MsgId": 1234567890123456, "AgentID": 1}

EXAMPLES: list[tuple[AppMessage, str]] = [
    (TextMessage(Content="this is a test", **HEAD), "<Content><![CDATA[this is a test]]></Content>"),
    (
        ImageMessage(PicUrl="this is a url", MediaId="media_id", **HEAD),
        "<PicUrl><![CDATA[this is a url]]></PicUrl><MediaId><![CDATA[media_id]]></MediaId>",
    ),
    (
        VoiceMessage(MediaId="media_id", Format="Format", **HEAD),
        "<MediaId><![CDATA[media_id]]></MediaId><Format><![CDATA[Format]]></Format>",
    ),
    (
        VideoMessage(MediaId="media_id", ThumbMediaId="thumb_media_id", **HEAD),
        "<MediaId><![CDATA[media_id]]></MediaId><ThumbMediaId><![CDATA[thumb_media_id]]></ThumbMediaId>",
    ),
    (
        LocationMessage(Location_X="23.134", Location_Y="113.358", Scale=20, Label="位置信息", **HEAD),
        "<Location_X>23.134</Location_X><Location_Y>113.358</Location_Y><Scale>20</Scale>"
        "<Label><![CDATA[位置信息]]></Label>",
    ),
    (
        LinkMessage(
            Title="this is a title！",
            Description="this is a description！",
            Url="URL",
            PicUrl="this is a url",
            **HEAD,
        ),
        "<Title><![CDATA[this is a title！]]></Title>"
        "<Description><![CDATA[this is a description！]]></Description><Url><![CDATA[URL]]></Url>"
        "<PicUrl><![CDATA[this is a url]]></PicUrl>",
    ),
]


@pytest.mark.parametrize(("message", "own"), EXAMPLES, ids=[one.MsgType for one, _ in EXAMPLES])
def test_a_message_is_written_as_its_page_shows(message: AppMessage, own: str) -> None:
    tail = "<AppType><![CDATA[wxwork]]></AppType>" if message.MsgType == "location" else ""
    assert to_xml("toUser", 1348831860, message) == (
        "<xml><ToUserName><![CDATA[toUser]]></ToUserName><FromUserName><![CDATA[fromUser]]></FromUserName>"
        f"<CreateTime>1348831860</CreateTime><MsgType><![CDATA[{message.MsgType}]]></MsgType>{own}"
        f"<MsgId>1234567890123456</MsgId><AgentID>1</AgentID>{tail}</xml>"
    )
