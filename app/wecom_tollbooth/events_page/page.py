"""The pages as Markdown, one for each language."""

from collections.abc import Iterator

from jinja2 import Environment, PackageLoader, StrictUndefined

from wecom_tollbooth.callbacks.events import EVENTS
from wecom_tollbooth.callbacks.events.event import Doc, Event, Field, Shape, fields_of
from wecom_tollbooth.gateway.operation import DOC_URL, Registry

PAGES = ("events.md", "events.zh-CN.md")


def render(name: str, operations: Registry) -> str:
    """The whole page of this name."""
    pages = Environment(
        loader=PackageLoader("wecom_tollbooth.events_page", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    groups: dict[type[Event], list[type[Event]]] = {}
    for event in EVENTS:
        groups.setdefault(event.group(), []).append(event)
    text = pages.get_template(f"{name}.jinja").render(
        groups=list(groups.items()),
        fields=_fields,
        operations=lambda event: [one.name for one in operations if event in one.events],
        not_sent=_not_sent,
        doc_url=DOC_URL,
    )
    return text.rstrip() + "\n"


def _fields(shape: type[Shape], before: str = "") -> Iterator[tuple[str, Field]]:
    """The fields and those of the objects in them, as "ExtAttr.Text"."""
    for field in fields_of(shape):
        yield before + field.name, field
        if field.shape is not None:
            yield from _fields(field.shape, f"{before}{field.name}.")


def _not_sent(event: type[Event]) -> dict[Doc, list[str]]:
    """The fields that are left out, by the reason."""
    reasons: dict[Doc, list[str]] = {}
    for name, reason in event.not_sent.items():
        reasons.setdefault(reason, []).append(name)
    return reasons
