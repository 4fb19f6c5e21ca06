"""The server with a recorder that writes nothing: what a call would cost without ledger and journal.

Only the bench starts it; the server itself has no such setting.
"""

from fastapi import FastAPI

from app.gateway import usage
from app.gateway.call import Call
from app.gateway.envelope import Outcome
from app.main import create_app as whole_app

UVICORN = (
    *("uvicorn", "bench.unrecorded:create_app", "--factory"),
    *("--log-level", "warning", "--no-access-log", "--no-server-header"),
)
"""The arguments that run it as `tollbooth serve` runs the server."""


def create_app() -> FastAPI:
    usage.record = _record_nothing
    return whole_app()


def _record_nothing(call: Call, outcome: Outcome) -> None:
    """In the place of usage.record."""
