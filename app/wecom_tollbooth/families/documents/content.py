"""What documents of each type hold, declared by the family that simulates their content."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.declarations import import_declaring


@dataclass(frozen=True)
class Content:
    """The content of the documents of one type."""

    create: Callable[[Context, str], None]
    """Called with the docid of a new document: adds what it holds from the start."""
    tables: tuple[sa.Table, ...]
    """Tables with corp_id and docid, whose rows are deleted along with the document."""


_CONTENT: dict[int, Content] = {}


def declare_content(doc_type: int, content: Content) -> None:
    """Declares what documents of this type hold."""
    if doc_type in _CONTENT:
        raise ValueError(f"the content of doc_type {doc_type} is declared twice")
    _CONTENT[doc_type] = content


def content_of(doc_type: int) -> Content | None:
    """What documents of this type hold; None where their content is not simulated."""
    if doc_type not in _CONTENT:
        import_declaring("declare_content")
    return _CONTENT.get(doc_type)
