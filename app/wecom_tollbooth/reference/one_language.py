"""The part of a text in both languages that is in one of them: "中文 / English", or paragraphs of each."""

import re
from typing import Any

from wecom_tollbooth.client.page import CHINESE

_CHINESE = re.compile("[\u4e00-\u9fff]")
_SIDE_BY_SIDE = re.compile(r"(?P<zh>[^\n]*?[\u4e00-\u9fff）。][^\n]*?) ?/ (?P<en>[^\n]*)")
_SHARE = 0.1
"""Chinese paragraphs name fields in Latin letters, English ones quote some Chinese words."""

_SHOWN = frozenset({"description", "summary"})
_DATA = frozenset({"example", "examples", "default", "const", "enum"})


def text_in(language: str, text: str) -> str:
    """The part of `text` in this language; all of it if it has no such part."""
    if "\n\n" not in text:
        match = _SIDE_BY_SIDE.fullmatch(text)
        if match is None or _is_chinese(match["en"]) or match["zh"].count("`") % 2:  # in code
            return text
        return match["zh" if language == CHINESE else "en"]
    paragraphs = text.split("\n\n")
    kept = [one for one in paragraphs if _is_chinese(one) == (language == CHINESE)]
    return "\n\n".join(kept) or text


def document_in(language: str, value: Any) -> Any:
    """An OpenAPI document, or a part of one, whose descriptions and summaries are in this language."""
    if isinstance(value, list):
        return [document_in(language, one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: text_in(language, one)
        if key in _SHOWN and isinstance(one, str)
        else one
        if key in _DATA
        else document_in(language, one)
        for key, one in value.items()
    }


def _is_chinese(text: str) -> bool:
    return len(_CHINESE.findall(text)) > _SHARE * len(text)
