"""A statement as one HTML page to read, unfold and print on A4. It loads nothing and runs no script."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from wecom_tollbooth.billing.renderers import wording
from wecom_tollbooth.billing.renderers.arithmetic import calculation
from wecom_tollbooth.billing.renderers.statement_texts import SIMULATED, TEXTS, Language

CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

OTHER: Mapping[Language, Language] = {"zh": "en", "en": "zh"}


@dataclass(frozen=True)
class Links:
    """Where the page leads: whole addresses, so that they also work in a saved file.

    `address` is the server's, such as http://127.0.0.1:8000. `itself` is the address of the statement, with
    its query; "" where it was posted, so that no address leads to it.
    """

    address: str
    itself: str = ""
    query: tuple[tuple[str, str], ...] = ()

    def records(self, section: Mapping[str, Any], line: Mapping[str, Any]) -> str:
        return self._to(section, "ledger", month=section["month"], meter=line["meter"])

    def calls(self, section: Mapping[str, Any], operation: str) -> str:
        return self._to(section, "calls", path=operation)

    def again(self, **params: str) -> str:
        """The statement with other parameters."""
        return f"{self.itself}?{urlencode(dict(self.query) | params)}" if self.itself else ""

    def _to(self, section: Mapping[str, Any], what: str, **params: str) -> str:
        corpid = quote(section["corpid"], safe="")
        return f"{self.address}/_sim/corps/{corpid}/{what}?{urlencode(params)}"


def statement_html(statement: Mapping[str, Any], links: Links, language: Language) -> str:
    """The page of a statement of one corp or of several, in one language."""
    sections = wording.sections_of(statement)
    other = OTHER[language]
    month = statement["month"]

    def said(words: Mapping[str, tuple[str, str]], key: str) -> str:
        return wording.in_language(words, key, language)

    return _template().render(
        statement=statement,
        sections=sections,
        several="corps" in statement,
        language=language,
        t=TEXTS[language],
        said=said,
        source=lambda line: _source(line, language),
        simulated=SIMULATED[language],
        books=_books(sections, language),
        notes=wording.notes_of(sections),
        links=links,
        other_language=links.again(month=month, lang=other),
        other_tag=TEXTS[other]["tag"],
        formats=[
            (name, address)
            for name in ("JSON", "CSV")
            if (address := links.again(month=month, format=name.lower()))
        ],
        policy=CONTENT_SECURITY_POLICY,
    )


@cache
def _template() -> Template:
    pages = Environment(
        loader=PackageLoader("wecom_tollbooth.billing.renderers", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals.update(wording=wording, calculation=calculation, equals=_equals)
    pages.filters.update(grouped=wording.grouped, local_time=wording.local_time)
    return pages.get_template("statement.html.jinja")


def _equals(line: Mapping[str, Any]) -> str:
    """The sign before the amount, which is rounded."""
    exact = sum(Decimal(step["amount"]) for step in line["steps"])
    return "=" if exact == Decimal(line["amount"]) else "≈"


def _source(line: Mapping[str, Any], language: Language) -> str:
    source: str = line["source_zh"] if language == "zh" else line["source"]
    return source


def _books(sections: list[dict[str, Any]], language: Language) -> list[dict[str, Any]]:
    """The prices that the lines use: their book, source and confidence, and the lines' titles."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for section in sections:
        for line in section["lines"]:
            if line["source"]:
                key = (line["price_book"], _source(line, language), line["confidence"])
                titles = found.setdefault(key, [])
                if (title := line[f"title_{language}"]) not in titles:
                    titles.append(title)
    return [
        {"book": book, "source": source, "confidence": confidence, "titles": titles}
        for (book, source, confidence), titles in found.items()
    ]
