"""Files that calls bring along, as multipart/form-data: written to a temporary file while they arrive.

Read as leniently as SDKs need it: the field may have any name, the file none, a name in raw UTF-8, in GB18030
or as RFC 5987 has it; a Content-Type without a boundary counts if the body itself shows one. Of several files
the first counts.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any

import anyio.to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.types import Message as AsgiMessage
from starlette.types import Receive, Scope

from wecom_tollbooth.files import FilesFolder, IncomingFile
from wecom_tollbooth.files.incoming import BLOCK_BYTES

FIELD = "media"
"""The documented name of the field."""
FRAMING_BYTES = 64 * 1024
"""What a body may have besides its file."""
MAX_HEADER_BYTES = 16 * 1024
"""Of one part: a file name in Chinese takes nine bytes a character where it is percent-encoded."""
BOUNDARY_BYTES = 256
NAME_CHARS = 255

InThread = Callable[..., Coroutine[Any, Any, Any]]


class UploadNotKept(Exception):
    """The handler needs the file under its final name, and nothing was done: keep it, then start over.

    So the disk is waited for in a thread and outside of the transaction.
    """


@dataclass(slots=True)
class Upload:
    """The file of a call. `name` is "" where none was given; `file` is finished."""

    file: IncomingFile
    field: str
    name: str
    content_type: str
    is_kept: bool = False

    @property
    def note(self) -> str:
        """What the journal shows in place of the body."""
        return (
            f"[multipart {self.field}={self.name or 'unnamed'} {self.content_type or 'no Content-Type'}, "
            f"{self.file.size} bytes, sha256 {self.file.sha256}]"
        )


@dataclass(slots=True)
class Received:
    """What became of a body: its file, or why there is none in one sentence."""

    upload: Upload | None = None
    problem: str = ""
    too_large: bool = False


@dataclass
class _Part:
    """The headers of the part that is being read, and whether it is the file."""

    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    name: bytes = b""
    value: bytes = b""
    is_file: bool = False


async def receive_upload(receive: Receive, scope: Scope, folder: FilesFolder, most: int) -> Received | None:
    """Reads the body to its end, or until the file is over `most` bytes. None when the client hung up.

    Nothing is left on the disk but the temporary file of the upload, which the caller closes.
    """
    reader = _Reader(folder, _boundary(scope))
    try:
        received = await _read(reader, receive, most)
        if received is not None and received.upload is not None:
            await anyio.to_thread.run_sync(reader.finish)
        else:
            reader.close()
        return received
    except BaseException:
        reader.close()
        raise


async def _read(reader: "_Reader", receive: Receive, most: int) -> Received | None:
    size = 0
    while True:
        message: AsgiMessage = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if chunk:
            reader.feed(chunk)
            if len(reader.waiting) >= BLOCK_BYTES:
                await anyio.to_thread.run_sync(reader.write_out)
        if reader.size > most or size > most + FRAMING_BYTES:
            return Received(too_large=True)
        if not message.get("more_body", False):
            return reader.received()


class _Reader:
    def __init__(self, folder: FilesFolder, boundary: bytes) -> None:
        self._folder = folder
        self._boundary = boundary
        self._parser: MultipartParser | None = None
        self._head = b""
        self._problem = ""
        self._part = _Part()
        self._upload: Upload | None = None
        self._is_whole = False
        self.waiting = bytearray()
        """What was read of the file and isn't written yet."""

    @property
    def size(self) -> int:
        return len(self.waiting) + (self._upload.file.size if self._upload else 0)

    def feed(self, chunk: bytes) -> None:
        if self._problem:
            return
        if self._parser is None:
            self._head += chunk
            boundary = self._boundary or _boundary_in(self._head)
            if not boundary:
                if len(self._head) > BOUNDARY_BYTES:
                    self._problem = "the body is not multipart/form-data"
                return
            chunk, self._head = self._head, b""
            self._parser = self._new_parser(boundary)
            if self._parser is None:
                return
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            self._problem = f"the body is not multipart/form-data as its boundary says: {error}"

    def received(self) -> Received:
        if self._upload is None:
            return Received(problem=self._problem or "the body holds no file")
        if not self._is_whole:
            return Received(problem=self._problem or "the body ends before its file does")
        return Received(self._upload)

    def write_out(self) -> None:
        """Blocking."""
        assert self._upload is not None
        self._upload.file.write(self.waiting)
        self.waiting = bytearray()

    def finish(self) -> None:
        """Blocking: what is left is written, and all of it on the disk."""
        assert self._upload is not None
        self.write_out()
        self._upload.file.finish()

    def close(self) -> None:
        if self._upload is not None:
            self._upload.file.close()

    def _new_parser(self, boundary: bytes) -> MultipartParser | None:
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin_data,
                    "on_part_data": self._data,
                    "on_part_end": self._end_part,
                },
                max_header_size=MAX_HEADER_BYTES,
            )
        except FormParserError as error:
            self._problem = str(error)
            return None

    # --- what the parser reports -------------------------------------------------------------------------

    def _begin_part(self) -> None:
        self._part = _Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.value += data[start:end]

    def _end_header(self) -> None:
        part = self._part
        part.headers.append((part.name.lower(), part.value))
        part.name = part.value = b""

    def _begin_data(self) -> None:
        if self._upload is not None:
            return
        headers = dict(self._part.headers)
        field, name = _named(headers.get(b"content-disposition", b""))
        content_type = _text(headers.get(b"content-type", b""))
        if name is None and field != FIELD and not content_type:
            return  # a plain field of the form
        self._part.is_file = True
        self._upload = Upload(self._folder.new(), field, name or "", content_type)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_file:
            self.waiting += memoryview(data)[start:end]

    def _end_part(self) -> None:
        if self._part.is_file:
            self._is_whole = True
            self._part.is_file = False


def _boundary(scope: Scope) -> bytes:
    content_type = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    _, options = parse_options_header(content_type)
    return options.get(b"boundary", b"")


def _boundary_in(head: bytes) -> bytes:
    """The boundary that the body begins with; b"" where it shows none, or not yet."""
    line, end, _ = head.lstrip(b"\r\n").partition(b"\r\n")
    return line[2:] if end and line.startswith(b"--") and 2 < len(line) <= BOUNDARY_BYTES else b""


def _named(disposition: bytes) -> tuple[str, str | None]:
    """The name of the field, and that of the file without its folders; None where the part has none."""
    header = Message()
    header["content-disposition"] = disposition.decode("latin-1").replace("\r", " ").replace("\n", " ")
    options = header.get_params(header="content-disposition") or []
    field, plain, extended = "", None, None
    for key, value in options[1:]:
        if key == "name":
            field = _text(str(value).encode("latin-1", "replace"))
        elif key == "filename" and isinstance(value, tuple):
            extended = collapse_rfc2231_value(value, errors="replace")
        elif key == "filename":
            plain = _text(str(value).encode("latin-1", "replace"))
    name = extended if extended is not None else plain
    return field, None if name is None else name.replace("\\", "/").rpartition("/")[2][-NAME_CHARS:]


def _text(raw: bytes) -> str:
    """In UTF-8 as SDKs send it, or in GB18030 as older programs on Windows do; no control characters."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    return "".join(character for character in text if character.isprintable()).strip()
