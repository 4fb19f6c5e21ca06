"""Operations and their registry.

A family declares each operation once, beside its shapes and its handler:

    family = Family("customers", "客户管理", "Customers")

    @family.post("/cgi-bin/externalcontact/remark", doc="92115", meter="customer.write",
                 permission=Permission.CUSTOMER)
    def remark(call: Call, body: RemarkRequest) -> Done: ...

Routing, OpenAPI, the price list, the limits, the permission table, the coverage page and the tests of all
operations come from this registry.
"""

import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from wecom_tollbooth.callbacks.events.event import Event
from wecom_tollbooth.gateway.errcodes import Code
from wecom_tollbooth.gateway.files.answers import File
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel
from wecom_tollbooth.world.declarations import import_declaring

Fidelity = Literal["official", "guess"]
Token = Literal["access_token", "suite_access_token", "provider_access_token", "key"]
"""Which token an operation needs, or key; also the name of the query parameter that carries it."""

Handler = Callable[..., Mapping[str, Any]]

OPERATION = "operation"
"""The word of import_declaring for operations: their decorators have the names of methods."""

DOC_URL = "https://developer.work.weixin.qq.com/document/path/"


@dataclass(frozen=True)
class BodyLimit:
    """The largest body of the operation in bytes, and what a larger one answers."""

    most: int
    errcode: Code


@dataclass(frozen=True)
class OldField:
    """A field `name` that older clients send instead of the list `now`: its value counts as a list of one."""

    name: str
    now: str
    reason: str
    """Why it is still read; in plain English, for the journal."""


@dataclass(frozen=True)
class Operation:
    """One operation of the API. `checked` is the month in which the documentation page was compared."""

    path: str
    method: Literal["GET", "POST"]
    family: "Family"
    handler: Handler
    request_model: type[RequestModel]
    reply_type: type
    permission: Permission
    meter: str
    doc: str
    checked: str | None
    token: Token | None
    own_limits: bool
    """Whether the frequency limits on calls don't count it, because its page has others."""
    concurrency: int | None
    """Calls of one corp that may be under way at once, if the page has a figure; None: the setting."""
    body_limit: BodyLimit | None
    """None: setting max_body_bytes."""
    takes_file: BodyLimit | None
    """The body is a file, multipart/form-data, at most so large; the fields are in the address."""
    also_get: str | None
    """Why a POST operation is served by GET too, with its fields in the address; None: it is not."""
    also_post: str | None
    """Why a GET operation that is posted takes its fields from JSON too; None: from the address only."""
    old_fields: tuple[OldField, ...]
    errcode_last: bool
    errcode_on_failure: bool
    suffix_always: bool
    errors: tuple[Code, ...]
    row_errors: tuple[Code, ...]
    """Codes of single rows of a reply whose own errcode is 0."""
    events: tuple[type[Event], ...]
    """What a call may raise; most operations raise nothing."""
    aliases: tuple[str, ...]
    for_many: str | None
    """Path of the operation that does the same for many at once, if there is one."""
    sample: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        return self.path.removeprefix("/cgi-bin/")

    @property
    def methods(self) -> tuple[Literal["GET", "POST"], ...]:
        """The methods that serve it as documented, or as `also_get` says. POST is served everywhere."""
        return ("GET", "POST") if self.also_get else (self.method,)

    @property
    def answers_file(self) -> bool:
        """Whether it answers with a file, unless it refuses."""
        return self.reply_type is File

    @property
    def fields_in_address(self) -> bool:
        return self.method == "GET" or self.takes_file is not None

    @property
    def doc_url(self) -> str:
        return DOC_URL + self.doc

    @property
    def title(self) -> str:
        """The Chinese part of the first line of the handler's docstring, which is "中文 / English"."""
        return self._titles[0]

    @property
    def title_en(self) -> str:
        return self._titles[2]

    @property
    def _titles(self) -> tuple[str, str, str]:
        return (inspect.getdoc(self.handler) or f"{self.name} / {self.name}").splitlines()[0].partition(" / ")

    @property
    def description(self) -> str:
        """The rest of the handler's docstring."""
        return "\n".join((inspect.getdoc(self.handler) or "").splitlines()[1:]).strip()

    @property
    def fidelity(self) -> Fidelity:
        """official: compared with its page; guess: no page was available, see docs/fidelity.md."""
        return "official" if self.checked else "guess"

    @cached_property
    def empty_lists(self) -> dict[str, list[Any]]:
        """The lists of the reply; a refused call has them too, empty."""
        hints = typing.get_type_hints(self.reply_type)
        return {name: [] for name, hint in hints.items() if typing.get_origin(hint) is list}


