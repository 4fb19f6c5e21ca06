"""A line for each call: when, which corp and operation, its errcode and time, and why it was refused."""

import logging
import sys

from wecom_tollbooth.logs.formats import printable

log = logging.getLogger("tollbooth.calls")

_PREFIX = "/cgi-bin/"
_LONGEST = 200
"""Characters of a path or a reason that a line shows."""


def log_call(
    corp_id: str, operation: str, errcode: int, seconds: float, reason: str, hint: str, *, at: int
) -> None:
    """Logs a call that was answered; `at` is its second by the simulator's clock."""
    log.info(
        "%s",
        operation,
        extra={
            "corpid": corp_id,
            "operation": operation,
            "errcode": errcode,
            "ms": round(seconds * 1000, 1),
            "reason": reason,
            "hint": hint,
            "at": at,
        },
    )


class CallFormatter(logging.Formatter):
    """`09:15:02  ww4a54c09f9893f80e  externalcontact/get  40003  1.2 ms  why`, in colours on a terminal."""

    def __init__(self) -> None:
        super().__init__(datefmt="%H:%M:%S")
        self._is_coloured = is_coloured_terminal()

    def format(self, record: logging.LogRecord) -> str:
        call = record.__dict__
        errcode = str(call["errcode"])
        columns = [
            (self.formatTime(record, self.datefmt), "dim"),
            (f"{call['corpid'] or '-':18}", ""),
            (f"{printable(call['operation'])[:_LONGEST].removeprefix(_PREFIX):40}", ""),
            (f"{errcode:>7}", "green" if errcode == "0" else "bold red"),
            (f"{call['ms']:7.1f} ms", "dim"),
            (printable(call["reason"])[:_LONGEST], "yellow"),
        ]
        return "  ".join([self._styled(text, style) for text, style in columns]).rstrip()

    def _styled(self, text: str, style: str) -> str:
        if not (self._is_coloured and style and text):
            return text
        from rich.style import Style

        return Style.parse(style).render(text)


def is_coloured_terminal() -> bool:
    """Whether stdout shows colours: a terminal, unless NO_COLOR or TERM says otherwise."""
    if not sys.stdout.isatty():
        return False
    from rich.console import Console

    console = Console(file=sys.stdout)
    return console.color_system is not None and not console.no_color
