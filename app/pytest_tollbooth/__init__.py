"""Tests against WeCom Tollbooth: a server for the test run, and a fresh corp for every test.

pytest finds the fixtures `tollbooth` and `corp` by itself (plugin.py). Other runners use the same objects:

    with LocalServer() as server:
        corp = server.new_corp(customers=10)

Nothing here imports the server: it runs in a process of its own and is spoken to over HTTP.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_tollbooth.callbacks import Callbacks
    from pytest_tollbooth.calls import Calls
    from pytest_tollbooth.control import Refused
    from pytest_tollbooth.corp import CallFailed, Corp
    from pytest_tollbooth.receiver import Receiver
    from pytest_tollbooth.servers import LocalServer, Tollbooth

__all__ = [
    "CallFailed",
    "Callbacks",
    "Calls",
    "Corp",
    "LocalServer",
    "Receiver",
    "Refused",
    "Tollbooth",
]

_MODULES = {
    "CallFailed": "corp",
    "Callbacks": "callbacks",
    "Calls": "calls",
    "Corp": "corp",
    "LocalServer": "servers",
    "Receiver": "receiver",
    "Refused": "control",
    "Tollbooth": "servers",
}


def __getattr__(name: str) -> object:
    """Imports at the first use: pytest loads the plugin in every project, whether it uses it or not."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
