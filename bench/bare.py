"""The baseline: a bare FastAPI application that answers the same paths with the same bodies."""

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI

UVICORN = (
    *("uvicorn", "bench.bare:create_app", "--factory"),
    *("--log-level", "warning", "--no-access-log", "--no-server-header"),
)
"""Arguments that run it like `tollbooth serve` runs the server: same loop and parser, one worker."""

BODIES = "BENCH_BODIES"
"""Environment variable with the path of a JSON file of {path: body}."""


def create_app() -> FastAPI:
    app = FastAPI()
    bodies = json.loads(Path(os.environ[BODIES]).read_text(encoding="utf-8"))
    for path, body in bodies.items():
        app.add_api_route(path, _returning(body), methods=["GET", "POST"])
    return app


def _returning(body: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def route() -> dict[str, Any]:
        return body

    return route
