"""A file that is arriving, under a temporary name; the next start removes what a killed process left."""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from wecom_tollbooth.file_lock import lock_whole

BLOCK_BYTES = 256 * 1024
"""What is written at a time, so that a file is never whole in memory."""


class IncomingFile:
    """Written in blocks, then kept under the name of its content, or dropped. Blocking: call it in a thread.

    Its temporary file is locked as long as it is open, so that another process can tell it from one that a
    killed process left.
    """

    def __init__(self, folder: Path, temporary: Path) -> None:
        """Raises OSError."""
        self._folder = folder
        self._content = hashlib.sha256()
        self.size = 0
        self.path, self._file = _new_temporary(temporary)

    @property
    def sha256(self) -> str:
        """The name of the content; of the whole file after `finish`."""
        return self._content.hexdigest()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._file.write(data)
        self._content.update(data)
        self.size += len(data)

    def finish(self) -> None:
        """What was written is on the disk afterwards."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def keep(self) -> None:
        """Puts the finished file under its final name, on the disk too. Does no harm when it is there."""
        final = self._folder / self.sha256
        with suppress(FileNotFoundError):
            if final.stat().st_size == self.size:
                return
        try:
            os.link(self.path, final)
        except FileExistsError:
            os.replace(self._copied(), final)
        except OSError:  # a file system without links
            os.replace(self._copied(), final)
        sync_folder(self._folder)

    def close(self) -> None:
        """Removes the temporary file; what is kept stays."""
        if not self._file.closed:
            # Before it is closed: then nobody can take it for one that was left behind.
            with suppress(OSError):
                self.path.unlink()
            self._file.close()
            with suppress(OSError):
                self.path.unlink()  # where open files can't be removed

    def _copied(self) -> Path:
        copy = self.path.with_name(f"{self.path.name}.copy")
        with self.path.open("rb") as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, BLOCK_BYTES)
            target.flush()
            os.fsync(target.fileno())
        return copy


def _new_temporary(folder: Path) -> tuple[Path, IO[bytes]]:
    while True:
        descriptor, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
        file = os.fdopen(descriptor, "wb", buffering=0)
        path = Path(name)
        try:
            lock_whole(file)
            if os.path.samestat(path.stat(), os.fstat(descriptor)):
                return path, file
        except OSError:
            pass  # another process took it for one that was left behind, between the two calls
        file.close()


def sync_folder(folder: Path) -> None:
    """The names in the folder reach the disk too; Windows can't open folders and needn't."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
