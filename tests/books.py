"""Price books for tests: the shipped one with changes, written to a file."""

import json
import tomllib
from pathlib import Path
from typing import Any

from app.billing.price_books import SHIPPED


def shipped_book() -> dict[str, Any]:
    return tomllib.loads((SHIPPED / "article-toll.toml").read_text(encoding="utf-8"))


def write_book(path: Path, book: dict[str, Any]) -> str:
    """Writes `book` as TOML and returns its address as the setting price_book takes it."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in book.items() if not isinstance(value, dict)]
    for name, table in book.items():
        if isinstance(table, dict):
            lines += [
                f"[{name}]",
                *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items()),
            ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)
