"""The one error of the control API and its shape on the wire."""

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException


class SimError(Exception):
    """A control call that cannot be done: an HTTP status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def install(app: FastAPI) -> None:
    """Writes SimError, a body that does not fit, and an unknown control call as {"error": sentence}."""

    @app.exception_handler(SimError)
    async def refused(_: Request, error: SimError) -> JSONResponse:
        return JSONResponse({"error": error.sentence}, error.status)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        sentence = first["msg"].removeprefix("Value error, ")
        sent_as = request.headers.get("content-type", "")
        if place == "body" and "json" not in sent_as:
            # What curl -d sends unless told otherwise.
            sentence = f"send JSON with the header Content-Type: application/json, not {sent_as or 'without'}"
        return JSONResponse({"error": f"{place}: {sentence}"}, 422)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Response:
        if not request.url.path.startswith("/_sim/"):
            return await http_exception_handler(request, error)
        sentence = f"{request.method} {request.url.path}: {error.detail}; /docs lists the control API"
        return JSONResponse({"error": sentence}, error.status_code, error.headers)
