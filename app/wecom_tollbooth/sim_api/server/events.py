"""Every callback event of the simulator, from the registry."""

from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events import EVENTS
from wecom_tollbooth.callbacks.events.event import Event, Field, Shape, fields_of
from wecom_tollbooth.gateway.operation import DOC_URL, Registry
from wecom_tollbooth.sim_api.dependencies import TheGateway
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()


class EventField(TypedDict):
    """`type` is number, text, items, repeated, object or objects; `fields` are those of an object."""

    name: str
    type: str
    cdata: bool
    optional: bool
    constant: str | None
    description_zh: str
    description_en: str
    fields: list["EventField"]


class FieldNotSent(TypedDict):
    name: str
    reason_zh: str
    reason_en: str


class EventShown(TypedDict):
    event: str
    change_type: str
    title_zh: str
    title_en: str
    extension: bool
    doc: str | None
    checked: str | None
    receivers_zh: str
    receivers_en: str
    takes_reply: bool
    operations: list[str]
    fields: list[EventField]
    not_sent: list[FieldNotSent]


class EventsReply(TypedDict):
    events: list[EventShown]


@router.get("/events")
async def list_events(gateway: TheGateway) -> EventsReply:
    """列出回调事件 / List the callback events

    每个事件按顺序的字段、接收者、文档与核对月份。`extension` 标出企业微信没有的事件；`operations` 是会引发它
    的接口，其余只由业务动作引发；`not_sent` 是文档有、模拟器不发送的字段；`takes_reply` 表示可以被动回复。

    Every event with its fields in their order, who receives it, its page and the month of comparison.
    `extension` marks events that WeCom doesn't have. `operations` are the API operations that raise it; the
    others come from acts alone. `not_sent` are documented fields that the simulator leaves out; `takes_reply`
    says that the receiver may answer with a passive reply.
    """
    return {"events": [_event(event, gateway.operations) for event in EVENTS]}


def _event(event: type[Event], operations: Registry) -> EventShown:
    titles = event.titles()
    return {
        "event": event.event,
        "change_type": event.change_type(),
        "title_zh": titles.zh,
        "title_en": titles.en,
        "extension": not event.page,
        "doc": DOC_URL + event.page if event.page else None,
        "checked": event.checked,
        "receivers_zh": event.receivers.zh,
        "receivers_en": event.receivers.en,
        "takes_reply": event.takes_reply,
        "operations": [operation.path for operation in operations if event in operation.events],
        "fields": _fields(event),
        "not_sent": [
            {"name": name, "reason_zh": reason.zh, "reason_en": reason.en}
            for name, reason in event.not_sent.items()
        ],
    }


def _fields(shape: type[Shape]) -> list[EventField]:
    return [_field(field) for field in fields_of(shape)]


def _field(field: Field) -> EventField:
    return {
        "name": field.name,
        "type": field.kind,
        "cdata": field.cdata,
        "optional": field.optional,
        "constant": field.constant,
        "description_zh": field.doc.zh,
        "description_en": field.doc.en,
        "fields": [] if field.shape is None else _fields(field.shape),
    }
