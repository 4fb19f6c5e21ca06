"""Texts that programs trip over, and the longest ones."""

from collections.abc import Iterator

RARE = (
    "👨‍👩‍👧‍👦🧋🏳️‍🌈",  # emoji joined by zero-width joiners, a variation selector
    "𠮷野𡃁妹𪚥",  # CJK extension B: two UTF-16 units each
    "e\u0301le\u0300ve Zoe\u0308",  # combining marks
    "שלום مرحبا",  # right to left
    "零\u200b宽\u200d空\u2060格",  # zero width
    "\u202e倒序\u202c",  # a change of direction
    "<b>&amp;'\"</b>",  # what HTML and XML escape
    "]]><![CDATA[",  # the end of CDATA, in which callbacks have texts
    "O'Brien; DROP--",
    "\\u4e2d %s {0} ${x}",  # not to be expanded
    " 前后有空格 ",
    "ﾊﾝｶｸ ＡＢＣ①㊥",  # half and full width
    "ǅ ﬁ ß İ ı",  # change their length with their case
    "null",
    "0",
    "第一行\n第二行\t制表",
)


def longest(count: int, text: str = "长") -> str:
    """A text of `count` characters that ends in one beyond the Basic Multilingual Plane."""
    return text * (count - 1) + "𠮷"


def rare() -> Iterator[str]:
    """The rare texts, over and over."""
    while True:
        yield from RARE
