"""A statement as one HTML page to read, unfold and print on A4. It loads nothing and runs no script."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from wecom_tollbooth.billing.renderers import wording

CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def statement_html(statement: Mapping[str, Any], address: str) -> str:
    """The page of a statement of one corp or of several.

    `address` is the server's, such as http://127.0.0.1:8000. The page links to it, so that its links also
    work in a saved file.
    """
    sections = wording.sections_of(statement)
    return _template().render(
        statement=statement,
        sections=sections,
        several="corps" in statement,
        books=_books(sections),
        notes=wording.notes_of(sections),
        links=_Links(address.rstrip("/")),
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
    pages.globals.update(wording=wording)
    pages.filters.update(grouped=wording.grouped, local_time=wording.local_time)
    return pages.get_template("statement.html.jinja")


class _Links:
    """The links of a line: to its records, and from an operation to its calls in the journal."""

    def __init__(self, address: str) -> None:
        self._address = address

    def records(self, section: Mapping[str, Any], line: Mapping[str, Any]) -> str:
        return self._to(section, "ledger", month=section["month"], meter=line["meter"])

    def calls(self, section: Mapping[str, Any], operation: str) -> str:
        return self._to(section, "calls", path=operation)

    def other_format(self, section: Mapping[str, Any], format: str) -> str:
        return self._to(section, "statement", month=section["month"], format=format)

    def _to(self, section: Mapping[str, Any], what: str, **params: str) -> str:
        corpid = quote(section["corpid"], safe="")
        return f"{self._address}/_sim/corps/{corpid}/{what}?{urlencode(params)}"


def _books(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The prices that the lines use: their book, source and confidence, and the lines' titles."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for section in sections:
        for line in section["lines"]:
            if line["source"]:
                key = (line["price_book"], line["source"], line["confidence"])
                titles = found.setdefault(key, [])
                if (title := f"{line['title_zh']} {line['title_en']}") not in titles:
                    titles.append(title)
    return [
        {"book": book, "source": source, "confidence": confidence, "titles": titles}
        for (book, source, confidence), titles in found.items()
    ]
