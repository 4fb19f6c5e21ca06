"""Texts of the console: each exists in simplified Chinese and English."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Language = Literal["zh-CN", "en"]
CHINESE: Language = "zh-CN"
ENGLISH: Language = "en"


class Text(NamedTuple):
    """One text; `{name}` in both is filled by `Words`."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        return self.zh if language == CHINESE else self.en


Texts = Mapping[str, Text]


class Words:
    """The texts of a page in one language: `words("title")`, `words("found", count=3)`."""

    def __init__(self, texts: Texts, language: Language) -> None:
        self._texts = texts
        self.language = language

    def __call__(self, name: str, /, **values: Any) -> str:
        text = self._texts[name].in_(self.language)
        return text.format(**values) if values else text

    def all(self) -> dict[str, str]:
        """Every text by its name: the property `texts` of a component in the browser."""
        return {name: text.in_(self.language) for name, text in self._texts.items()}


def language_of(accepted: str) -> Language:
    """The language for an Accept-Language: English if it comes before Chinese."""
    ranked = []
    for place, part in enumerate(accepted.lower().split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), place, tag))
        except ValueError:
            continue
    for _, _, tag in sorted(ranked):
        if tag.startswith("zh"):
            return CHINESE
        if tag.startswith("en"):
            return ENGLISH
    return CHINESE
