"""The file of an exported corp: a zip of JSON lines and uploaded files with a manifest."""

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from wecom_tollbooth.snapshots import manifest
from wecom_tollbooth.snapshots.content import ROWS_A_PART
from wecom_tollbooth.snapshots.manifest import FileEntry, Manifest, TableEntry, WrongFile

ENDING = ".tollbooth"

MOST_ENTRIES = 120_000
LARGEST_MANIFEST = 32 * 1024 * 1024
LARGEST_CONTENT = 8 * 1024**3
LONGEST_LINE = 32 * 1024 * 1024
MOST_RATIO, RATIO_MATTERS_FROM = 200, 16 * 1024 * 1024
"""Rows come to a tenth of their size; what unpacks to more than this multiple was made to fill a disk."""
BLOCK = 1024 * 1024

UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What reading a damaged entry raises, or an encrypted one."""

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The same state of a corp makes the same file."""


def rows_name(table: str) -> str:
    return f"rows/{table}.jsonl"


def file_name(sha256: str) -> str:
    return f"files/{sha256}"


class Writer:
    """Writes a file from its beginning to its end: tables, then uploaded files, then the manifest."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self.tables: list[TableEntry] = []
        self.files: list[FileEntry] = []

    def add_table(self, table: str, columns: list[str], parts: Iterable[tuple[int, bytes]]) -> None:
        """`parts` are numbers of rows with their lines."""
        content, rows, size = hashlib.sha256(), 0, 0
        with self._zip.open(_entry(rows_name(table)), "w") as entry:
            for count, lines in parts:
                entry.write(lines)
                content.update(lines)
                rows, size = rows + count, size + len(lines)
        self.tables.append(
            TableEntry(table=table, columns=columns, rows=rows, bytes=size, sha256=content.hexdigest())
        )

    def add_file(self, sha256: str, source: BinaryIO) -> None:
        with self._zip.open(_entry(file_name(sha256), zipfile.ZIP_STORED), "w") as entry:
            shutil.copyfileobj(source, entry, BLOCK)
        self.files.append(FileEntry(sha256=sha256, bytes=source.tell()))

    def finish(self, described: Manifest) -> None:
        self._zip.writestr(_entry(manifest.NAME), described.as_json())
        self._zip.close()


def _entry(name: str, kind: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = kind
    return entry


class Target(Protocol):
    """What a file is written to."""

    def write(self, data: bytes, /) -> None:
        """Takes the next bytes."""


@dataclass(frozen=True)
class Archive:
    """An opened file whose manifest and entries fit together; its contents are checked as they are read."""

    zip: zipfile.ZipFile
    manifest: Manifest

    def parts(self, entry: TableEntry) -> Iterator[bytes]:
        """The lines of a table, some at a time. Raises WrongFile where they aren't what the manifest says."""
        name = rows_name(entry.table)
        content, rows, rest = hashlib.sha256(), 0, b""
        for block in self._blocks(name):
            content.update(block)
            *lines, rest = (rest + block).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise WrongFile(f"{name} has a line of more than {LONGEST_LINE} bytes, which no export has")
            rows += len(lines)
            for start in range(0, len(lines), ROWS_A_PART):
                yield b"\n".join(lines[start : start + ROWS_A_PART]) + b"\n"
        if rest or rows != entry.rows or content.hexdigest() != entry.sha256:
            raise _damaged(name)

    def copy_file(self, entry: FileEntry, target: Target) -> None:
        """Raises WrongFile where the content isn't what its name says."""
        name = file_name(entry.sha256)
        content = hashlib.sha256()
        for block in self._blocks(name):
            content.update(block)
            target.write(block)
        if content.hexdigest() != entry.sha256:
            raise _damaged(name)

    def _blocks(self, name: str) -> Iterator[bytes]:
        try:
            with self.zip.open(name) as entry:
                while block := entry.read(BLOCK):
                    yield block
        except UNREADABLE as error:
            raise WrongFile(f"{name} can't be read ({_said(error)}); export the corp again") from None


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Opens a file that somebody sent. Raises WrongFile."""
    try:
        file = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WrongFile(f"this is no {ENDING} file, which is a zip file ({_said(error)})") from None
    with file:
        entries = _checked_entries(file)
        archive = Archive(file, _manifest_of(file))
        _compare(archive.manifest, entries)
        yield archive


def _checked_entries(file: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The entries by name. Raises WrongFile for what was made to do harm."""
    infos = file.infolist()
    if len(infos) > MOST_ENTRIES:
        raise WrongFile(f"the file has {len(infos)} entries; an export has at most {MOST_ENTRIES}")
    entries = {info.filename: info for info in infos}
    if len(entries) < len(infos):
        raise WrongFile("the file has two entries of one name, which no export has")
    for info in infos:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Others take as much memory as the file tells them to.
            raise WrongFile(f"{info.filename[:100]!r} is packed as no export is: neither stored nor deflated")
    packed = sum(info.compress_size for info in infos)
    unpacked = sum(info.file_size for info in infos)
    if unpacked > LARGEST_CONTENT:
        raise WrongFile(f"the file unpacks to {unpacked} bytes; at most {LARGEST_CONTENT} are taken")
    if unpacked > RATIO_MATTERS_FROM and unpacked > MOST_RATIO * packed:
        raise WrongFile(
            f"the file unpacks to {unpacked // max(1, packed)} times its size, which no export does"
        )
    return entries


def _manifest_of(file: zipfile.ZipFile) -> Manifest:
    try:
        info = file.getinfo(manifest.NAME)
    except KeyError:
        raise WrongFile(f"there is no {manifest.NAME} in the file; this is not an export of a corp") from None
    if info.file_size > LARGEST_MANIFEST:
        raise WrongFile(f"{manifest.NAME} has more than {LARGEST_MANIFEST} bytes, which no export has")
    try:
        return manifest.read(file.read(info))
    except UNREADABLE as error:
        raise WrongFile(f"{manifest.NAME} can't be read ({_said(error)}); export the corp again") from None


def _compare(described: Manifest, entries: dict[str, zipfile.ZipInfo]) -> None:
    """Raises WrongFile where manifest and entries differ."""
    wanted = {rows_name(entry.table): entry.bytes for entry in described.tables}
    if len(wanted) < len(described.tables):
        raise WrongFile(f"{manifest.NAME} names a table twice")
    wanted |= {file_name(entry.sha256): entry.bytes for entry in described.files}
    for name, size in wanted.items():
        if name not in entries:
            raise WrongFile(f"{name} is missing in the file; export the corp again")
        if entries[name].file_size != size:
            raise _damaged(name)
    more = entries.keys() - wanted.keys() - {manifest.NAME}
    if more:
        raise WrongFile(f"the file holds {min(more)[:100]!r}, which its manifest doesn't name")


def _damaged(name: str) -> WrongFile:
    return WrongFile(f"{name} is not what the manifest says: the file is damaged, export the corp again")


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
