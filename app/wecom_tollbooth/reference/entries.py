"""What the list of /docs has: one entry for each method of each operation and control call, in groups."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.routing import APIRoute

from wecom_tollbooth.gateway.openapi import operation_id
from wecom_tollbooth.gateway.operation import Registry
from wecom_tollbooth.sim_api.layers import PREFIX
from wecom_tollbooth.sim_api.sections import SECTIONS


@dataclass(frozen=True)
class Entry:
    """`id` is the operationId of /openapi.json; `notes` are searched but not shown."""

    id: str
    method: str
    path: str
    title_zh: str
    title_en: str
    notes: str
    is_old: bool = False
    """Under a path that was renamed."""

    @property
    def searched(self) -> str:
        """What a search looks in, in lower case on one line."""
        return " ".join(
            f"{self.method} {self.path} {self.title_zh} {self.title_en} {self.notes}".lower().split()
        )


@dataclass(frozen=True)
class Group:
    """A family or a section of the control API; `name` is its tag in /openapi.json."""

    name: str
    title_zh: str
    title_en: str
    entries: tuple[Entry, ...]


def families(operations: Registry) -> list[Group]:
    """The groups of the simulated API, by the names of their families."""
    members: dict[str, list[Entry]] = {}
    for operation in operations:
        notes = [operation.name.replace("/", "_"), *operation.aliases, operation.description]
        members.setdefault(operation.family.name, []).extend(
            Entry(
                operation_id(operation, method),
                method,
                operation.path,
                operation.title,
                operation.title_en,
                " ".join(notes),
            )
            for method in operation.methods
        )
    found = {operation.family.name: operation.family for operation in operations}
    return [
        Group(name, found[name].title_zh, found[name].title_en, tuple(entries))
        for name, entries in sorted(members.items())
    ]


def control_sections() -> list[Group]:
    """The groups of the control API, in its order."""
    return [
        Group(
            section.tag,
            section.title_zh,
            section.title_en,
            tuple(
                entry
                for router in section.routers
                for route in router.routes
                if isinstance(route, APIRoute) and route.include_in_schema
                for entry in _control_calls(route, "" if section.is_open else PREFIX)
            ),
        )
        for section in SECTIONS
    ]


def _control_calls(route: APIRoute, prefix: str) -> Iterator[Entry]:
    title_zh, _, title_en = str(route.summary).partition(" / ")
    is_old = bool(route.deprecated)
    for method in sorted(route.methods or ()):
        path, notes = prefix + route.path, f"{route.name} {route.description}"
        yield Entry(route.name, method, path, title_zh, title_en, notes, is_old)
