"""Plain language: words that a reader would stumble over are refused in code, documents and help texts."""

import re
from collections.abc import Iterator

from tests.project.markdown import ROOT, named

TEXTS = sorted(
    path
    for pattern in (
        "*.md",
        "Makefile",
        "*.toml",
        "*.yml",
        "app/**/*",
        "bench/**/*",
        "docs/**/*.md",
        "migrations/env.py",
        "tests/**/*.py",
        "tools/**/*",
    )
    for path in ROOT.glob(pattern)
    if path.suffix in {".py", ".md", ".toml", ".yml", ".jinja", ""} and path.is_file()
)
EXCUSED = {
    "app/wecom_tollbooth/billing/price_books/article-toll.toml",
    "CHANGELOG.md",
    "docs/decisions/0013-old-names-until-0-3.md",
    "tests/project/test_language.py",
    "tests/upgrade/asking.py",
    "tests/upgrade/life.py",
    "tests/upgrade/test_database_of_0_1.py",
}
"""They name old words to say what replaced them; a statement of 0.1 shows the sources of its price book."""

ENGLISH = (
    r"lest",
    r"anew",
    r"mend(?:s|ed|ing)?",
    r"told of",
    r"tells? of",
    r"hears? of",
    r"(?<!there )is none",
    r"are none",
    r"stands? in",
    r"(?:with|for|of) so many",
    r"so manieth",
    r"befalls?",
    r"whoso",
    r"thereof",
    r"therein",
    r"(?<!callbacks/)knobs?",
    r"deeds?",
)
CODE = (
    "Hot",
    "DueDeed",
    "falls_due",
    "lost_a_race",
    "Letter",
    "Standing",
    "DeliveryKnobs",
    "CallbackTry",
    "FOLLOWER",
    "brought_by",
    "FOLLOW",
    "Told",
    "happenings",
    "one_record",
    "kept_boards",
)
CHINESE = ("过路费", "道闸", "旋钮", "拨动", "停走", "稳妥的接入", "信件", "您")

PATTERN = re.compile(
    rf"\b(?:{'|'.join(ENGLISH)})\b|\b(?:{'|'.join(CODE)})\b|{'|'.join(CHINESE)}",
)


def refused(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        for match in PATTERN.finditer(line):
            yield f"line {number}: {match[0]!r} in {line.strip()[:90]}"


def test_the_words_are_plain() -> None:
    """One test for all texts: there are a thousand of them."""
    texts = [path for path in TEXTS if named(path) not in EXCUSED]
    assert len(texts) > 500
    found = [f"{named(path)}, {one}" for path in texts for one in refused(path.read_text(encoding="utf-8"))]
    assert found == []


def test_a_word_that_is_not_plain_is_found() -> None:
    assert len(list(refused("make it anew, lest it mends\n时钟可以拨动"))) == 4
