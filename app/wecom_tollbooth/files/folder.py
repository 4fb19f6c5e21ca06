"""The folder itself. It is made with the first file: a server that gets none needs no place for it."""

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa

from wecom_tollbooth.file_lock import lock_whole
from wecom_tollbooth.files.incoming import IncomingFile
from wecom_tollbooth.settings import Settings

NAME = re.compile(r"[0-9a-f]{64}")
TEMPORARY = "incoming"
OWNER = "database"
"""A file in the folder that says whose it is: what no row of that database refers to is removed."""


class WrongFolder(Exception):
    """The folder belongs to another database; one sentence."""


class FilesFolder:
    """Files by the SHA-256 of their content, and those that are arriving, in a folder below it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._of_process: Path | None = None
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """Of a database in memory: a new one, which goes with the process."""
        fixed = self._settings.files_folder
        if fixed is not None:
            return fixed
        with self._lock:
            if self._of_process is None:
                given = self._settings.files or None
                if given is not None:
                    Path(given).mkdir(parents=True, exist_ok=True)
                self._of_process = Path(tempfile.mkdtemp(prefix="tollbooth-files-", dir=given))
            return self._of_process

    @property
    def exists(self) -> bool:
        folder = self._settings.files_folder
        return self._of_process is not None if folder is None else folder.is_dir()

    def new(self) -> IncomingFile:
        """A file to write. Raises OSError, and WrongFolder."""
        temporary = self.path / TEMPORARY
        if not temporary.is_dir():
            temporary.mkdir(parents=True, exist_ok=True)
        self._claim()
        return IncomingFile(self.path, temporary)

    def has(self, sha256: str) -> bool:
        return (self.path / sha256).is_file()

    def place(self, sha256: str) -> Path:
        return self.path / sha256

    def open(self, sha256: str) -> BinaryIO:
        """Raises OSError. An open file can be read to its end even after it is removed."""
        return (self.path / sha256).open("rb")

    def remove(self, sha256: str) -> None:
        """Does no harm when it isn't there. Raises OSError."""
        (self.path / sha256).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """The contents that are there, in no order."""
        if self.exists:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    if NAME.fullmatch(entry.name):
                        yield entry.name

    def remove_left_behind(self) -> int:
        """Removes the temporary files of killed processes and returns how many there were."""
        removed = 0
        if not self.exists or not (temporary := self.path / TEMPORARY).is_dir():
            return 0
        for path in temporary.iterdir():
            with suppress(OSError), path.open("r+b") as file:
                lock_whole(file)
                path.unlink()
                removed += 1
        return removed

    def refuse_foreign(self) -> None:
        """Raises WrongFolder when the folder belongs to another database."""
        owner = self._owner
        if not owner:
            return
        found = self.path / OWNER
        with suppress(FileNotFoundError):
            named = found.read_text(encoding="utf-8").strip()
            if named and named != owner:
                raise WrongFolder(
                    f"{self._settings.named('files')}: {self.path} holds the files of the database {named}; "
                    f"name another folder, or remove {found} if that database was moved here"
                )

    def close(self) -> None:
        """Removes the folder of a database in memory."""
        if self._of_process is not None:
            shutil.rmtree(self._of_process, ignore_errors=True)

    @property
    def _owner(self) -> str:
        """Where the database is; "" where the folder's own place says which it belongs to."""
        settings = self._settings
        if settings.files_folder is None or (settings.sqlite_file is not None and not settings.files):
            return ""
        if settings.sqlite_file is not None:
            return str(settings.sqlite_file.resolve())
        url = sa.make_url(settings.database_url)
        return f"{url.host or 'localhost'}:{url.port or 5432}/{url.database}"

    def _claim(self) -> None:
        owner, mark = self._owner, self.path / OWNER
        if owner and not mark.exists():
            mark.write_text(f"{owner}\n", encoding="utf-8")
        if owner:
            self.refuse_foreign()
