"""The two tables that the page is made from besides the registry of operations."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wecom_tollbooth.gateway.operation import Registry

OPERATIONS = Path(__file__).with_name("wecom_operations.toml")
FIELDS = Path(__file__).with_name("documented_fields.toml")
CALLERS = Path(__file__).with_name("refused_callers.toml")


@dataclass(frozen=True)
class WecomOperation:
    """An operation of WeCom, as its documentation describes it."""

    method: str
    path: str
    doc: str
    checked: str
    title: str


@dataclass(frozen=True)
class DocumentedFields:
    """The fields that a page lists, nested ones as "a.b", and the reply fields that no test saw filled."""

    request: tuple[str, ...]
    reply: tuple[str, ...]
    unfilled: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """A chapter of WeCom's documentation."""

    zh: str
    en: str
    operations: tuple[WecomOperation, ...]

    @property
    def heading(self) -> str:
        return f"{self.zh} / {self.en}"


def wecom_operations() -> tuple[Chapter, ...]:
    """WeCom's operations, chapter by chapter."""
    chapters = tomllib.loads(OPERATIONS.read_text(encoding="utf-8"))["chapters"]
    return tuple(
        Chapter(chapter["zh"], chapter["en"], tuple(WecomOperation(*row) for row in chapter["operations"]))
        for chapter in chapters
    )


@cache
def documented_fields() -> dict[str, DocumentedFields]:
    """The documented fields, by the operation's path."""
    tables = tomllib.loads(FIELDS.read_text(encoding="utf-8"))
    return {
        path: DocumentedFields(*(_names(table.get(kind, "")) for kind in ("request", "reply", "unfilled")))
        for path, table in tables.items()
    }


@dataclass(frozen=True)
class RefusedCallers:
    """Kinds of apps that the pages of these operations allow, and that the simulator refuses."""

    kinds: tuple[str, ...]
    zh: str
    en: str
    pages: str
    paths: tuple[str, ...]


def refused_callers() -> tuple[RefusedCallers, ...]:
    """The callers that pages allow and the simulator refuses."""
    tables = tomllib.loads(CALLERS.read_text(encoding="utf-8"))["callers"]
    return tuple(
        RefusedCallers(
            tuple(table["kinds"]),
            table["zh"],
            table["en"],
            table["pages"],
            tuple(f"/cgi-bin/{name}" for name in table["paths"].split()),
        )
        for table in tables
    )


def _names(text: str) -> tuple[str, ...]:
    """The names in a text such as "a b{c d}": a, b, b.c and b.d."""
    names: list[str] = []
    around: list[str] = []
    for name, brace in re.findall(r"([^\s{}]+)|([{}])", text):
        if brace == "{":
            around.append(names[-1])
        elif brace:
            around.pop()
        else:
            names.append(f"{around[-1]}.{name}" if around else name)
    return tuple(names)


def differences(registry: Registry, chapters: tuple[Chapter, ...]) -> Iterator[str]:
    """A sentence for each difference between the registry and WeCom's operations."""
    known = {row.path: row for chapter in chapters for row in chapter.operations}
    for operation in registry:
        row = known.get(operation.path)
        if operation.family.extension:
            if row is not None:
                yield f"{operation.path} is an extension, but it is among WeCom's operations too"
        elif row is None:
            yield f"{operation.path} is in no chapter of {OPERATIONS.name}; add it there, or mark the family"
        elif (row.method, row.doc) != (operation.method, operation.doc):
            yield (
                f"{operation.path} is {operation.method} on page {operation.doc}, "
                f"but {row.method} on page {row.doc} in {OPERATIONS.name}"
            )
