"""What commands and servers import before they need it: nothing."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_command_imports_only_what_it_needs() -> None:
    """Commands import only what they need, so that help doesn't wait for the database code."""
    script = "import sys, wecom_tollbooth.cli; print([m for m in sys.modules if m.split('.')[0] in {names}])"
    names = {"fastapi", "sqlalchemy", "alembic", "faker", "httpx", "rich", "pydantic"}
    loaded = subprocess.run(
        [sys.executable, "-c", script.format(names=names)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "[]"


def test_a_server_on_sqlite_starts_with_few_imports_and_no_shapes_built() -> None:
    """Before its first call the server imports no rarely used modules and builds no shapes."""
    script = """
import sys, uvicorn, wecom_tollbooth.control_app, wecom_tollbooth.main
from wecom_tollbooth.cli.server_process import UVICORN
from wecom_tollbooth.families import load_families
from wecom_tollbooth.gateway.shapes import RequestModel
from wecom_tollbooth.world.acts import ActModel
load_families()
uvicorn.Config(wecom_tollbooth.main, **UVICORN).load()
print([name for name in sys.modules if name.startswith({names})])
shapes = RequestModel.__subclasses__() + ActModel.__subclasses__()
print([shape for shape in shapes if shape.__pydantic_complete__])
"""
    names: tuple[str, ...] = (
        "alembic",
        "cryptography",
        "faker",
        "httpx",
        "locust",
        "matplotlib",
        "prometheus_client",
        "psycopg",
        "rich",
    )
    names += (
        "aiohttp",
        "httpcore",
        "nicegui",
        "socketio",
        "sqlalchemy.dialects.postgresql",
        "websockets",
        "wsproto",
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script.replace("{names}", repr(names))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.split() == ["[]", "[]"]
