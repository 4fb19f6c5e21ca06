"""The two tables that the page is made from besides the registry of operations."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wecom_tollbooth.gateway.operation import Registry

OPERATIONS = Path(__file__).with_name("wecom_operations.toml")
FIELDS = Path(__file__).with_name("documented_fields.toml")


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
    """How many request and reply fields a page lists, and which of them are not simulated."""

    request: int
    reply: int
    missing_request: tuple[str, ...]
    missing_reply: tuple[str, ...]


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


def documented_fields() -> dict[str, DocumentedFields]:
    """The documented fields, by the operation's path."""
    found: dict[str, DocumentedFields] = {}
    for path, (request, reply, *missing) in tomllib.loads(FIELDS.read_text(encoding="utf-8")).items():
        missing_request = tuple(name.removesuffix("→") for name in missing if name.endswith("→"))
        missing_reply = tuple(name.removeprefix("→") for name in missing if name.startswith("→"))
        found[path] = DocumentedFields(request, reply, missing_request, missing_reply)
    return found


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
