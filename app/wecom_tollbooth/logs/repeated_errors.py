"""Keeps a fault that repeats from filling the log: one traceback of a kind in a minute, then a count."""

import atexit
import logging
import os
import threading
import traceback
from contextlib import suppress
from pathlib import Path

SECONDS = 60.0
KINDS_AT_MOST = 200
"""Kinds counted apart in one minute; any more are counted as one."""

_OURS = f"{Path(__file__).parents[1]}{os.sep}"
_OTHERS = "other errors"

log = logging.getLogger("tollbooth.logs")


class RepeatedErrors(logging.Filter):
    """Lets the first record with a traceback of each kind pass, and counts those of the next `seconds`.

    A kind is the type of the exception and the place in our code where it was raised. When its time is over,
    one line says how many were left out.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        super().__init__()
        self._seconds = seconds
        self._lock = threading.Lock()
        self._left_out: dict[str, int] = {}
        """By kind, of those whose first record passed within the last `seconds`."""
        atexit.register(self.flush)

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info or record.exc_info[1] is None:
            return True
        kind = _kind(record.exc_info[1])
        with self._lock:
            if kind not in self._left_out and len(self._left_out) >= KINDS_AT_MOST:
                kind = _OTHERS
            if kind in self._left_out:
                self._left_out[kind] += 1
                return False
            self._left_out[kind] = 0
        timer = threading.Timer(self._seconds, self._end, [kind])
        timer.daemon = True
        with suppress(RuntimeError):  # no thread can start while the interpreter ends
            timer.start()
        return True

    def flush(self) -> None:
        """Says now what was left out."""
        for kind in list(self._left_out):
            self._end(kind)

    def _end(self, kind: str) -> None:
        with self._lock:
            count = self._left_out.pop(kind, 0)
        if count:
            log.error("%s: %d more of it within %g s, left out of the log", kind, count, self._seconds)


def _kind(error: BaseException) -> str:
    """Such as "ValueError at gateway/pipeline.py:41": the innermost place in our code, if there is one.

    The room db doesn't count: all errors of the database pass through it.
    """
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [(file.removeprefix(_OURS), line) for file, line in places if file.startswith(_OURS)]
    asking = [(file, line) for file, line in ours if not file.startswith(f"db{os.sep}")]
    for file, line in (asking or ours or places)[-1:]:
        return f"{type(error).__name__} at {file}:{line}"
    return type(error).__name__
