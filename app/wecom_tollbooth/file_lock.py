"""One server for one SQLite file, which it holds and watches.

FILE.lock, beside the file itself and not beside a symlink to it, is locked and names the process. On Linux
a byte of the file is locked too, so that a removed lock file or a hard link lets no second server in.
"""

import errno
import os
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from wecom_tollbooth.settings import Settings, WrongSetting

MAKE_ROOM = "make room on its disk"

_LOCKED_BYTE = 0x4000_0000 + 4096
"""Behind the bytes that SQLite locks. The file needn't be that long."""


class HeldFile:
    """The SQLite file of this process: nobody else can hold it until close(), or until the process ends."""

    def __init__(self, settings: Settings, path: Path) -> None:
        self.path = path
        self._named = settings.named("database_url")
        self._real = path.resolve()
        self._lock_path = self._real.with_name(self._real.name + ".lock")
        self._lock_file = self._lock()
        try:
            self._file = self._lock_byte()
        except BaseException:
            self._lock_file.close()
            raise
        found = _identity(path)
        self._seen = {} if found is None else {path: found}

    def problem(self) -> str | None:
        """What has happened to the file or its log while they were open here; None while they are intact.

        A removed lock file is made again.
        """
        log = self._real.with_name(self._real.name + "-wal")
        for path in (self.path, log):
            now, before = _identity(path), self._seen.get(path)
            if before is None and now is not None:
                self._seen[path] = now
            elif now != before:
                happened = "was replaced" if now else "was deleted or moved away"
                return (
                    f"{path} {happened} while this server has it open, and what is written now may be lost; "
                    "stop the server, put the file back or restore a backup, and start it again"
                )
        if _identity(self._lock_path) != _identity(self._lock_file.fileno()):
            try:
                again = self._lock()
            except WrongSetting as taken:
                return str(taken)
            self._lock_file.close()
            self._lock_file = again
        return None

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._lock_file.close()

    def _lock(self) -> IO[str]:
        try:
            held = self._lock_path.open("a+", encoding="ascii")
        except OSError as error:
            raise self._unusable(self._lock_path, error) from None
        try:
            lock_whole(held)
        except OSError:
            held.seek(0)
            holder = held.read().strip() or "unknown"
            held.close()
            raise self._in_use(f"process {holder}") from None
        try:
            held.truncate(0)
            held.write(str(os.getpid()))
            held.flush()
        except OSError as error:
            with suppress(OSError):  # closing writes what is left
                held.close()
            raise self._unusable(self._lock_path, error) from None
        return held

    def _lock_byte(self) -> int | None:
        """A descriptor that must stay open: closing any would end the locks of SQLite in this process."""
        if sys.platform != "linux":
            return None
        import fcntl

        try:
            file = os.open(self._real, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._unusable(self.path, error) from None
        # struct flock: type, whence, start, length, process (0 for a lock of the open file)
        wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, _LOCKED_BYTE, 1, 0)
        try:
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, wanted)
        except BlockingIOError:
            os.close(file)
            raise self._in_use("its lock file is gone") from None
        except OSError:  # a file system without such locks; the lock file does for it
            pass
        return file

    def _in_use(self, by: str) -> WrongSetting:
        return WrongSetting(
            f"{self._named}: {self.path} is in use by another tollbooth ({by}); stop that one, or use "
            "another file"
        )

    def _unusable(self, path: Path, error: OSError) -> WrongSetting:
        return WrongSetting(f"{self._named}: {path}: {error.strerror}; {fix_of_a_file(error)}")


def hold(settings: Settings) -> HeldFile | None:
    """Locks the SQLite file; None where there is none to lock.

    Raises WrongSetting when another process has it, or it can't be opened for writing.
    """
    path = settings.sqlite_file
    return None if path is None else HeldFile(settings, path)


def fix_of_a_file(error: OSError) -> str:
    """What to do about a file that can't be opened or written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return MAKE_ROOM
    return "name a file in a folder that exists and may be written"


def _identity(of: Path | int) -> tuple[int, int] | None:
    """Which file it is, whatever its name; None where there is no such file."""
    try:
        found = os.stat(of)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def lock_whole(file: IO[str] | IO[bytes]) -> None:
    """Takes the lock or raises OSError at once. It ends with the file being closed, or with the process."""
    if sys.platform == "win32":
        import msvcrt

        # A byte far behind the process id, because Windows keeps others from reading what is locked.
        file.seek(1_000)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
