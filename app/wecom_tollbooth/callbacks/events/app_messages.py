"""What a member writes to an app (page 90239). Such a message has a MsgId and no element Event."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import MESSAGE, Bare, Doc, Event, UserId, constant
from wecom_tollbooth.callbacks.events.receiver_rules import THE_APP_OF_THE_MEMBER

MsgIdValue = Annotated[
    int, Doc("id of the message, 64 bits; the same in every retry", "消息 ID，64 位整数，重试时不变")
]
AgentIdValue = Annotated[int, Doc("the app", "应用 agentid")]
MediaIdValue = Annotated[
    str, Doc("the file, for media/get within three days", "文件的 media_id，三天内可获取")
]


class AppMessage(Event):
    """成员发给应用的消息 / Messages from members to an app."""

    event = MESSAGE
    page = "90239"
    checked = "2026-11"
    receivers = THE_APP_OF_THE_MEMBER
    takes_reply = True


class TextMessage(AppMessage):
    """文本消息 / A member writes a text."""

    FromUserName: UserId
    MsgType: str = constant("text")
    Content: Annotated[str, Doc("the text", "文本内容")]
    MsgId: MsgIdValue
    AgentID: AgentIdValue


class ImageMessage(AppMessage):
    """图片消息 / A member sends an image."""

    FromUserName: UserId
    MsgType: str = constant("image")
    PicUrl: Annotated[str, Doc("address of the image", "图片链接")]
    MediaId: MediaIdValue
    MsgId: MsgIdValue
    AgentID: AgentIdValue


class VoiceMessage(AppMessage):
    """语音消息 / A member sends a voice message."""

    FromUserName: UserId
    MsgType: str = constant("voice")
    MediaId: MediaIdValue
    Format: Annotated[str, Doc("amr or speex", "语音格式，如 amr、speex")]
    MsgId: MsgIdValue
    AgentID: AgentIdValue


class VideoMessage(AppMessage):
    """视频消息 / A member sends a video."""

    FromUserName: UserId
    MsgType: str = constant("video")
    MediaId: MediaIdValue
    ThumbMediaId: Annotated[str, Doc("its preview image, as MediaId", "视频缩略图的 media_id，三天内可获取")]
    MsgId: MsgIdValue
    AgentID: AgentIdValue


class LocationMessage(AppMessage):
    """位置消息 / A member sends a location."""

    FromUserName: UserId
    MsgType: str = constant("location")
    Location_X: Annotated[Bare, Doc("latitude", "纬度")]
    Location_Y: Annotated[Bare, Doc("longitude", "经度")]
    Scale: Annotated[int, Doc("zoom of the map", "地图缩放大小")]
    Label: Annotated[str, Doc("name of the place", "地理位置信息")]
    MsgId: MsgIdValue
    AgentID: AgentIdValue
    AppType: str = constant("wxwork")


class LinkMessage(AppMessage):
    """链接消息 / A member sends a link."""

    FromUserName: UserId
    MsgType: str = constant("link")
    Title: Annotated[str, Doc("title", "标题")]
    Description: Annotated[str, Doc("description", "描述")]
    Url: Annotated[str, Doc("the address", "链接地址")]
    PicUrl: Annotated[str, Doc("address of the preview image", "封面缩略图的链接")]
    MsgId: MsgIdValue
    AgentID: AgentIdValue
