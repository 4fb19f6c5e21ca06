"""What a message says: the object that msgtype names, checked and cut (page 90236, 2026-02).

Where the page lets a text be cut it is cut; other texts over their limit are refused.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from wecom_tollbooth.families.app_messages.cards.rules import checked_card
from wecom_tollbooth.families.media.lookup import check_media, find_media
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel

Part = dict[str, Any]

ARTICLES, CONTENT_ITEMS, TASK_BUTTONS = 8, 10, 2
TEXT_BYTES, MARKDOWN_BYTES, MPNEWS_BYTES, AUTHOR_BYTES = 2048, 2048, 666 * 1024, 64
TITLE_BYTES, DESCRIPTION_BYTES, URL_BYTES, PAGEPATH_BYTES, PAGE_BYTES = 128, 512, 2048, 128, 1024
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
CONFIDENTIAL, WITHIN_CORP = 1, 2
"""Values of safe."""
CONFIDENTIAL_FILE = re.compile(
    r".*\.(txt|pdf|docx?|pptx?|xlsx?|xml|jpe?g|png|bmp|gif)", re.IGNORECASE | re.DOTALL
)


class Given(Protocol):
    """A request with an object for each type of message."""

    msgtype: str
    safe: int | None


def content_of(call: Call, body: Given, types: Sequence[str] | None = None) -> Part:
    """The message as members see it: {"msgtype": …, msgtype: {…}, "safe": …}; by default of any type.

    Raises 40008 for an unknown msgtype, 40074 for confidential news, and the codes of the type's fields.
    """
    types = types or tuple(_CHECKS)
    if body.msgtype not in types:
        raise Refusal(
            ErrCode.INVALID_MESSAGE_TYPE,
            detail=f"msgtype {body.msgtype[:60]!r} is not one of {', '.join(types)}",
        )
    given: RequestModel | None = getattr(body, body.msgtype)
    part = _CHECKS[body.msgtype](call, given.model_dump(exclude_none=True) if given else {})
    _refuse_wrong_safe(body.msgtype, body.safe or 0)
    if body.safe and body.msgtype == "file":
        _refuse_open_file(call, part["media_id"])
    content: Part = {"msgtype": body.msgtype, body.msgtype: part}
    return content | {"safe": body.safe} if body.safe else content


def _refuse_wrong_safe(msgtype: str, safe: int) -> None:
    if safe == 0:
        return
    if msgtype == "news":
        raise Refusal(ErrCode.NEWS_CANNOT_BE_CONFIDENTIAL, detail="safe must be 0 for news; use mpnews")
    if safe != CONFIDENTIAL and (msgtype, safe) != ("mpnews", WITHIN_CORP):
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "safe invalid", detail=f"safe {safe} is not a value for {msgtype}"
        )


def _refuse_open_file(call: Call, media_id: str) -> None:
    """Raises 40058 for a file of a type that can't be confidential."""
    file = find_media(call, media_id)
    if file is not None and not CONFIDENTIAL_FILE.fullmatch(file.name):
        raise invalid(
            "safe", f"a file named {file.name[-60:]!r} can't be confidential; documents and images can"
        )


# --- the types -------------------------------------------------------------------------------------------


def _text(call: Call, part: Part) -> Part:
    return {"content": cut(needed(part, "content", ErrCode.EMPTY_CONTENT, "text"), TEXT_BYTES)}


def _markdown(call: Call, part: Part) -> Part:
    content = needed(part, "content", ErrCode.EMPTY_CONTENT, "markdown")
    refuse_long(content, MARKDOWN_BYTES, "markdown.content", ErrCode.CONTENT_TOO_LARGE)
    return {"content": content}


def _media(kind: Any) -> Callable[[Call, Part], Part]:
    def check(call: Call, part: Part) -> Part:
        media_id = needed(part, "media_id", ErrCode.MISSING_MEDIA_ID, kind)
        check_media(call, media_id, kind, field=f"{kind}.media_id")
        return {"media_id": media_id}

    return check


