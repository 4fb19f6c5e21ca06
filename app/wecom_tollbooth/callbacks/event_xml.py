"""The plain XML of an event, as a self-built app finds it when it has decrypted a callback."""

from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from wecom_tollbooth.callbacks.events.event import MESSAGE, Event, Field, Shape, fields_of

ENVELOPE = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event")
"""What comes before the fields of every event (page 92130); a message has no Event (page 90239)."""


Writer = Callable[[str, Any], str]
_WRITERS: dict[type[Shape], tuple[tuple[str, Writer], ...]] = {}


def to_xml(corp_id: str, at: int, event: Event) -> str:
    """The envelope and the event's fields in their order; `at` is CreateTime in unix seconds."""
    head = [
        _text("ToUserName", corp_id),
        _text("FromUserName", event.FromUserName),
        f"<CreateTime>{at}</CreateTime>",
        _text("MsgType", event.MsgType),
    ]
    if event.event != MESSAGE:
        head.append(_text("Event", event.event))
    return "<xml>" + "".join(head) + "".join(_elements(event)) + "</xml>"


def _elements(shape: Shape) -> Iterator[str]:
    kind = type(shape)
    if kind not in _WRITERS:
        own = (field for field in fields_of(kind) if field.name not in ENVELOPE)
        _WRITERS[kind] = tuple((field.name, _writer(field)) for field in own)
    for name, write in _WRITERS[kind]:
        value = getattr(shape, name)
        if value is not None:
            yield write(name, value)


def _writer(field: Field) -> Writer:
    match field.kind:
        case "text":
            return _text if field.cdata else _bare
        case "number":
            return _bare
        case "items":
            return _items
        case "repeated":
            return _repeated
        case "object":
            return _object
        case "objects":
            return _objects


def _text(name: str, value: str) -> str:
    return _bare(name, value) if "]]>" in value else f"<{name}><![CDATA[{value}]]></{name}>"


def _bare(name: str, value: object) -> str:
    return f"<{name}>{escape(str(value))}</{name}>"


def _items(name: str, values: list[str]) -> str:
    return f"<{name}>" + "".join(_text("Item", value) for value in values) + f"</{name}>"


def _repeated(name: str, values: list[str]) -> str:
    return "".join(_text(name, value) for value in values)


def _object(name: str, value: Shape) -> str:
    return f"<{name}>" + "".join(_elements(value)) + f"</{name}>"


def _objects(name: str, values: list[Shape]) -> str:
    return f"<{name}>" + "".join(_object(value.element, value) for value in values) + f"</{name}>"
