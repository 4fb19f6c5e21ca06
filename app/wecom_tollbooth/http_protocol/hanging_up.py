"""How an application closes the connection of a request without an answer, or in the middle of one."""

from starlette.types import Scope

STATE_KEY = "tollbooth_hang_up"
"""Where each connection leaves its way to be closed, in the state that its requests get."""


def hang_up(scope: Scope) -> None:
    """Closes the connection of the request once what was sent has left; send nothing more.

    Raises ConnectionAbortedError on another server than this package's own protocol, which then answers 500
    or closes the connection.
    """
    close = scope.get("state", {}).get(STATE_KEY)
    if close is None:
        raise ConnectionAbortedError("a planned fault closes the connection")
    close(scope)
