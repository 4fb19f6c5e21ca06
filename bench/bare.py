"""The baseline: a bare FastAPI application that answers the same paths with the same bodies."""

import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, UploadFile

from bench.world import UPLOADIMG

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
        if path == UPLOADIMG:
            app.add_api_route(path, _storing(body, Path(tempfile.mkdtemp(dir=Path.cwd()))), methods=["POST"])
        else:
            app.add_api_route(path, _returning(body), methods=["GET", "POST"])
    return app


def _storing(body: dict[str, Any], folder: Path) -> Callable[[UploadFile], dict[str, Any]]:
    """A route that stores the uploaded file under a new name, as one writes it with FastAPI."""
    numbers = itertools.count()

    def route(media: UploadFile) -> dict[str, Any]:
        with (folder / f"{next(numbers)}.png").open("wb") as stored:
            shutil.copyfileobj(media.file, stored)
        return body

    return route


def _returning(body: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def route() -> dict[str, Any]:
        return body

    return route
