"""Checks, after a run of the whole suite, that some test raised each declared event and field.

Undeclared events and fields can't be raised at all, because the classes don't have them.
"""

import os
from collections.abc import Iterator

import pytest

from tests.whole_suite.records import WholeSuiteCheck
from wecom_tollbooth.callbacks import outbox
from wecom_tollbooth.callbacks.events import EVENTS
from wecom_tollbooth.callbacks.events.event import Event, Shape, fields_of
from wecom_tollbooth.callbacks.messages import OwnAddress
from wecom_tollbooth.callbacks.receivers import Receiver
from wecom_tollbooth.world.context import Context

RAISED: set[tuple[str, str]] = set()
"""Label and field of every event that was raised, by this process or by a worker that has ended."""


def declared_fields(shape: type[Shape], before: str = "") -> Iterator[str]:
    """The fields of a shape and of the objects in it, as "ExtAttr.Text"."""
    for field in fields_of(shape):
        yield before + field.name
        if field.shape is not None:
            yield from declared_fields(field.shape, f"{before}{field.name}.")


def given_fields(shape: Shape, before: str = "") -> Iterator[str]:
    """The fields that this event has."""
    for field in fields_of(type(shape)):
        value = getattr(shape, field.name)
        if value is not None:
            yield before + field.name
        for one in value if field.kind == "objects" and value else [value]:
            if isinstance(one, Shape):
                yield from given_fields(one, f"{before}{field.name}.")


def unraised(raised: set[tuple[str, str]]) -> Iterator[str]:
    """The events and fields that are declared and were not raised."""
    for event in EVENTS:
        seen = {field for label, field in raised if label == event.label()}
        if not seen:
            yield f"{event.label()} is declared, and no test raises it"
            continue
        for field in declared_fields(event):
            if field not in seen:
                yield f"{event.label()} declares {field}, which no test raises; is it in not_sent instead?"


def pytest_configure(config: pytest.Config) -> None:
    put = outbox.put

    def noted(context: Context, receiver: Receiver, event: Event, address: OwnAddress | None = None) -> int:
        RAISED.update((event.label(), field) for field in given_fields(event))
        return put(context, receiver, event, address)

    outbox.put = noted
    config.add_cleanup(lambda: setattr(outbox, "put", put))
    check = WholeSuiteCheck("raised", "events that no test raised", RAISED, _missing)
    config.pluginmanager.register(check)


def _missing() -> list[str]:
    """Nothing on PostgreSQL, where some tests are left out."""
    return [] if os.environ.get("TOLLBOOTH_TEST_DATABASE") == "postgresql" else list(unraised(RAISED))
