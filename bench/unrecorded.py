"""The server without its ledger, and without ledger and journal, to measure what recording a call costs.

Only the bench starts them; the server itself has no such setting.
"""

from typing import Any

from fastapi import FastAPI

from wecom_tollbooth.billing import ledger
from wecom_tollbooth.gateway.steps.recording import call_record
from wecom_tollbooth.main import create_app


def started_by(factory: str) -> tuple[str, ...]:
    """Arguments that run the application of `factory` like `tollbooth serve` runs its own."""
    return (
        *("uvicorn", f"{__name__}:{factory}", "--factory"),
        *("--log-level", "warning", "--no-access-log", "--no-server-header"),
    )


def without_ledger() -> FastAPI:
    """Calls are journaled and not booked: no record and no total."""
    ledger.book = _nothing
    return create_app()


def without_records() -> FastAPI:
    """Calls are neither booked nor journaled, so a read writes nothing at all."""
    call_record.record = _nothing
    return create_app()


def _nothing(*_: Any, **__: Any) -> None:
    """Replaces a function that records."""
