"""The request of webhook/send (page 99110, 2026-02)."""

from wecom_tollbooth.families.app_chats.messages import NewsGiven
from wecom_tollbooth.families.app_messages.cards.shapes import TemplateCardGiven
from wecom_tollbooth.families.app_messages.shapes import MediaGiven
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required


class TextGiven(RequestModel):
    content: str | None = optional(doc="required, at most 2048 bytes; <@userid> mentions a member")
    mentioned_list: list[str] | None = optional(doc="userids, or @all")
    mentioned_mobile_list: list[str] | None = optional(doc="mobile numbers of members, or @all")


class MarkdownGiven(RequestModel):
    content: str | None = optional(doc="required, at most 4096 bytes")


class ImageGiven(RequestModel):
    base64: str | None = optional(doc="required; of a JPG or PNG of at most 2 MB")
    md5: str | None = optional(doc="required; of the image itself, in hexadecimal digits")


class SendRequest(RequestModel):
    msgtype: str = required(ErrCode.INVALID_MESSAGE_TYPE, doc="says which of the following objects counts")
    text: TextGiven | None = optional()
    markdown: MarkdownGiven | None = optional()
    markdown_v2: MarkdownGiven | None = optional()
    image: ImageGiven | None = optional()
    news: NewsGiven | None = optional()
    file: MediaGiven | None = optional()
    voice: MediaGiven | None = optional()
    template_card: TemplateCardGiven | None = optional(doc="text_notice or news_notice")
