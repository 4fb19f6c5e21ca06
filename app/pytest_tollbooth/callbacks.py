"""The callbacks of a corp: what was raised for its apps, whether or not they have an address."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any
from xml.etree import ElementTree

from pytest_tollbooth.control import Control, Refused

PAGE = 500
NOT_IN_TIME = 408


class Callbacks:
    """Iterates over the callbacks, oldest first; each is a dict as GET …/callbacks answers it."""

    def __init__(self, control: Control, path: str) -> None:
        self._control, self._path = control, f"{path}/callbacks"

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.find())

    def find(self, **filters: Any) -> list[dict[str, Any]]:
        """The callbacks, oldest first; `filters`: event, change_type, agentid, state."""
        found: list[dict[str, Any]] = []
        after = None
        while True:
            page = self._control.get(self._path, limit=PAGE, after=after, **filters)
            found += page["callbacks"]
            if len(page["callbacks"]) < PAGE:
                return found
            after = page["next"]

    def wait_for(
        self, name: str, *, count: int = 1, timeout: float = 5, after: int | None = None
    ) -> list[dict[str, Any]]:
        """The first `count` callbacks that were delivered, or kept where the app has no address.

        `name` is an event (`change_external_contact`) or a ChangeType (`add_external_contact`). Fails after
        `timeout` seconds of real time, and says what there was instead.
        """
        wanted = {"change_type" if name in self._change_types else "event": name}
        try:
            answer = self._control.get(
                f"{self._path}/wait", **wanted, count=count, timeout_seconds=timeout, after=after
            )
        except Refused as error:
            if error.status != NOT_IN_TIME:
                raise
            there = [callback["change_type"] or callback["event"] for callback in self.find()]
            raise AssertionError(
                f"{name} did not arrive {count} times within {timeout} s; there are: "
                f"{', '.join(there) or 'none'}"
            ) from None
        return list(answer["callbacks"])

    @cached_property
    def _change_types(self) -> frozenset[str]:
        events = self._control.get("/events")["events"]
        return frozenset(entry["change_type"] for entry in events if entry["change_type"])


def fields_of(xml: str) -> dict[str, str]:
    """The elements of a callback's XML by their names; those with elements of their own as XML."""
    root = ElementTree.fromstring(xml)
    return {
        element.tag: ElementTree.tostring(element, encoding="unicode") if len(element) else element.text or ""
        for element in root
    }
