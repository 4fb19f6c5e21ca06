"""Copying a SQLite database out of its file while a server may use it, and putting a copy in its place."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from wecom_tollbooth import file_lock
from wecom_tollbooth.backup import files
from wecom_tollbooth.file_lock import MAKE_ROOM, fix_of_a_file
from wecom_tollbooth.files import sync_folder
from wecom_tollbooth.migrate import look_before_opening, newest_revision
from wecom_tollbooth.migrate.inspection import look_at_file
from wecom_tollbooth.migrate.safety_copy import aside_of
from wecom_tollbooth.settings import Settings

PAGE = "see docs/backup.md"


class BackupError(Exception):
    """Why nothing was copied or replaced: one line with the file, the reason and the fix."""


@dataclass(frozen=True)
class Restored:
    """`aside` is where the database that was replaced is kept, if there was one."""

    revision: str
    aside: Path | None


def back_up(settings: Settings, target: Path, *, overwrite: bool = False) -> str:
    """Copies the database as it is now into `target`, log included, and returns its revision.

    The server may run and write meanwhile: the copy is one consistent state. `target` appears when it is
    whole and on the disk. Raises BackupError, or WrongSetting for a database that isn't ours.
    """
    source = _file_of(settings)
    revision = look_before_opening(settings).revision
    if revision is None:
        raise BackupError(f"{source}: there is no tollbooth data in it; name its file with --database-url")
    if target.exists() and target.samefile(source):
        raise BackupError(f"{target}: that is the database itself; name another file")
    if target.is_dir() or (target.exists() and not overwrite):
        raise BackupError(f"{target}: is there already; name a new file, or a file and --overwrite")
    before: set[str] = set()
    with suppress(sqlite3.Error):  # what is overwritten needn't be a backup
        before = files.referred_to(target) if target.exists() else before
    with _files_of_backup(settings, target, before) as copy_missing:
        fix = "name a file in a folder that exists and may be written"
        _put(source, target, fix, before_it_appears=copy_missing)
    return revision


@contextmanager
def _files_of_backup(settings: Settings, target: Path, before: set[str]) -> Iterator[Callable[[Path], None]]:
    """Copies the uploaded files beside `target`, and in the end removes what it doesn't refer to.

    Gives what copies the files that came while the database was copied. Whatever fails, those of the backup
    that is there remain, which are the contents `before`.
    """
    source, folder = settings.files_folder, files.folder_beside(target)
    assert source is not None
    kept = before

    def copy_missing(partial: Path) -> None:
        nonlocal kept
        wanted = files.referred_to(partial)
        files.copy_files(wanted, source, folder)
        kept = wanted | before

    try:
        # Those that are there now: while the database is copied, some may expire that its copy refers to.
        files.copy_files(files.names_in(source), source, folder)
        yield copy_missing
        kept = files.referred_to(target)
    except OSError as error:
        raise BackupError(f"{folder}: {error.strerror}; {fix_of_a_file(error)}") from None
    finally:
        files.keep_only(kept, folder)


def restore(settings: Settings, source: Path) -> Restored:
    """Puts the backup in the place of the database, and keeps what was there beside it.

    Raises WrongSetting while a server holds the file, and BackupError for what isn't a whole backup of this
    or an older version.
    """
    target = _file_of(settings)
    revision = _revision_of(source)
    if target.exists() and target.samefile(source):
        raise BackupError(f"{source}: that is the database itself; name a backup")
    held = file_lock.hold(settings)
    assert held is not None
    with closing(held):
        _refuse_another_programs(target)
        # The file is replaced, not the symlink to it.
        real = target.resolve()
        coming = real.with_name(f"{real.name}.restoring")
        try:
            _put(source, coming, MAKE_ROOM)
            _refuse_unsound(source, coming)
            folder = _files_to_restore(settings, source, coming)
            aside = _set_aside(real)
            _replace_files(settings, folder, aside or aside_of(real, "replaced"))
            os.replace(coming, real)
            sync_folder(real.parent)
        except OSError as error:
            raise BackupError(
                f"{real}: {error.strerror}; make room on its disk, or its folder writable"
            ) from None
        finally:
            coming.unlink(missing_ok=True)
    return Restored(revision, aside)


def _file_of(settings: Settings) -> Path:
    if settings.sqlite_file is None:
        kind = "a database in memory" if settings.is_sqlite else "PostgreSQL"
        fix = "name a file" if settings.is_sqlite else f"use pg_dump and pg_restore, {PAGE}"
        raise BackupError(f"{settings.named('database_url')}: {kind} has no file; {fix}")
    return settings.sqlite_file


def _put(
    source: Path, target: Path, fix: str, before_it_appears: Callable[[Path], None] = lambda _: None
) -> None:
    """Copies one state of `source` into `target`, which is not touched before the copy is whole."""
    partial = target.with_name(f"{target.name}.partial")
    try:
        _remove(partial)
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True)) as there,
            closing(sqlite3.connect(partial)) as here,
        ):
            here.execute("PRAGMA journal_mode = OFF")  # until it is whole it has another name
            here.execute("PRAGMA synchronous = OFF")
            there.backup(here)
            here.execute("PRAGMA journal_mode = DELETE")  # one file, whatever opens it
        shutil.copymode(source, partial)
        with partial.open("rb+") as written:
            os.fsync(written.fileno())
        before_it_appears(partial)
        os.replace(partial, target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            _remove(partial)
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        is_full = "disk" in reason or (isinstance(error, OSError) and fix_of_a_file(error) == MAKE_ROOM)
        fix = MAKE_ROOM if is_full else fix
        raise BackupError(f"{target}: {reason}; {fix}") from None


def _remove(partial: Path) -> None:
    """Removes what a copy that was killed has left."""
    for ending in ("", "-journal", "-wal", "-shm"):
        partial.with_name(partial.name + ending).unlink(missing_ok=True)


def _revision_of(source: Path) -> str:
    if not source.is_file():
        raise BackupError(f"{source}: no such file; name a file that `tollbooth backup` has written")
    try:
        found = look_at_file(source)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{source}: {error}; name a file that `tollbooth backup` has written") from None
    if found.revision is None:
        raise BackupError(
            f"{source}: there is no tollbooth data in it; name a file that `tollbooth backup` has written"
        )
    if found.revision > newest_revision():
        raise BackupError(
            f"{source}: it is at revision {found.revision}, newer than this program ({newest_revision()}); "
            "use the newer program"
        )
    return found.revision


def _refuse_another_programs(target: Path) -> None:
    """What can't be read may be ours and broken: then it is kept aside and replaced."""
    with suppress(sqlite3.Error):
        found = look_at_file(target)
        if found.revision is None and found.foreign:
            raise BackupError(
                f"{target}: it holds tables of another program ({found.foreign_in_words}) and none of ours; "
                "name another file"
            )


