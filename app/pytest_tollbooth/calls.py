"""The calls of a corp, as the journal keeps them, and what a test expects of them."""

import re
from collections.abc import Iterator
from typing import Any

from pytest_tollbooth.control import Control

PAGE = 500
LINE = 160
"""Characters of a request and of a reason in a list of calls."""
HINT = re.compile(r"hint: \[(\d+)\]")


class Calls:
    """Iterates over the calls, oldest first; each is a dict as GET …/calls answers it."""

    def __init__(self, control: Control, path: str) -> None:
        self._control, self._path = control, f"{path}/calls"

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.find())

    def __len__(self) -> int:
        return len(self.find())

    def find(self, path: str | None = None, **filters: Any) -> list[dict[str, Any]]:
        """The calls of an operation, oldest first; `filters` as in GET …/calls: errcode, agentid, since."""
        path = None if path is None else full_path(path)
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self._control.get(self._path, path=path, limit=PAGE, cursor=cursor, **filters)
            found += page["calls"]
            cursor = page["next_cursor"]
            if not cursor:
                return found[::-1]

    def last(self, count: int) -> list[dict[str, Any]]:
        """The last calls, oldest first."""
        return list(reversed(self._control.get(self._path, limit=count)["calls"]))

    def assert_called(
        self,
        path: str,
        *,
        times: int | None = None,
        at_least: int = 1,
        at_most: int | None = None,
        errcode: int | None = 0,
        body_contains: dict[str, Any] | None = None,
    ) -> None:
        """Fails unless the operation was called as often, with this errcode (None: any) and body.

        `times` is both the least and the most. The message says what was called instead.
        """
        if times is not None:
            at_least = at_most = times
        self.assert_each(
            {
                "path": path,
                "at_least": at_least,
                "at_most": at_most,
                "errcode": errcode,
                "body_contains": body_contains or {},
            }
        )

    def assert_not_called(self, path: str) -> None:
        self.assert_called(path, times=0, errcode=None)

    def assert_each(self, *calls: dict[str, Any], in_order: bool = False) -> None:
        """Fails unless all of `calls` were made, in this order if asked; each as in POST …/calls/verify."""
        answer = self._control.send("POST", f"{self._path}/verify", calls=list(calls), in_order=in_order)
        if not answer["ok"]:
            raise AssertionError("\n".join(failure["reason_en"] for failure in answer["failures"]))

    def expect_no_refusals(self) -> None:
        """Fails if any call was refused, and says which and why."""
        refused = self.find(refused=True)
        if refused:
            count = "1 call was" if len(refused) == 1 else f"{len(refused)} calls were"
            raise AssertionError(f"{count} refused:\n" + "\n".join(map(line_of, refused)))

    def reason_of(self, reply: dict[str, Any]) -> str:
        """Why the call with this reply was refused, as the journal says it; "" where that isn't known."""
        hint = HINT.search(str(reply.get("errmsg", "")))
        if hint is None:
            return ""
        found = self._control.get(self._path, hint=hint[1])["calls"]
        return str(found[0]["detail"]) if found else ""


def full_path(path: str) -> str:
    """The path of an operation that may be given without /cgi-bin/."""
    return path if path.startswith("/") else f"/cgi-bin/{path}"


def line_of(call: dict[str, Any]) -> str:
    """One line about a call: operation, errcode, request, and the reason of a refusal."""
    request, answer = call["request"], call["answer"]
    path = request["path"].removeprefix("/cgi-bin/")
    code = answer["errcode"] if answer["errcode"] is not None else f"HTTP {answer['http_status']}"
    line = f"{request['method']:4} {path}  {code}"
    if request["body"]:
        line += f"  {_cut(request['body'])}"
    if call["detail"]:
        line += f"\n       {_cut(call['detail'])}"
    return line


def _cut(text: str) -> str:
    return text if len(text) <= LINE else text[: LINE - 1] + "…"
