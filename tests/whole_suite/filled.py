"""Checks, after a run of the whole suite, what replies had: each documented field, each errcode of a row.

docs/coverage.md counts a documented reply field when a test saw it filled: a text, list or object that isn't
empty, any number or boolean. The replies of servers in this process are seen, no matter who receives them.
`SUITE_SEEN=FILE pytest …` adds to the file what the run of a part saw, to find out what to write there.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.whole_suite.records import WholeSuiteCheck
from wecom_tollbooth.coverage.tables import documented_fields
from wecom_tollbooth.families import load_families
from wecom_tollbooth.gateway import pipeline
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome, succeeded

SEEN_FILE = os.environ.get("SUITE_SEEN")
ROWS = 20
"""So many rows of a list are looked at, at its beginning and at its end."""

FILLED: set[tuple[str, str]] = set()
"""Path and field of every reply that had it filled, and path and "=40096" for an errcode of a row."""


def filled_fields(value: Any, before: str = "") -> Iterator[str]:
    """The fields that are filled in a reply, as "a.b", and "=" with each errcode of a row other than 0."""
    if isinstance(value, list | tuple):
        some = value if len(value) <= 2 * ROWS else (*value[:ROWS], *value[-ROWS:])
        for row in some:
            yield from filled_fields(row, before)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if inner not in ("", [], {}, None, ()):
                yield before + name
            if name == "errcode" and before and inner:
                yield f"={inner}"
            yield from filled_fields(inner, f"{before}{name}.")


def unseen(seen: set[tuple[str, str]]) -> Iterator[str]:
    """A sentence for each field and errcode of a row that is claimed and was not seen, or the other way."""
    for path, documented in documented_fields().items():
        for name in documented.reply:
            if (path, name) not in seen and name not in documented.unfilled:
                yield f"{path}: no test saw {name} filled, which {FIELDS} says"
            elif (path, name) in seen and name in documented.unfilled:
                yield f"{path}: a test saw {name} filled; take it out of `unfilled` in {FIELDS}"
    for operation in load_families():
        for code in operation.row_errors:
            if (operation.path, f"={int(code)}") not in seen:
                yield f"{operation.path} declares {int(code)} {code.name} for a row, which no test received"
        declared = {f"={int(code)}" for code in operation.row_errors}
        for path, name in sorted(seen):
            if path == operation.path and name.startswith("=") and name not in declared:
                yield f"{path} answers {name[1:]} in a row; declare it in row_errors"


FIELDS = "documented_fields.toml"


def pytest_configure(config: pytest.Config) -> None:
    def noted(call: Call, reply: dict[str, Any]) -> Outcome:
        path = call.operation.path
        FILLED.update((path, name) for name in filled_fields(reply))
        return succeeded(call, reply)

    pipeline.succeeded = noted  # type: ignore[attr-defined]
    config.add_cleanup(lambda: setattr(pipeline, "succeeded", succeeded))
    check = WholeSuiteCheck("filled", "fields and rows that no test saw", FILLED, _missing)
    config.pluginmanager.register(check)
    config.add_cleanup(_write)


def _missing() -> list[str]:
    """Nothing on PostgreSQL, where some tests are left out."""
    return [] if os.environ.get("TOLLBOOTH_TEST_DATABASE") == "postgresql" else list(unseen(FILLED))


def _write() -> None:
    if SEEN_FILE and "PYTEST_XDIST_WORKER" not in os.environ:
        path = Path(SEEN_FILE)
        before = [tuple(one) for one in json.loads(path.read_text())] if path.is_file() else []
        path.write_text(json.dumps(sorted({*before, *FILLED})))
