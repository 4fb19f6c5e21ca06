"""Exporting a corp to a file, all as one reading sees it."""

import os
import tempfile
from pathlib import Path

import sqlalchemy as sa

from wecom_tollbooth import __version__
from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.media.files_in_use import REFERRING
from wecom_tollbooth.files import FilesFolder
from wecom_tollbooth.migrate import newest_revision
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.snapshots.archive import ENDING, Writer
from wecom_tollbooth.snapshots.content import as_lines, contents
from wecom_tollbooth.snapshots.manifest import FORMAT, FORMAT_VERSION, Clock, Manifest
from wecom_tollbooth.snapshots.reading import NoCorp, files_of
from wecom_tollbooth.snapshots.stored import FileGone
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.keyed_corps import KEYED_CORP


def export(settings: Settings, folder: FilesFolder, corp_id: str, tx: Transaction) -> Path:
    """Writes the corp to a temporary file, which is the caller's. Raises NoCorp and FileGone."""
    descriptor, name = tempfile.mkstemp(prefix="tollbooth-export-", suffix=ENDING)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as target:
            writer = Writer(target)
            described = _described(settings, corp_id, tx)
            files: dict[str, int] = {}
            for content in contents():
                parts = []
                for rows in content.read(tx, corp_id):
                    parts.append((len(rows), as_lines(rows)))
                    if content.table in REFERRING:
                        files |= files_of(content.names, rows)
                if parts:
                    writer.add_table(content.table.name, content.names, parts)
            for sha256 in sorted(files):
                _add_file(writer, folder, sha256)
            writer.finish(described.model_copy(update={"tables": writer.tables, "files": writer.files}))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _add_file(writer: Writer, folder: FilesFolder, sha256: str) -> None:
    try:
        source = folder.open(sha256)
    except FileNotFoundError:
        raise FileGone(sha256) from None
    with source:
        writer.add_file(sha256, source)


def _described(settings: Settings, corp_id: str, tx: Transaction) -> Manifest:
    name = tx.execute(sa.select(CORP.c.name).where(CORP.c.corp_id == corp_id)).scalar()
    if name is None:
        raise NoCorp(f"there is no corp {corp_id!r}")
    return Manifest(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        version=__version__,
        revision=newest_revision(),
        corpid=corp_id,
        name=name,
        clock=Clock(
            now=Context(settings, tx, corp_id).now,
            follows_server=not clock.has_own(tx, corp_id),
            frozen=clock.is_frozen(tx, corp_id),
        ),
        last_id=_last_id(tx, corp_id),
        tables=[],
        files=[],
    )


def _last_id(tx: Transaction, corp_id: str) -> int:
    """No id of the corp is larger."""
    reserved = int(tx.execute(sa.text("SELECT reserved_to FROM id_block WHERE name = 'row'")).scalar_one())
    own = sa.select(KEYED_CORP.c.last_number).where(KEYED_CORP.c.corp_id == corp_id)
    return max(reserved, int(tx.execute(own).scalar() or 0))
