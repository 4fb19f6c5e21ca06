"""The request of message/send, but for template cards (page 90236, 2026-02)."""

from typing_extensions import TypedDict

from wecom_tollbooth.families.app_messages.cards.shapes import TemplateCardGiven
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

LONGEST_INTERVAL = 4 * 3600


class TextGiven(RequestModel):
    content: str | None = optional(doc="required; over 2048 bytes it is cut")


class MarkdownGiven(RequestModel):
    content: str | None = optional(doc="required, at most 2048 bytes")


class MediaGiven(RequestModel):
    media_id: str | None = optional(doc="required; of media/upload")


class VideoGiven(RequestModel):
    media_id: str | None = optional(doc="required; of media/upload")
    title: str | None = optional(doc="over 128 bytes it is cut")
    description: str | None = optional(doc="over 512 bytes it is cut")


class TextCardGiven(RequestModel):
    title: str | None = optional(doc="required; over 128 characters it is cut")
    description: str | None = optional(doc="required; over 512 characters it is cut")
    url: str | None = optional(doc="required, with http or https, at most 2048 bytes")
    btntxt: str | None = optional(doc="by default 详情; over 4 characters it is cut")


class ArticleGiven(RequestModel):
    title: str | None = optional(doc="required; over 128 bytes it is cut")
    description: str | None = optional(doc="over 512 bytes it is cut")
    url: str | None = optional(doc="at most 2048 bytes; needed unless appid and pagepath are given")
    picurl: str | None = optional(doc="at most 2048 bytes")
    appid: str | None = optional(doc="of a mini-program; needs pagepath")
    pagepath: str | None = optional(doc="at most 128 bytes; needs appid")


class NewsGiven(RequestModel):
    articles: list[ArticleGiven] | None = optional(doc="1 to 8")


class MpArticleGiven(RequestModel):
    title: str | None = optional(doc="required; over 128 bytes it is cut")
    thumb_media_id: str | None = optional(doc="required; an image of media/upload")
    author: str | None = optional(doc="at most 64 bytes")
    content_source_url: str | None = optional()
    content: str | None = optional(doc="required; HTML, at most 666 KiB")
    digest: str | None = optional(doc="over 512 bytes it is cut")


class MpNewsGiven(RequestModel):
    articles: list[MpArticleGiven] | None = optional(doc="1 to 8")


class ContentItemGiven(RequestModel):
    key: str | None = optional(doc="at most 10 characters")
    value: str | None = optional(doc="at most 30 characters")


class MiniprogramNoticeGiven(RequestModel):
    appid: str | None = optional(doc="required; a mini-program associated with the app")
    page: str | None = optional(doc="at most 1024 bytes")
    title: str | None = optional(doc="required, 4 to 12 characters")
    description: str | None = optional(doc="4 to 12 characters")
    emphasis_first_item: bool | None = optional()
    content_item: list[ContentItemGiven] | None = optional(doc="at most 10; empty ones are left out")


class TaskButtonGiven(RequestModel):
    key: str | None = optional(doc="required; letters, digits and _-@, at most 128 bytes")
    name: str | None = optional(doc="required; over 18 bytes it is cut")
    replace_name: str | None = optional(doc="of the older taskcard: what a pressed button shows")
    color: str | None = optional(doc="red or blue, the default")
    is_bold: bool | None = optional()


class TaskCardGiven(RequestModel):
    title: str | None = optional(doc="required; over 128 bytes it is cut")
    description: str | None = optional(doc="over 512 bytes it is cut")
    url: str | None = optional(doc="at most 2048 bytes")
    task_id: str | None = optional(doc="required, new in the app; letters, digits and _-@, at most 128 bytes")
    btn: list[TaskButtonGiven] | None = optional(doc="1 or 2")


class SendRequest(RequestModel):
    touser: str | None = optional(doc="userids joined by |, at most 1000, or @all")
    toparty: str | None = optional(doc="department ids joined by |, at most 100")
    totag: str | None = optional(doc="tag ids joined by |, at most 100")
    msgtype: str = required(ErrCode.INVALID_MESSAGE_TYPE, doc="says which of the following objects counts")
    agentid: int | None = optional(doc="the calling app; required except for miniprogram_notice")
    text: TextGiven | None = optional()
    image: MediaGiven | None = optional()
    voice: MediaGiven | None = optional()
    video: VideoGiven | None = optional()
    file: MediaGiven | None = optional()
    textcard: TextCardGiven | None = optional()
    news: NewsGiven | None = optional()
    mpnews: MpNewsGiven | None = optional()
    markdown: MarkdownGiven | None = optional()
    miniprogram_notice: MiniprogramNoticeGiven | None = optional()
    template_card: TemplateCardGiven | None = optional()
    interactive_taskcard: TaskCardGiven | None = optional(doc="withdrawn from the page, still accepted here")
    taskcard: TaskCardGiven | None = optional(doc="the older form of interactive_taskcard")
    safe: int | None = optional(doc="1: confidential; 2: within the corp only, for mpnews")
    enable_id_trans: int | None = optional(doc="1: ids such as $userName=ID$ become names")
    enable_duplicate_check: int | None = optional(doc="1: the same request is not sent twice")
    duplicate_check_interval: int | None = optional(
        ge=0, le=LONGEST_INTERVAL, doc="seconds, by default 1800, at most 14400"
    )


class SendReply(TypedDict, total=False):
    invaliduser: str
    invalidparty: str
    invalidtag: str
    unlicenseduser: str
    msgid: str
    response_code: str
