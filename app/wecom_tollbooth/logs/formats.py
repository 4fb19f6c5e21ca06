"""The two forms of a log record."""

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NOT_SHOWN = frozenset({"color_message", "several_lines"})
"""uvicorn's messages once more, with colours, and how a message of ours is to be shown."""

_ESCAPED = {byte: f"\\x{byte:02x}" for byte in (*range(32), *range(127, 160))}


def printable(text: str) -> str:
    """The text without control characters: callers could begin lines of their own, or steer a terminal."""
    return text if text.isprintable() else text.translate(_ESCAPED)


class TextFormatter(logging.Formatter):
    """A line such as `09:15:02 ERROR tollbooth.gateway: …, hint: [17…]`, then the traceback.

    A message is one line, unless it comes with `extra={"several_lines": True}`.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        lines = record.message.split("\n") if hasattr(record, "several_lines") else [record.message]
        record.message = "\n".join(map(printable, lines))
        line = super().formatMessage(record)
        hint = getattr(record, "hint", None)
        return f"{line}, hint: [{hint}]" if hint else line


class JsonFormatter(logging.Formatter):
    """One line of JSON: time (UTC), level, logger, message, what was given as `extra`, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        hidden = _OF_EVERY_RECORD | _NOT_SHOWN
        line |= {name: value for name, value in vars(record).items() if name not in hidden}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
