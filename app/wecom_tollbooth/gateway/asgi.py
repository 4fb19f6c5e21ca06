"""The gateway as an ASGI layer in front of FastAPI: it answers everything under /cgi-bin.

FastAPI's router tries its routes one by one: with hundreds of operations the last would cost several times
the first. WeCom's paths are fixed, so one lookup in the registry is enough. OpenAPI and /docs come from the
same registry (openapi.py).
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qsl

import anyio.to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wecom_tollbooth.db import DatabaseBusy
from wecom_tollbooth.files.folder import WrongFolder
from wecom_tollbooth.gateway.call import ApiRequest
from wecom_tollbooth.gateway.envelope import Answer
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.fair_scheduler import FairScheduler
from wecom_tollbooth.gateway.files.answers import FileAnswer
from wecom_tollbooth.gateway.files.uploads import UploadNotKept, receive_upload
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.pipeline import answer_failed, answer_request
from wecom_tollbooth.http_protocol.addresses import client_address
from wecom_tollbooth.http_protocol.hanging_up import hang_up

PREFIX = "/cgi-bin/"

wait = asyncio.sleep
"""How an answer waits; tests hold calls here."""

BODY_LOST = Answer(
    400,
    b"uvicorn drops the body of a request that asks for an upgrade; start it with "
    b"--http wecom_tollbooth.http_protocol.protocol:HttpProtocol, or start `tollbooth serve`",
)
"""Better than to take a call for one without arguments, and charge it."""

_NO_CONTROL_CHARACTERS = bytes(32 if byte < 32 or byte == 127 else byte for byte in range(256))


class GatewayMiddleware:
    """Answers calls of the API; passes everything else on to `app`."""

    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        self._app = app
        self._gateway = gateway
        self._server = gateway.server
        self._scheduler = FairScheduler()
        self._server.waiting_calls = self._scheduler.waiting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if not path.startswith(PREFIX):
            path = "/" + path.lstrip("/")
        if scope["type"] != "http" or not path.startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        if self._server.database.inline:
            # First, because waiting calls don't count toward the concurrency limit.
            await self._scheduler.wait()
        query = _parse_query(scope["query_string"].decode("latin-1"))
        operation = self._gateway.operations.find(path)
        request = ApiRequest(scope["method"], path, query, b"", client_address(scope), scope)
        if operation is not None and operation.takes_file and scope["method"] == "POST":
            to_upload = await self._answer_upload(request, operation.takes_file.most, receive)
            if to_upload is not None:
                await _send(scope, send, to_upload)
            return
        of_operation = operation.body_limit if operation else None
        most = of_operation.most if of_operation else self._server.settings.max_body_bytes
        read = await _read_body(receive, most)
        if read is None:
            return  # the client hung up before the end of its request: no call, no record, no answer
        request.body, request.body_too_large = read
        if not request.body and scope["method"] == "POST" and _lost_its_body(scope):
            await _send(scope, send, BODY_LOST)
            return
        await _send(scope, send, await self._answer(request))

    async def _answer(self, request: ApiRequest) -> Answer:
        """Raises UploadNotKept: the request is then still under way."""
        try:
            if self._server.database.inline:
                try:
                    answer = answer_request(self._gateway, request)
                except DatabaseBusy:
                    answer = await self._answer_when_free(request)
            else:
                answer = await self._server.in_thread(answer_request, self._gateway, request)
            if answer.settles:
                await self._server.settle(answer.settles)
            if answer.wait_seconds:
                await wait(answer.wait_seconds)
        except UploadNotKept:
            raise
        except BaseException:
            self._end(request)
            raise
        self._end(request)
        return answer

    def _end(self, request: ApiRequest) -> None:
        if request.under_way is not None:
            self._gateway.rate_limits.end(request.under_way)
            request.under_way = None

    async def _answer_upload(self, request: ApiRequest, most: int, receive: Receive) -> Answer | None:
        """The answer to a call that brings a file of at most `most` bytes; None when the client hung up."""
        received = None
        try:
            received = await receive_upload(receive, request.scope, self._server.files, most)
            if received is None:
                return None
            request.received, request.body_too_large = received, received.too_large
            if received.upload is None:
                return await self._answer(request)
            request.body = received.upload.note.encode()
            with suppress(UploadNotKept):
                return await self._answer(request)
            await anyio.to_thread.run_sync(received.upload.file.keep)
            received.upload.is_kept = True
            return await self._answer(request)
        except (OSError, WrongFolder) as error:
            self._end(request)
            return answer_failed(request, error)
        finally:
            if received is not None and received.upload is not None:
                received.upload.file.close()

    async def _answer_when_free(self, request: ApiRequest) -> Answer:
        """Another program has locked the SQLite file: tries again until it is free, in the end answers -1."""
        try:
            return await self._server.when_free(partial(answer_request, self._gateway, request))
        except DatabaseBusy as error:
            return answer_failed(request, error)


def _parse_query(text: str) -> dict[str, str]:
    """The query parameters; of one that is given twice, the last."""
    if "%" in text or "+" in text:
        return dict(parse_qsl(text, keep_blank_values=True))
    # The usual case, in a quarter of the time: tokens and ids need no escapes.
    return dict(part.partition("=")[::2] for part in text.split("&") if part)


def _lost_its_body(scope: Scope) -> bool:
    """Whether uvicorn's own protocol dropped the body of a request that asked for an upgrade."""
    headers = dict(scope["headers"])
    return b"upgrade" in headers and (
        b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"
    )


async def _read_body(receive: Receive, limit: int) -> tuple[bytes, bool] | None:
    """The body and whether it was over `limit` bytes, in which case it is dropped and not read further.

    None when the client hung up in the middle.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        return None
    if not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        return (body, False) if len(body) <= limit else (b"", True)
    chunks: list[bytes] = []
    size = 0
    while True:
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            return b"", True
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks), False
        message = await receive()
        if message["type"] == "http.disconnect":
            return None


async def _send(scope: Scope, send: Send, answer: Answer) -> None:
    if answer.sent != "whole":
        await _send_and_hang_up(scope, send, answer)
        return
    if answer.file is not None:
        await _send_file(send, answer.file)
        return
    headers = [(b"content-length", str(len(answer.body)).encode())]
    if answer.errcode is not None and answer.errmsg is not None:
        headers += [
            (b"content-type", b"application/json; charset=UTF-8"),
            (b"error-code", str(answer.errcode).encode()),
            (b"error-msg", _header_text(answer.errmsg)),
        ]
    elif answer.content_type:
        headers.append((b"content-type", answer.content_type))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _send_and_hang_up(scope: Scope, send: Send, answer: Answer) -> None:
    """Sends half of the answer or nothing, then closes the connection."""

    async def send_half(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": True}
        await send(message)

    try:
        if answer.sent == "half":
            await _send(scope, send_half, replace(answer, sent="whole"))
        hang_up(scope)
    finally:
        if answer.file is not None:
            answer.file.file.close()


async def _send_file(send: Send, answer: FileAnswer) -> None:
    headers = [
        (b"content-length", str(answer.size).encode()),
        (b"error-code", b"0"),
        (b"error-msg", ErrCode.OK.text.encode()),
        *answer.headers,
    ]
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        async for chunk in answer.chunks():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        answer.file.close()


def _header_text(errmsg: str) -> bytes:
    """errmsg as a header value: ASCII without line breaks and other control characters."""
    return errmsg.encode("ascii", "backslashreplace").translate(_NO_CONTROL_CHARACTERS).strip()