def _refuse_unsound(source: Path, copy: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise BackupError(f"{source}: it is damaged: {' '.join(found.split())}; name another backup")


def _files_to_restore(settings: Settings, source: Path, copy: Path) -> Path:
    """Copies the files of the backup to where they are put in place. Raises BackupError when some lack."""
    folder, from_backup = settings.files_folder, files.folder_beside(source)
    assert folder is not None
    wanted = files.referred_to(copy)
    lacking = len(wanted - files.names_in(from_backup))
    if lacking:
        raise BackupError(
            f"{from_backup}: {lacking} of the {len(wanted)} uploaded files of the backup are not there; "
            "put the folder beside the backup again"
        )
    coming = folder.with_name(f"{folder.name}.restoring")
    shutil.rmtree(coming, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    files.copy_files(wanted, from_backup, coming)
    return coming


def _replace_files(settings: Settings, coming: Path, aside: Path) -> None:
    """Puts the files in their place; those that were there stay beside the database that was replaced."""
    folder = settings.files_folder
    assert folder is not None
    if folder.is_dir():
        os.replace(folder, files.folder_beside(aside))
    if coming.is_dir():
        os.replace(coming, folder)


def _set_aside(real: Path) -> Path | None:
    """Keeps the file under another name beside it, with its log, before it is replaced."""
    aside = aside_of(real, "replaced")
    is_there = real.exists() and real.stat().st_size > 0
    if is_there:
        try:
            os.link(real, aside)
        except OSError:  # a file system without links
            shutil.copy2(real, aside)
    log, index = (real.with_name(real.name + ending) for ending in ("-wal", "-shm"))
    if log.exists():
        # Beside the new file it would be taken for its log.
        os.replace(log, aside.with_name(aside.name + "-wal"))
    index.unlink(missing_ok=True)
    return aside if is_there else None
