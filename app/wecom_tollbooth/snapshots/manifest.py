"""The manifest of an export file: what the file holds, of which corp, and which version wrote it."""

import re
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wecom_tollbooth.migrate import newest_revision
from wecom_tollbooth.world import clock

FORMAT: Literal["wecom-tollbooth corp"] = "wecom-tollbooth corp"
FORMAT_VERSION = 1
NAME = "manifest.json"
LARGEST_ID = 10**15 - 1
LARGEST_IMPORTED_ID = 10**14
"""An import raises the server's ids to those of its file, so room is left for what the server makes later."""
"""Hints show ids with 15 digits."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=10**12)]
Time = Annotated[int, Field(ge=clock.EARLIEST, lt=clock.LATEST)]


class WrongFile(Exception):
    """Why a file is not taken: one sentence."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TableEntry(_Strict):
    """The rows of one table, in `rows/{table}.jsonl`: one list of values a line."""

    table: str
    columns: list[str]
    rows: Count
    bytes: Count
    sha256: Sha256


class FileEntry(_Strict):
    """An uploaded file, in `files/{sha256}`."""

    sha256: Sha256
    bytes: Count


class Clock(_Strict):
    """The corp's clock when it was exported, in unix seconds."""

    now: Time
    follows_server: bool
    frozen: bool


class Manifest(_Strict):
    format: Literal["wecom-tollbooth corp"]
    format_version: Annotated[int, Field(ge=1)]
    version: str
    """Of the program that wrote the file."""
    revision: str = Field(pattern=r"^[0-9]{4}$")
    """Of its schema."""
    corpid: str = Field(pattern=r"^[A-Za-z0-9]{2,64}$")
    name: str
    clock: Clock
    last_id: Annotated[int, Field(ge=0, le=LARGEST_ID)]
    """No number among the rows' ids is larger."""
    tables: list[TableEntry] = Field(max_length=1_000)
    files: list[FileEntry] = Field(max_length=100_000)

    def as_json(self) -> bytes:
        return orjson.dumps(self.model_dump(), option=orjson.OPT_INDENT_2)


def read(text: bytes) -> Manifest:
    """The manifest of a file of this or an earlier version. Raises WrongFile."""
    try:
        given: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise WrongFile(f"{NAME} is not JSON ({error}); the file is damaged, export the corp again") from None
    if not isinstance(given, dict) or given.get("format") != FORMAT:
        raise WrongFile(f'{NAME} does not say "format": "{FORMAT}"; this is not an export of a corp')
    _refuse_newer(given)
    try:
        described = Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "it"
        raise WrongFile(f"{NAME}: {place}: {first['msg']}; export the corp again") from None
    if described.last_id > LARGEST_IMPORTED_ID:
        raise WrongFile(
            f"{NAME}: last_id: an import takes ids up to {LARGEST_IMPORTED_ID}; export the corp again"
        )
    return described


def _refuse_newer(given: dict[str, Any]) -> None:
    written, revision = given.get("format_version"), given.get("revision")
    by = given.get("version")
    is_newer = isinstance(written, int) and written > FORMAT_VERSION
    is_newer |= (
        isinstance(revision, str)
        and re.fullmatch("[0-9]{4}", revision) is not None
        and revision > newest_revision()
    )
    if is_newer:
        raise WrongFile(
            f"the file was written by a newer version ({str(by)[:40]}, schema {revision}, format {written}); "
            f"this one has schema {newest_revision()}, format {FORMAT_VERSION}: import it there"
        )
