"""One server for one SQLite file: the running server holds FILE.lock, and a second one is refused."""

import os
import sys
from typing import IO

from wecom_tollbooth.settings import Settings, WrongSetting


def hold(settings: Settings) -> IO[str] | None:
    """Locks the SQLite file until the returned file is closed or the process ends, however it ends.

    None where there is nothing to lock. Raises WrongSetting when another process has the lock.
    """
    path = settings.sqlite_file
    if path is None:
        return None
    try:
        held = path.with_name(path.name + ".lock").open("a+", encoding="ascii")
    except OSError as error:
        raise WrongSetting(
            f"{settings.named('database_url')}: {path}: {error.strerror}; "
            "name a file in a folder that exists and may be written"
        ) from None
    try:
        _lock(held)
    except OSError:
        held.seek(0)
        holder = held.read().strip() or "unknown"
        held.close()
        raise WrongSetting(
            f"{settings.named('database_url')}: {path} is in use by another tollbooth (process {holder}); "
            "stop that one, or use another file"
        ) from None
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def _lock(file: IO[str]) -> None:
    """Takes the lock or raises OSError at once. It ends with the file being closed, or with the process."""
    if sys.platform == "win32":
        import msvcrt

        # A byte far behind the process id, because Windows keeps others from reading what is locked.
        file.seek(1_000)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