def _video(call: Call, part: Part) -> Part:
    return _media("video")(call, part) | _cut_texts(part)


def _textcard(call: Call, part: Part) -> Part:
    title = needed(part, "title", ErrCode.MISSING_TITLE, "textcard")
    description = needed(part, "description", ErrCode.MISSING_DESCRIPTION, "textcard")
    url = needed(part, "url", ErrCode.MISSING_URL, "textcard")
    refuse_long(url, URL_BYTES, "textcard.url")
    return {
        "title": title[:128],
        "description": description[:512],
        "url": url,
        "btntxt": (part.get("btntxt") or "详情")[:4],
    }


def _news(call: Call, part: Part) -> Part:
    return {
        "articles": [_article(one, f"news.articles[{place}]") for place, one in articles_of(part, "news")]
    }


def _article(article: Part, field: str) -> Part:
    title = needed(article, "title", ErrCode.MISSING_TITLE, field)
    for name, most in (("url", URL_BYTES), ("picurl", URL_BYTES), ("pagepath", PAGEPATH_BYTES)):
        refuse_long(article.get(name, ""), most, f"{field}.{name}")
    has_page = bool(article.get("appid") and article.get("pagepath"))
    if not has_page and not article.get("url"):
        raise Refusal(ErrCode.MISSING_URL, detail=f"{field} needs url, or appid with pagepath")
    shown = {"title": cut(title, TITLE_BYTES)} | _kept(article, "picurl")
    if article.get("description"):
        shown["description"] = cut(article["description"], DESCRIPTION_BYTES)
    # A mini-program counts before the url.
    return shown | (_kept(article, "appid", "pagepath") if has_page else _kept(article, "url"))


def _mpnews(call: Call, part: Part) -> Part:
    shown = []
    for place, article in articles_of(part, "mpnews"):
        field = f"mpnews.articles[{place}]"
        title = needed(article, "title", ErrCode.MISSING_TITLE, field)
        thumb = needed(article, "thumb_media_id", ErrCode.MISSING_MEDIA_ID, field)
        check_media(call, thumb, "image", field=f"{field}.thumb_media_id")
        content = needed(article, "content", ErrCode.EMPTY_CONTENT, field)
        refuse_long(content, MPNEWS_BYTES, f"{field}.content", ErrCode.CONTENT_TOO_LARGE)
        refuse_long(article.get("author", ""), AUTHOR_BYTES, f"{field}.author", ErrCode.AUTHOR_TOO_LONG)
        one = {"title": cut(title, TITLE_BYTES), "thumb_media_id": thumb, "content": content}
        if article.get("digest"):
            one["digest"] = cut(article["digest"], DESCRIPTION_BYTES)
        shown.append(one | _kept(article, "author", "content_source_url"))
    return {"articles": shown}


def articles_of(part: Part, msgtype: str) -> list[tuple[int, Part]]:
    articles: list[Part] = part.get("articles") or []
    if not articles:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail=f"{msgtype}.articles is required: 1 to {ARTICLES}")
    if len(articles) > ARTICLES:
        raise Refusal(ErrCode.TOO_MANY_ARTICLES, detail=f"{len(articles)} articles, at most {ARTICLES}")
    return list(enumerate(articles))


def _miniprogram_notice(call: Call, part: Part) -> Part:
    field = "miniprogram_notice"
    appid = needed(part, "appid", ErrCode.NOTICE_WITHOUT_APPID, field)
    title = needed(part, "title", ErrCode.MISSING_TITLE, field)
    for name in ("title", "description"):
        if part.get(name) and not 4 <= len(part[name]) <= 12:
            raise invalid(f"{field}.{name}", f"{len(part[name])} characters, not 4 to 12")
    refuse_long(part.get("page", ""), PAGE_BYTES, f"{field}.page", ErrCode.NOTICE_PAGE)
    items: list[Part] = part.get("content_item") or []
    if len(items) > CONTENT_ITEMS:
        raise Refusal(
            ErrCode.NOTICE_ITEM_COUNT, detail=f"content_item: {len(items)} items, at most {CONTENT_ITEMS}"
        )
    for name, most, code in (
        ("key", 10, ErrCode.NOTICE_ITEM_KEY),
        ("value", 30, ErrCode.NOTICE_ITEM_VALUE),
    ):
        if any(len(item.get(name, "")) > most for item in items):
            raise Refusal(code, detail=f"content_item.{name}: over {most} characters")
    shown = {"appid": appid, "title": title} | _kept(part, "description", "page", "emphasis_first_item")
    filled = [item for item in items if item.get("key") or item.get("value")]
    return shown | ({"content_item": filled} if filled else {})


