"""扩展属性 and 对外属性: a member's custom attributes of type text, link or mini-program.

Source: page 100067 (2026-02) for extattr; external_attr has the same form with shorter texts (parameter
descriptions of SDKs written from page 92230). Attributes are identified by name: a given one replaces the
stored one, one with empty content deletes it, all others are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    title: str | None = optional(doc="up to 12 characters")


class AttributeMiniProgram(RequestModel):
    appid: str | None = optional()
    pagepath: str | None = optional()
    title: str | None = optional(doc="up to 12 Chinese characters, or 24 of ASCII")


class Attribute(RequestModel):
    type: int | None = optional(
        invalid=ErrCode.INVALID_PARAMETER, doc="0 text, 1 link, 2 mini-program (external_attr only)"
    )
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
    external_attr: list[Attribute] | None = optional(invalid=ErrCode.INVALID_EXTERNAL_ATTR)


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


@dataclass(frozen=True)
class Rules:
    """What attributes of one kind may be, and which code is answered where they aren't."""

    path: str
    types: frozenset[int]
    text_chars: int
    wrong_type: Code
    long_text: Code = ErrCode.INVALID_PARAMETER
    long_title: Code = ErrCode.INVALID_PARAMETER
    wrong_url: Code = ErrCode.INVALID_PARAMETER
    long_program_title: Code = ErrCode.INVALID_PARAMETER
    wrong_page: Code = ErrCode.INVALID_PARAMETER
    incomplete: Code = ErrCode.INVALID_PARAMETER

    def refusal(self, code: Code, name: str, why: str) -> Refusal:
        errmsg = f"{self.path} invalid" if code is ErrCode.INVALID_PARAMETER else None
        return Refusal(code, errmsg, detail=f"{self.path}: {name!r}: {why}")


OF_EXTATTR = Rules("extattr.attrs", EXTATTR_TYPES, EXTATTR_TEXT_CHARS, ErrCode.INVALID_EXTATTR_TYPE)
OF_EXTERNAL_PROFILE = Rules(
    "external_profile.external_attr",
    EXTERNAL_ATTR_TYPES,
    EXTERNAL_ATTR_TEXT_CHARS,
    ErrCode.INVALID_EXTERNAL_ATTR_TYPE,
    ErrCode.EXTERNAL_ATTR_TEXT_TOO_LONG,
    ErrCode.EXTERNAL_ATTR_WEB_TITLE_TOO_LONG,
    ErrCode.INVALID_EXTERNAL_ATTR_URL,
    ErrCode.EXTERNAL_ATTR_PROGRAM_TITLE_TOO_LONG,
    ErrCode.INVALID_EXTERNAL_ATTR_PAGEPATH,
    ErrCode.INVALID_EXTERNAL_ATTR,
)
EXTERNAL_PROFILE_ERRORS = (
    ErrCode.INVALID_EXTERNAL_ATTR_TYPE,
    ErrCode.EXTERNAL_ATTR_TEXT_TOO_LONG,
    ErrCode.EXTERNAL_ATTR_WEB_TITLE_TOO_LONG,
    ErrCode.INVALID_EXTERNAL_ATTR_URL,
    ErrCode.EXTERNAL_ATTR_PROGRAM_TITLE_TOO_LONG,
    ErrCode.INVALID_EXTERNAL_ATTR_PAGEPATH,
    ErrCode.INVALID_EXTERNAL_ATTR,
)
UNCONFIRMED = 1
"""wechat_channels.status: 0 confirmed by the account's owner, 1 not yet confirmed."""


def merged_extattr(stored: Sequence[AttributeShape], given: Extattr) -> list[AttributeShape]:
    """The attributes after an update. Raises 60150 for a type that is neither text nor link, 40058."""
    return _merged(stored, given.attrs, OF_EXTATTR)


def merged_external_profile(stored: dict[str, Any] | None, given: ExternalProfile) -> ExternalProfileShape:
    """The profile shown to people outside the corp, after an update. Raises 90100 to 90106."""
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
        (stored or {}).get("external_attr", []), given.external_attr, OF_EXTERNAL_PROFILE
    )
    return profile


def _merged(
    stored: Sequence[AttributeShape], given: Sequence[Attribute] | None, rules: Rules
) -> list[AttributeShape]:
    rows = {row["name"]: row for row in stored}
    for attribute in given or ():
        kind = attribute.type or TEXT
        if kind not in rules.types:
            raise rules.refusal(
                rules.wrong_type, attribute.name, f"type {kind} is not one of {sorted(rules.types)}"
            )
        row = _row(attribute, kind, rules)
        if row is None:
            rows.pop(attribute.name, None)
        else:
            rows[attribute.name] = row
    return list(rows.values())


def _row(attribute: Attribute, kind: int, rules: Rules) -> AttributeShape | None:
    """The attribute in its stored form; None if its content is empty."""
    name = attribute.name
    if kind == WEB:
        web = attribute.web or AttributeWeb()
        url, title = web.url or "", web.title or ""
        if bool(url) != bool(title):
            raise rules.refusal(rules.incomplete, name, "give both url and title, or neither")
        if len(title) > TITLE_CHARS:
            raise rules.refusal(rules.long_title, name, f"web.title has over {TITLE_CHARS} characters")
        if url and not url.startswith(("http://", "https://")):
            raise rules.refusal(rules.wrong_url, name, "web.url must start with http:// or https://")
        return {"type": WEB, "name": name, "web": {"url": url, "title": title}} if url else None
    if kind == MINI_PROGRAM:
        program = attribute.miniprogram or AttributeMiniProgram()
        appid, title, page = program.appid or "", program.title or "", program.pagepath or ""
        if bool(appid) != bool(title):
            raise rules.refusal(rules.incomplete, name, "give both appid and title, or neither")
        if width(title) > MINI_PROGRAM_TITLE_WIDTH:
            raise rules.refusal(
                rules.long_program_title, name, f"miniprogram.title {title!r} is over 12 Chinese characters"
            )
        if "://" in page:
            raise rules.refusal(rules.wrong_page, name, f"miniprogram.pagepath {page!r} is no path")
        shape: AttributeMiniProgramShape = {"appid": appid, "pagepath": page, "title": title}
        return {"type": MINI_PROGRAM, "name": name, "miniprogram": shape} if appid else None
    value = (attribute.text.value if attribute.text else attribute.value) or ""
    if len(value) > rules.text_chars:
        raise rules.refusal(
            rules.long_text, name, f"text.value has {len(value)} characters, over {rules.text_chars}"
        )
    return {"type": TEXT, "name": name, "text": {"value": value}} if value else None
