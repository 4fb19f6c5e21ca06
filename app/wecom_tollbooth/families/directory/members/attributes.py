"""扩展属性 and 对外属性: a member's custom attributes of type text, link or mini-program.

Source: page 100067 (2026-02) for extattr; external_attr has the same form with shorter texts (parameter
descriptions of SDKs written from page 92230). Attributes are identified by name: a given one replaces the
stored one, one with empty content deletes it, all others are kept.
"""

from collections.abc import Sequence
from typing import Any, NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.rules import width
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

TEXT, WEB, MINI_PROGRAM = 0, 1, 2
EXTATTR_TYPES = frozenset({TEXT, WEB})
EXTERNAL_ATTR_TYPES = frozenset({TEXT, WEB, MINI_PROGRAM})
EXTATTR_TEXT_CHARS, EXTERNAL_ATTR_TEXT_CHARS, TITLE_CHARS = 64, 12, 12
MINI_PROGRAM_TITLE_WIDTH = 24
"""12 Chinese characters; an ASCII character counts half (the page's own sample has 14)."""


class AttributeText(RequestModel):
    value: str | None = optional(doc="64 characters in extattr, 12 in external_attr; empty deletes it")


class AttributeWeb(RequestModel):
    url: str | None = optional(doc="with http:// or https://")
    title: str | None = optional(max_chars=TITLE_CHARS)


class AttributeMiniProgram(RequestModel):
    appid: str | None = optional()
    pagepath: str | None = optional()
    title: str | None = optional(doc="up to 12 Chinese characters, or 24 of ASCII")


class Attribute(RequestModel):
    type: int | None = optional(doc="0 text, 1 link, 2 mini-program (external_attr only)")
    name: str = required(doc="identifies the attribute")
    text: AttributeText | None = optional()
    web: AttributeWeb | None = optional()
    miniprogram: AttributeMiniProgram | None = optional()
    value: str | None = optional(doc="older form of text.value")


class Extattr(RequestModel):
    attrs: list[Attribute] | None = optional()


class WechatChannels(RequestModel):
    nickname: str | None = optional(doc="the Channels account to show; empty clears it")


class ExternalProfile(RequestModel):
    external_corp_name: str | None = optional(doc="the corp's short name to show; empty clears it")
    wechat_channels: WechatChannels | None = optional()
    external_attr: list[Attribute] | None = optional()


class AttributeTextShape(TypedDict):
    value: str


class AttributeWebShape(TypedDict):
    url: str
    title: str


class AttributeMiniProgramShape(TypedDict):
    appid: str
    pagepath: str
    title: str


class AttributeShape(TypedDict):
    type: int
    name: str
    text: NotRequired[AttributeTextShape]
    web: NotRequired[AttributeWebShape]
    miniprogram: NotRequired[AttributeMiniProgramShape]


class ExtattrShape(TypedDict):
    attrs: list[AttributeShape]


class WechatChannelsShape(TypedDict):
    nickname: str
    status: int


class ExternalProfileShape(TypedDict):
    external_corp_name: NotRequired[str]
    wechat_channels: NotRequired[WechatChannelsShape]
    external_attr: list[AttributeShape]


UNCONFIRMED = 1
"""wechat_channels.status: 0 confirmed by the account's owner, 1 not yet confirmed."""


def merged_extattr(stored: Sequence[AttributeShape], given: Extattr) -> list[AttributeShape]:
    """The attributes after an update. Raises 60150 for a type that is neither text nor link, 40058."""
    return _merged(
        stored, given.attrs, EXTATTR_TYPES, EXTATTR_TEXT_CHARS, ErrCode.INVALID_EXTATTR_TYPE, "extattr.attrs"
    )


def merged_external_profile(stored: dict[str, Any] | None, given: ExternalProfile) -> ExternalProfileShape:
    """The profile shown to people outside the corp, after an update. Raises 40058."""
    profile: ExternalProfileShape = {"external_attr": []}
    name = given.external_corp_name
    if name is None:
        name = (stored or {}).get("external_corp_name")
    if name:
        profile["external_corp_name"] = name
    channels = (stored or {}).get("wechat_channels")
    if given.wechat_channels and given.wechat_channels.nickname is not None:
        nickname = given.wechat_channels.nickname
        channels = {"nickname": nickname, "status": UNCONFIRMED} if nickname else None
    if channels:
        profile["wechat_channels"] = channels
    profile["external_attr"] = _merged(
        (stored or {}).get("external_attr", []),
        given.external_attr,
        EXTERNAL_ATTR_TYPES,
        EXTERNAL_ATTR_TEXT_CHARS,
        ErrCode.INVALID_PARAMETER,
        "external_profile.external_attr",
    )
    return profile


def _merged(
    stored: Sequence[AttributeShape],
    given: Sequence[Attribute] | None,
    types: frozenset[int],
    text_chars: int,
    wrong_type: Code,
    path: str,
) -> list[AttributeShape]:
    rows = {row["name"]: row for row in stored}
    for attribute in given or ():
        kind = attribute.type or TEXT
        if kind not in types:
            raise Refusal(
                wrong_type, detail=f"{path}: {attribute.name!r} has type {kind}; use one of {sorted(types)}"
            )
        row = _row(attribute, kind, text_chars, path)
        if row is None:
            rows.pop(attribute.name, None)
        else:
            rows[attribute.name] = row
    return list(rows.values())


def _row(attribute: Attribute, kind: int, text_chars: int, path: str) -> AttributeShape | None:
    """The attribute in its stored form; None if its content is empty."""
    if kind == WEB:
        web = attribute.web or AttributeWeb()
        url, title = web.url or "", web.title or ""
        _refuse_incomplete(path, attribute.name, "url and title", bool(url), bool(title))
        if url and not url.startswith(("http://", "https://")):
            raise _invalid(path, attribute.name, "web.url must start with http:// or https://")
        return {"type": WEB, "name": attribute.name, "web": {"url": url, "title": title}} if url else None
    if kind == MINI_PROGRAM:
        program = attribute.miniprogram or AttributeMiniProgram()
        appid, title = program.appid or "", program.title or ""
        _refuse_incomplete(path, attribute.name, "appid and title", bool(appid), bool(title))
        if width(title) > MINI_PROGRAM_TITLE_WIDTH:
            raise _invalid(path, attribute.name, f"miniprogram.title {title!r} is over 12 Chinese characters")
        shape: AttributeMiniProgramShape = {
            "appid": appid,
            "pagepath": program.pagepath or "",
            "title": title,
        }
        return {"type": MINI_PROGRAM, "name": attribute.name, "miniprogram": shape} if appid else None
    value = (attribute.text.value if attribute.text else attribute.value) or ""
    if len(value) > text_chars:
        raise _invalid(path, attribute.name, f"text.value has {len(value)} characters, over {text_chars}")
    return {"type": TEXT, "name": attribute.name, "text": {"value": value}} if value else None


def _refuse_incomplete(path: str, name: str, fields: str, first: bool, second: bool) -> None:
    if first != second:
        raise _invalid(path, name, f"{fields} must both be given, or both be empty")


def _invalid(path: str, name: str, why: str) -> Refusal:
    return Refusal(ErrCode.INVALID_PARAMETER, f"{path} invalid", detail=f"{path}: {name!r}: {why}")
