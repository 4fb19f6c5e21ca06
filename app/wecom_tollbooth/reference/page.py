"""The list as one HTML page, which needs no script to be read."""

from functools import cache
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from wecom_tollbooth import __version__
from wecom_tollbooth.client.page import CHINESE
from wecom_tollbooth.gateway.operation import Registry
from wecom_tollbooth.reference.entries import Entry, Group, control_sections, families
from wecom_tollbooth.reference.texts import SWAGGER, texts_in


class Part(NamedTuple):
    title: str
    explained: str
    groups: list[Group]


def page(operations: Registry, language: str, *, asks_for_token: bool) -> str:
    """The page in this language. `asks_for_token`: whether the server has an admin token."""
    texts = texts_in(language)
    parts = [
        Part(texts["operations"], texts["operations_explained"], families(operations)),
        Part(texts["control"], texts["control_explained"], control_sections()),
    ]
    return _template().render(
        language=language,
        texts=texts,
        for_scripts={"page": texts, "swagger": SWAGGER if language == CHINESE else {}},
        parts=parts,
        count=sum(len(group.entries) for part in parts for group in part.groups),
        title=_title_zh if language == CHINESE else _title_en,
        other="en" if language == CHINESE else CHINESE,
        asks_for_token=asks_for_token,
        version=__version__,
    )


def _title_zh(named: Entry | Group) -> str:
    return named.title_zh


def _title_en(named: Entry | Group) -> str:
    return named.title_en


@cache
def _template() -> Template:
    pages = Environment(
        loader=PackageLoader("wecom_tollbooth.reference", "files"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template("page.html.jinja")
