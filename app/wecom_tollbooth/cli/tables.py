"""The output of commands: tables for people, JSON for programs."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wecom_tollbooth.cli.errors import CommandError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) != "\n"}
_TURNING = {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_SHOWN = _CONTROLS | _TURNING

WIDTH_OF_A_FILE = 500
"""Columns where the output isn't a terminal, so that nothing is cut off."""


def console() -> "Console":
    from rich.console import Console

    shown = Console(highlight=False)
    return shown if shown.is_terminal else Console(highlight=False, width=WIDTH_OF_A_FILE)


def table(*columns: str, right: tuple[str, ...] = (), title: str | None = None) -> "Table":
    """An empty table, whose cells are made printable; the columns named in `right` hold numbers."""
    from rich import box
    from rich.console import RenderableType
    from rich.style import StyleType
    from rich.table import Table

    class PrintableTable(Table):
        def add_row(
            self,
            *renderables: RenderableType | None,
            style: StyleType | None = None,
            end_section: bool = False,
        ) -> None:
            cells = (printable(cell) if isinstance(cell, str) else cell for cell in renderables)
            super().add_row(*cells, style=style, end_section=end_section)

    heading = None if title is None else printable(title)
    made = PrintableTable(box=box.SIMPLE_HEAD, title=heading, title_justify="left", pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def printable(text: str) -> str:
    """The text with what would command the terminal, or turn its direction, written as an escape.

    Names and messages come from anybody. Line breaks stay.
    """
    return text.translate(_SHOWN)


def print_json(reply: dict[str, Any]) -> None:
    print(json_text(reply))


def json_text(reply: dict[str, Any]) -> str:
    return json.dumps(reply, ensure_ascii=False, indent=2)


def text_of(value: Any) -> str:
    """A text as it is, anything else as JSON in one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def write_out(content: bytes, file: Path | None) -> None:
    """Writes the bytes to the file, or unchanged to stdout."""
    if file is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}; give --out a writable file", 2) from None
    print(file)


def shanghai(at: int) -> str:
    """ "2026-08-01 09:00:00" in Asia/Shanghai."""
    from wecom_tollbooth.billing.renderers.wording import local_time

    return local_time(at)
