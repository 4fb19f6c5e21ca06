"""What spares the suite a fifth of its time, without any test noticing."""

import functools
import gc
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic._internal import _fields
from typer.testing import CliRunner

from wecom_tollbooth.cli import app

EXAMPLES = os.environ.get("TOLLBOOTH_TEST_EXAMPLES")

OBJECTS_BEFORE_A_COLLECTION = 10_000
"""Python's own 700 are few for a process that holds thousands of tests."""


def examples(usual: int) -> int:
    """How many examples Hypothesis tries: the usual, or in `make test-all` more."""
    return int(EXAMPLES or usual)


@functools.cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "world.db"
        done = CliRunner().invoke(app, ["migrate", "--database-url", f"sqlite:///{path}"])
        assert done.exit_code == 0, done.output
        return path.read_bytes()


def migrated(path: Path) -> Path:
    """A new database, as `tollbooth migrate` leaves it, without running all migrations again."""
    path.write_bytes(_migrated())
    path.with_name(f"{path.name}.lock").touch()
    return path


def _keep_for_good() -> None:
    """Takes what lives now out of the collector's sight."""
    gc.collect()
    gc.freeze()


def pytest_collection_finish() -> None:
    _keep_for_good()
    gc.set_threshold(OBJECTS_BEFORE_A_COLLECTION, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Python looks for garbage several times before it exits, which takes seconds in each worker."""
    _keep_for_good()


@pytest.fixture(scope="session", autouse=True)
def what_never_changes_is_found_out_once() -> Iterator[None]:
    """httpx.get() reads all of the world's certificates, for 30 ms, though no test calls over TLS.

    Pydantic parses the signature of list for each row that has a list, for 0.1 ms.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((ssl, "create_default_context"), (_fields, "takes_validated_data_argument")):
            patch.setattr(module, name, functools.cache(getattr(module, name)))
        yield
