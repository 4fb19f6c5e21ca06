"""Importing a corp from a file, for the call that does so and for seeds."""

import tempfile
from functools import partial
from pathlib import Path

from wecom_tollbooth.families.media.files_in_use import removing_dropped
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.snapshots import importing
from wecom_tollbooth.snapshots.archive import ENDING, opened
from wecom_tollbooth.snapshots.importing import Imported
from wecom_tollbooth.snapshots.manifest import WrongFile
from wecom_tollbooth.snapshots.stored import FileGone

ATTEMPTS = 3


async def import_file(server: Server, path: Path, *, new_id: bool, name: str | None) -> Imported:
    """Imports the corp of the file: all of it, or nothing. Raises WrongFile, InUse, SimError."""
    with opened(path) as archive:
        await server.in_thread(importing.check, archive)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await server.in_thread(importing.keep_files, server.files, archive)
                wanted = importing.importing(server.database, archive, new_id=new_id, name=name)
                return await server.in_slices(wanted)
            except BaseException as error:
                if isinstance(error, FileGone) and attempt < ATTEMPTS:
                    continue
                await server.run(partial(importing.drop_files, archive))
                await server.in_slices(removing_dropped(server.files))
                if isinstance(error, FileGone):
                    raise SimError(409, "files are removed again and again; try once more") from None
                raise
    raise AssertionError("the last attempt returns or raises")


async def import_bytes(server: Server, content: bytes, name: str | None) -> str:
    """A corp of its own corpid from an exported file; returns the corpid. Raises SimError 422."""
    with tempfile.TemporaryDirectory(prefix="tollbooth-import-") as folder:
        path = Path(folder, f"corp{ENDING}")
        path.write_bytes(content)
        try:
            imported = await import_file(server, path, new_id=True, name=name)
        except WrongFile as refusal:
            raise SimError(422, f"seed.export: {refusal}") from None
    server.work_waiting.set(imported.corp_id)
    return imported.corp_id
