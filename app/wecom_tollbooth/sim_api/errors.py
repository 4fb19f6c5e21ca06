"""The one error of the control API, and its shape on the wire."""

import logging
from collections.abc import Mapping
from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import TypedDict

from wecom_tollbooth.db import DatabaseBusy, is_conflict, is_unavailable, is_unkeepable

log = logging.getLogger("tollbooth.control")

MOST_SHOWN = 4_000
"""Characters of a sentence, which may quote what was sent."""


class ErrorReply(TypedDict):
    error: Annotated[
        str,
        Field(description="哪里不对、怎样才对，一句话 / One sentence: what is wrong and what would be right"),
    ]


class SimError(Exception):
    """A control call that cannot be served: its HTTP status and a sentence for the caller."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def as_refusal(error: Exception) -> SimError | None:
    """What to answer for an error of the database; None for any other error."""
    if is_unkeepable(error):
        log.error("a control call got a value past its checks that cannot be stored", exc_info=error)
        return SimError(422, "a number or text in the request is beyond what the database can keep")
    if is_conflict(error):
        return SimError(503, "other requests changed the same rows again and again; try once more")
    if is_unavailable(error):
        reason = " ".join(str(getattr(error, "orig", error)).split())[:MOST_SHOWN]
        return SimError(503, f"the database does not answer: {reason}; GET /_sim/ready tells when it does")
    return None


class BodyTooLarge:
    """An ASGI layer that says 413, as FastAPI does where max_body_size is exceeded, in the shape of /_sim."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        too_large = False

        async def send_others(message: Message) -> None:
            nonlocal too_large
            too_large = too_large or message.get("status") == 413
            if not too_large:
                await send(message)

        await self._app(scope, receive, send_others)
        if too_large:
            named = f"{scope['method']} {scope['path']}"
            message = (
                f"{named}: the body is larger than this call takes; TOLLBOOTH_MAX_BODY_BYTES limits most"
            )
            await _answer(message, 413)(scope, receive, send)


def install(app: FastAPI) -> None:
    """Answers SimError, an invalid request and an unknown control call with {"error": sentence}."""

    @app.exception_handler(SimError)
    async def refused(_: Request, error: SimError) -> JSONResponse:
        return _answer(error.message, error.status)

    @app.exception_handler(DatabaseBusy)
    async def busy(_: Request, error: DatabaseBusy) -> JSONResponse:
        return _answer(f"{error}; close the program that has it open, and try again", 503)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        sent_as = request.headers.get("content-type", "")
        if place == "body" and first["type"] == "missing":
            message = "a JSON object is missing; send {} where every field may be left out"
        elif place == "body" and "json" not in sent_as:
            # What curl -d sends by default.
            message = f"send JSON with the header Content-Type: application/json, not {sent_as or 'without'}"
        return _answer(f"{place}: {message}", 422)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Response:
        if not request.url.path.startswith("/_sim/"):
            return await http_exception_handler(request, error)
        message = f"{request.method} {request.url.path}: {error.detail}; /docs lists the control API"
        return _answer(message, error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> JSONResponse:
        # The server logs the traceback.
        return _answer(f"an error of the simulator ({type(error).__name__}); its log has the traceback", 500)


def _answer(message: str, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    if len(message) > MOST_SHOWN:
        message = f"{message[:MOST_SHOWN]}…"
    return JSONResponse({"error": message}, status, headers)
