"""The folder of uploaded files in a backup: `FILE.files` beside `FILE`.

Files are named by their content and never change, so copying some too many, or again, does no harm: they are
all there before the database that refers to them appears, and what it doesn't refer to goes afterwards.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from wecom_tollbooth.files import sync_folder
from wecom_tollbooth.files.folder import NAME

TABLES = ("media", "media_address", "snapshot_file")


def folder_beside(file: Path) -> Path:
    """Where a backup has its files."""
    return file.with_name(f"{file.name}.files")


def names_in(folder: Path) -> set[str]:
    """The contents in the folder, which needn't exist."""
    if not folder.is_dir():
        return set()
    return {path.name for path in folder.iterdir() if NAME.fullmatch(path.name)}


def referred_to(database: Path) -> set[str]:
    """The contents that the rows of an SQLite file refer to; none in one from before there were files."""
    with closing(sqlite3.connect(database)) as connection:
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        return {
            sha256
            for table in TABLES
            if table in there
            for (sha256,) in connection.execute(f"SELECT DISTINCT sha256 FROM {table} WHERE sha256 <> ''")
        }


def copy_files(names: Iterable[str], source: Path, target: Path) -> None:
    """Copies those that aren't there yet, and leaves out what was removed meanwhile. Raises OSError."""
    for name in sorted(names):
        final = target / name
        if final.exists():
            continue
        target.mkdir(exist_ok=True)
        partial = target / f"{name}.partial"
        try:
            shutil.copyfile(source / name, partial)
        except FileNotFoundError:
            partial.unlink(missing_ok=True)
            continue
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        with partial.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(partial, final)
    if target.is_dir():
        sync_folder(target)


def keep_only(names: set[str], folder: Path) -> None:
    """Removes the other contents, and the folder itself if nothing is left in it."""
    if folder.is_dir():
        for path in list(folder.iterdir()):
            if NAME.fullmatch(path.name.removesuffix(".partial")) and path.name not in names:
                path.unlink()
        with suppress(OSError):  # something is left
            folder.rmdir()
