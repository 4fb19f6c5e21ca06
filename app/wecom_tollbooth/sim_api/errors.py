"""The one error of the control API, and its shape on the wire."""

from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict

from wecom_tollbooth.db import DatabaseBusy


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


def install(app: FastAPI) -> None:
    """Answers SimError, an invalid request and an unknown control call with {"error": sentence}."""

    @app.exception_handler(SimError)
    async def refused(_: Request, error: SimError) -> JSONResponse:
        return JSONResponse({"error": error.message}, error.status)

    @app.exception_handler(DatabaseBusy)
    async def busy(_: Request, error: DatabaseBusy) -> JSONResponse:
        return JSONResponse({"error": f"{error}; close the program that has it open, and try again"}, 503)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        sent_as = request.headers.get("content-type", "")
        if place == "body" and "json" not in sent_as:
            # What curl -d sends by default.
            message = f"send JSON with the header Content-Type: application/json, not {sent_as or 'without'}"
        return JSONResponse({"error": f"{place}: {message}"}, 422)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Response:
        if not request.url.path.startswith("/_sim/"):
            return await http_exception_handler(request, error)
        message = f"{request.method} {request.url.path}: {error.detail}; /docs lists the control API"
        return JSONResponse({"error": message}, error.status_code, error.headers)