@dataclass(frozen=True)
class Family:
    """A chapter of WeCom's documentation. `extension`: WeCom itself does not have it."""

    name: str
    title_zh: str
    title_en: str
    extension: bool = False

    def get(self, path: str, **about: Any) -> Callable[[Handler], Handler]:
        """Declares a GET operation: its second argument is a shape read from the query."""
        return self._declare("GET", path, **about)

    def post(self, path: str, **about: Any) -> Callable[[Handler], Handler]:
        """Declares a POST operation: its second argument is a shape read from the JSON body."""
        return self._declare("POST", path, **about)

    def _declare(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        doc: str,
        meter: str,
        permission: Permission = Permission.ANY,
        checked: str | None = "2026-08",
        token: Token | None = "access_token",
        own_limits: bool = False,
        concurrency: int | None = None,
        body_limit: BodyLimit | None = None,
        takes_file: BodyLimit | None = None,
        also_get: str | None = None,
        also_post: str | None = None,
        old_fields: tuple[OldField, ...] = (),
        errcode_last: bool = False,
        errcode_on_failure: bool = False,
        suffix_always: bool = False,
        errors: tuple[Code, ...] = (),
        row_errors: tuple[Code, ...] = (),
        events: tuple[type[Event], ...] = (),
        aliases: tuple[str, ...] = (),
        for_many: str | None = None,
        sample: Mapping[str, Any] | None = None,
    ) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            hints = typing.get_type_hints(handler)
            parameters = list(inspect.signature(handler).parameters)
            operation = Operation(
                path=path,
                method=method,
                family=self,
                handler=handler,
                request_model=hints[parameters[1]],
                reply_type=hints["return"],
                permission=permission,
                meter=meter,
                doc=doc,
                checked=checked,
                token=token,
                own_limits=own_limits,
                concurrency=concurrency,
                body_limit=body_limit,
                takes_file=takes_file,
                also_get=also_get,
                also_post=also_post,
                old_fields=old_fields,
                errcode_last=errcode_last,
                errcode_on_failure=errcode_on_failure,
                suffix_always=suffix_always,
                errors=errors,
                row_errors=row_errors,
                events=events,
                aliases=aliases,
                for_many=for_many,
                sample=sample,
            )
            REGISTRY.add(operation)
            return handler

        return declare


class Registry:
    """All operations by path; an alias finds the same operation."""

    def __init__(self) -> None:
        self._by_path: dict[str, Operation] = {}

    def add(self, operation: Operation) -> None:
        for path in (operation.path, *operation.aliases):
            if path in self._by_path:
                raise ValueError(f"{path} is declared twice")
            self._by_path[path] = operation

    def find(self, path: str) -> Operation | None:
        found = self._by_path.get(path)
        if found is None and import_declaring(OPERATION, path):
            return self._by_path.get(path)
        return found

    def __iter__(self) -> Iterator[Operation]:
        import_declaring(OPERATION)
        return (operation for path, operation in sorted(self._by_path.items()) if operation.path == path)

    def __len__(self) -> int:
        return sum(1 for _ in self)


REGISTRY = Registry()
