"""What an event is: a class with its page, its fields in the documented order, and who receives it.

    class DelFollowUser(ContactEvent):
        \"\"\"删除跟进成员 / A customer deletes a member.\"\"\"

        ChangeType: str = constant("del_follow_user")
        UserID: UserId
        ExternalUserID: ExternalUserId

The annotation of a field says how it is written: `int` as a bare number, `str` as CDATA, `Bare` without
CDATA,
"""

import inspect
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, dataclass_transform

from wecom_tollbooth.callbacks.events.receiver_rules import ReceiverRule


class Doc(NamedTuple):
    """What a field holds, in English and Chinese."""

    en: str
    zh: str


class Form(Enum):
    """How a text or a list of texts is written, unless it is a text in CDATA."""

    BARE = "bare"
    ITEMS = "items"
    REPEATED = "repeated"


Bare = Annotated[str, Form.BARE]
Items = Annotated[Sequence[str], Form.ITEMS]
Repeated = Annotated[Sequence[str], Form.REPEATED]

UserId = Annotated[str, Doc("the member", "成员 userid")]
ExternalUserId = Annotated[str, Doc("the customer", "客户 external_userid")]

FieldKind = Literal["number", "text", "items", "repeated", "object", "objects"]


@dataclass(frozen=True)
class Field:
    """A field of an event, or of an object in it."""

    name: str
    kind: FieldKind
    cdata: bool
    optional: bool
    constant: str | None
    """The one value that the field has; None where the raiser gives it."""
    doc: Doc
    shape: "type[Shape] | None"
    """What the object, or each object of the list, is made of."""


def constant(value: str, *, init: Literal[False] = False) -> Any:
    """A field that always holds `value`. It is declared in its place and can't be given."""
    return value


# Not dataclasses: to make the code of some forty of them would take a noticeable part of a server's start.
@dataclass_transform(
    kw_only_default=True, frozen_default=True, eq_default=False, field_specifiers=(constant,)
)
class Shape:
    """Fields in their order. Raises TypeError for a field that isn't declared or is missing."""

    element: ClassVar[str] = "Item"
    """The element that each object of a list is written as."""

    def __init__(self, **given: Any) -> None:
        left = dict(given)
        for field in fields_of(type(self)):
            if field.constant is None and left.pop(field.name, None) is None and not field.optional:
                raise TypeError(f"{type(self).__name__} needs {field.name}")
        if left:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(left)} to give")
        self.__dict__.update({name: value for name, value in given.items() if value is not None})

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")


NAMES = ("ChangeType", "Event", "MsgType")
"""The constants that name an event: a kind of change, an event that has only one kind, a kind of message."""
MESSAGE = "message"
"""`event` of the messages of members, whose XML has no element Event."""


class Event(Shape):
    """Base of all events. A subclass with a constant of NAMES is an event, one without is a group of events.

    A message of a member is an event too, with its own MsgType.
    """

    event: ClassVar[str]
    """The value of the element Event, or MESSAGE."""
    page: ClassVar[str] = ""
    """Number of the documentation page; empty for events that WeCom doesn't have."""
    checked: ClassVar[str | None] = None
    """The month in which the fields were compared with the page."""
    receivers: ClassVar[ReceiverRule]
    not_sent: ClassVar[Mapping[str, Doc]] = {}
    """Fields of the page that the simulator never sends, and why."""
    takes_reply: ClassVar[bool] = False
    """Whether the receiver may answer with a message to the sender (被动回复, page 90241)."""
    asks_for: ClassVar[str] = ""
    """Path of the operation that answers what the event leaves out; empty: the event says all."""
    names: ClassVar[tuple[str, ...]] = ()
    """Of an event that asks for a call: the fields with what that call would name, as "BatchJob.JobId"."""
    FromUserName = "sys"
    """Of the envelope: who caused the event. An event that names somebody declares it as a field."""
    MsgType = "event"
    """Of the envelope; a message of a member declares its own."""

    def __init_subclass__(cls) -> None:
        if not _is_event(cls):
            return
        if "Event" in cls.__dict__:
            cls.event = cls.__dict__["Event"]
        EVENTS.add(cls)

    @classmethod
    def change_type(cls) -> str:
        """The ChangeType, or the MsgType of a message; empty for an event that has only one kind."""
        return str(cls.__dict__.get("ChangeType", cls.__dict__.get("MsgType", "")))

    def named(self) -> list[str]:
        """What `names` says, as far as the event has it."""
        values = []
        for name in self.names:
            value: Any = self
            for part in name.split("."):
                value = getattr(value, part, None)
            values += [str(value)] if value else []
        return values

    @classmethod
    def label(cls) -> str:
        """Event and ChangeType, the name of the event in documents."""
        return f"{cls.event} {cls.change_type()}".rstrip()

    @classmethod
    def group(cls) -> "type[Event]":
        """The class that says what this event and its like have in common."""
        return next(base for base in cls.__mro__ if not _is_event(base))

    @classmethod
    def titles(cls) -> Doc:
        """The first line of the docstring: "中文 / English"."""
        zh, _, en = (inspect.getdoc(cls) or "").partition("\n")[0].rstrip(".").partition(" / ")
        return Doc(en, zh)


def _is_event(cls: type) -> bool:
    return cls is not Event and any(name in cls.__dict__ for name in NAMES)


_FIELDS: dict[type[Shape], tuple[Field, ...]] = {}


def fields_of(shape: type[Shape]) -> tuple[Field, ...]:
    """The declared fields in their order. Only the class's own: a base can't say where they belong."""
    if shape not in _FIELDS:
        _FIELDS[shape] = _read_fields(shape)
    return _FIELDS[shape]


def _read_fields(shape: type[Shape]) -> tuple[Field, ...]:
    hints = typing.get_type_hints(shape, include_extras=True)
    own = inspect.get_annotations(shape)
    return tuple(_field(shape, name, hints[name]) for name in own)


def _field(shape: type[Shape], name: str, hint: Any) -> Field:
    optional = typing.get_origin(hint) in (typing.Union, types.UnionType)
    if optional:
        (hint,) = (part for part in typing.get_args(hint) if part is not types.NoneType)
    notes: list[Any] = []
    if typing.get_origin(hint) is Annotated:
        hint, *notes = typing.get_args(hint)
    form = next((note for note in notes if isinstance(note, Form)), None)
    doc = next((note for note in reversed(notes) if isinstance(note, Doc)), Doc("", ""))
    is_list = typing.get_origin(hint) is Sequence
    one = typing.get_args(hint)[0] if is_list else hint
    kind: FieldKind
    if issubclass(one, Shape):
        kind = "objects" if is_list else "object"
    elif is_list:
        kind = "repeated" if form is Form.REPEATED else "items"
    else:
        kind = "number" if one is int else "text"
    cdata = kind in ("items", "repeated") or (kind == "text" and form is None)
    constant = shape.__dict__.get(name)
    return Field(name, kind, cdata, optional, constant, doc, one if issubclass(one, Shape) else None)


class EventRegistry:
    """All events, by Event and ChangeType."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, str], type[Event]] = {}

    def add(self, event: type[Event]) -> None:
        name = (event.event, event.change_type())
        if name in self._by_name:
            raise ValueError(f"the event {event.label()} is declared twice")
        self._by_name[name] = event

    def find(self, event: str, change_type: str) -> type[Event] | None:
        return self._by_name.get((event, change_type))

    def __iter__(self) -> Iterator[type[Event]]:
        """By the value of Event; those with the same one in the order of their declaration."""
        return iter(sorted(self._by_name.values(), key=lambda event: event.event))


EVENTS = EventRegistry()
