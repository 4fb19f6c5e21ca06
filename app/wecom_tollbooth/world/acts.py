"""Acts: what customers, members and admins do outside the API, and the registry of them.

A family declares its acts beside its operations:

    @act("member_adds_customer")
    def member_adds_customer(act: Act, body: MemberAddsCustomer) -> dict[str, Any]: ...

An act is validated as strictly as a call, runs in one transaction, and raises the callbacks that WeCom raises
when people do this in its client. The same change made through the API often raises none.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict

from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.declarations import import_declaring
from wecom_tollbooth.world.strict_numbers import StrictNumbers


class ActModel(StrictNumbers):
    """Base of the shapes of acts: an unknown field is an error here."""

    # Built at the first use, like the shapes of requests (gateway/shapes.py).
    model_config = ConfigDict(extra="forbid", defer_build=True)


class ActRefused(Exception):
    """The act can't happen; the text says why, in one sentence."""


class Act(Context):
    """An act, or a scheduled task, in its transaction."""

    base_url = ""
    """The address that the caller used for this server; empty in a scheduled task."""

    def refusal(self, errcode: int, detail: str) -> ActRefused:
        return ActRefused(detail)


Handler = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class ActKind:
    """A declared act: its name, shape and handler."""

    name: str
    shape: type[ActModel]
    handler: Handler

    @property
    def title(self) -> str:
        return (inspect.getdoc(self.handler) or self.name).splitlines()[0]


class ActRegistry:
    def __init__(self) -> None:
        self._by_name: dict[str, ActKind] = {}

    def add(self, kind: ActKind) -> None:
        if kind.name in self._by_name:
            raise ValueError(f"the act {kind.name} is declared twice")
        self._by_name[kind.name] = kind

    def find(self, name: str) -> ActKind | None:
        found = self._by_name.get(name)
        if found is None and import_declaring("act", name):
            return self._by_name.get(name)
        return found

    def __iter__(self) -> Iterator[ActKind]:
        import_declaring("act")
        return (kind for _, kind in sorted(self._by_name.items()))


ACTS = ActRegistry()


def act(name: str) -> Callable[[Handler], Handler]:
    """Declares an act; the handler's second parameter is its shape."""

    def declare(handler: Handler) -> Handler:
        hints = typing.get_type_hints(handler)
        second = list(inspect.signature(handler).parameters)[1]
        ACTS.add(ActKind(name, hints[second], handler))
        return handler

    return declare
