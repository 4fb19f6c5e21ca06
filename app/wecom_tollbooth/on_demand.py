"""Families that are imported when a call, an act or a task first needs them, for the quick start of tests.

Which module declares what is read from the sources: that takes 8 ms for all of them, where importing them
takes a third of a second. So a declaration stands at the start of a line, and what names it is written out.
"""

import importlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wecom_tollbooth import families
from wecom_tollbooth.gateway.operation import OPERATION, REGISTRY, Registry
from wecom_tollbooth.world.declarations import import_on_demand

IMPORTING = threading.RLock()
"""Two threads that import modules which import each other could see half of one."""


@dataclass
class Sources:
    """What is needed before the first call: which modules name a path, and the meters of all operations."""

    naming: dict[str, list[str]] = field(default_factory=dict)
    meters: set[str] = field(default_factory=set)


def families_on_demand() -> tuple[Registry, set[str]]:
    """The registry, which imports what it is asked for, and the meters of all operations.

    Without sources at hand everything is imported now.
    """
    sources = read_sources()
    if not sources.naming:
        registry = families.load_families()
        return registry, {operation.meter for operation in registry}
    done: set[tuple[str, str | None]] = set()

    def import_declaring(word: str, name: str | None) -> bool:
        if (word, name) in done or (word, None) in done:
            return False
        with IMPORTING:
            if (word, name) == (OPERATION, None):
                families.load_families()
            elif word == OPERATION:
                if name not in sources.naming:
                    return False  # not noted: anybody may ask for any path
                _import(sources.naming[name])
            else:
                _import(modules_declaring(word, name))
            done.add((word, name))
        return True

    import_on_demand(import_declaring)
    return REGISTRY, sources.meters


def read_sources() -> Sources:
    """What the sources of all families say; nothing where they are not at hand."""
    sources = Sources()
    for module, source in _modules():
        for path in _quoted(source, '"/cgi-bin/'):
            sources.naming.setdefault(f"/cgi-bin/{path}", []).append(module)
        sources.meters.update(_quoted(source, ' meter="'))
    return sources


def modules_declaring(word: str, name: str | None = None) -> list[str]:
    """The modules that call `word`, as a decorator or a statement; with `name` as its first argument."""
    called = f"{word}(" if name is None else f'{word}("{name}"'
    starts = (f"\n{called}".encode(), f"\n@{called}".encode())
    return [module for module, source in _modules() if any(start in source for start in starts)]


def _import(modules: list[str]) -> None:
    for module in modules:
        importlib.import_module(module)


def _modules() -> Iterator[tuple[str, bytes]]:
    """The names of all modules of families and their sources."""
    folders = [(families.__name__, Path(families.__file__).parent)]
    while folders:
        package, folder = folders.pop()
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.endswith(".py"):
                    name = entry.name.removesuffix(".py")
                    module = package if name == "__init__" else f"{package}.{name}"
                    with open(entry.path, "rb", buffering=0) as file:
                        yield module, file.readall()
                elif "." not in entry.name and not entry.name.startswith("_") and entry.is_dir():
                    folders.append((f"{package}.{entry.name}", Path(entry.path)))


def _quoted(source: bytes, start: str) -> Iterator[str]:
    """What follows each `start` up to the next quotation mark."""
    wanted = start.encode()
    at = source.find(wanted)
    while at >= 0:
        begin = at + len(wanted)
        end = source.find(b'"', begin)
        yield source[begin:end].decode()
        at = source.find(wanted, end)