def _template_card(call: Call, part: Part) -> Part:
    return checked_card(call, part)


def _task_card(call: Call, part: Part) -> Part:
    field = "taskcard"
    title = needed(part, "title", ErrCode.MISSING_TITLE, field)
    refuse_long(part.get("url", ""), URL_BYTES, f"{field}.url")
    if not TASK_ID.fullmatch(part.get("task_id", "")):
        raise Refusal(ErrCode.INVALID_TASK_ID, detail=f"{field}.task_id: letters, digits and _-@, 1 to 128")
    buttons: list[Part] = part.get("btn") or []
    if not 1 <= len(buttons) <= TASK_BUTTONS:
        raise invalid(f"{field}.btn", f"{len(buttons)} buttons, not 1 or 2")
    shown = {"title": cut(title, TITLE_BYTES), "task_id": part["task_id"]}
    if part.get("description"):
        shown["description"] = cut(part["description"], DESCRIPTION_BYTES)
    return shown | _kept(part, "url") | {"btn": [_task_button(one) for one in buttons]}


def _task_button(button: Part) -> Part:
    key = needed(button, "key", ErrCode.MISSING_BUTTON_KEY, "taskcard.btn")
    if not TASK_ID.fullmatch(key):
        raise Refusal(
            ErrCode.INVALID_BUTTON_KEY, detail="taskcard.btn.key: letters, digits and _-@, 1 to 128"
        )
    name = needed(button, "name", ErrCode.MISSING_BUTTON_NAME, "taskcard.btn")
    return {"key": key, "name": cut(name, 18)} | _kept(button, "replace_name", "color", "is_bold")


_CHECKS: Mapping[str, Callable[[Call, Part], Part]] = {
    "text": _text,
    "image": _media("image"),
    "voice": _media("voice"),
    "video": _video,
    "file": _media("file"),
    "textcard": _textcard,
    "news": _news,
    "mpnews": _mpnews,
    "markdown": _markdown,
    "miniprogram_notice": _miniprogram_notice,
    "template_card": _template_card,
    "interactive_taskcard": _task_card,
    "taskcard": _task_card,
}


# --- fields ----------------------------------------------------------------------------------------------


def needed(part: Part, name: str, missing: Code, field: str) -> str:
    """The text; raises `missing` where it is absent or empty."""
    text: str = part.get(name) or ""
    if not text:
        raise Refusal(missing, detail=f"{field}.{name} is required and was absent or empty")
    return text


def cut(text: str, most: int) -> str:
    """The text cut to `most` bytes, with whole characters."""
    return text.encode()[:most].decode(errors="ignore")


def refuse_long(text: str, most: int, field: str, code: Code = ErrCode.INVALID_PARAMETER) -> None:
    size = len(text.encode())
    if size > most:
        errmsg = f"{field} exceed max bytes {most}" if code is ErrCode.INVALID_PARAMETER else None
        raise Refusal(code, errmsg, detail=f"{field} has {size} bytes, at most {most}")


def invalid(field: str, reason: str) -> Refusal:
    return Refusal(ErrCode.INVALID_PARAMETER, f"{field} invalid", detail=f"{field}: {reason}")


def _cut_texts(part: Part) -> Part:
    texts = {"title": TITLE_BYTES, "description": DESCRIPTION_BYTES}
    return {name: cut(part[name], most) for name, most in texts.items() if part.get(name)}


def _kept(part: Part, *names: str) -> Part:
    return {name: part[name] for name in names if part.get(name)}
