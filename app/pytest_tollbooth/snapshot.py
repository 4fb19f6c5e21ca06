"""Snapshots of a corp in a test."""

from types import TracebackType
from typing import Self

from pytest_tollbooth.control import Control


class Snapshot:
    """A state that the corp can go back to; in a `with` block it goes back at the end.

    with corp.snapshot():
        corp.act("admin_deletes_members", userid=["lisi"])
    # lisi is there again
    """

    def __init__(self, control: Control, path: str, name: str) -> None:
        """Takes it."""
        self._control, self._path, self.name = control, path, name
        self._control.send("POST", f"{path}/snapshots", name=name)

    def restore(self) -> None:
        """Brings the corp back: rows, ledger, callbacks and files, and its own clock."""
        self._control.send("POST", f"{self._path}/snapshots/{self.name}/restore")

    def delete(self) -> None:
        self._control.send("DELETE", f"{self._path}/snapshots/{self.name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restore()
        self.delete()
