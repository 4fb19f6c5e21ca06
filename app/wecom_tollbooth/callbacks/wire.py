"""Requests to the address of an app: its verification, and encrypted and signed events.

Source: pages 90930, 90238, 90968 (2026-02). Imported only when the first request is made: it loads the
ciphers, and a server should start without them.
"""

import time
from collections.abc import Sequence
from urllib.parse import urlencode

from wecom_tollbooth.callbacks import crypto
from wecom_tollbooth.callbacks.messages import CallbackMessage, Endpoint, EndpointRefused, Result
from wecom_tollbooth.outgoing.answers import NoAnswer, Request
from wecom_tollbooth.outgoing.outgoing import Outgoing
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.keyed_corps import seed_of


async def send(
    outgoing: Outgoing, settings: Settings, endpoint: Endpoint, message: CallbackMessage, now: int
) -> Result:
    """Posts the event once; a failure is in the result."""
    started = time.perf_counter()
    status, body, error = 0, b"", ""
    try:
        query, content = encrypted(settings, endpoint, message, now)
        request = Request(
            method="POST",
            url=endpoint.url,
            query=query,
            seconds=settings.callback_timeout_seconds,
            headers={"Content-Type": "text/xml; charset=utf-8"},
            content=content,
        )
        answer = await outgoing.request(request)
        status, body = answer.status, answer.body
    except (NoAnswer, crypto.CryptoError) as failure:
        error = str(failure)
    duration_ms = int((time.perf_counter() - started) * 1000)
    return Result(message, now, endpoint.url, status, body, error, duration_ms)


def encrypted(
    settings: Settings, endpoint: Endpoint, message: CallbackMessage, now: int
) -> tuple[str, bytes]:
    """The signed query and the encrypted body of an attempt: the same for the same message, keys and time."""
    seed, purpose = seed_of(settings.seed, endpoint.corp_id), f"callback/{message.attempts}"
    random16 = ids.draw(seed, purpose, message.id, 16).encode()
    nonce = ids.draw(seed, f"nonce/{message.attempts}", message.id, 10, ids.DIGITS)
    encrypted = crypto.encrypt(endpoint.encoding_aes_key, message.xml.encode(), endpoint.corp_id, random16)
    sign = crypto.signature(endpoint.token, str(now), nonce, encrypted)
    body = (
        f"<xml><ToUserName><![CDATA[{endpoint.corp_id}]]></ToUserName>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        f"<AgentID><![CDATA[{endpoint.agentid}]]></AgentID></xml>"
    )
    query = urlencode({"msg_signature": sign, "timestamp": now, "nonce": nonce})
    return query, body.encode()


# --- 验证URL有效性 ----------------------------------------------------------------------------------------


async def ask_for_echo(
    outgoing: Outgoing, settings: Settings, endpoint: Endpoint, now: int, number: int
) -> None:
    """Asks the address to decrypt an echostr. Raises EndpointRefused for the first check that fails."""
    if not crypto.TOKEN_FORM.fullmatch(endpoint.token):
        raise EndpointRefused("the token must be 1 to 32 letters or digits")
    if not crypto.KEY_FORM.fullmatch(endpoint.encoding_aes_key):
        raise EndpointRefused("the encoding_aes_key must be 43 letters or digits")
    if not endpoint.url.startswith(("http://", "https://")):
        raise EndpointRefused("the url must begin with http:// or https://")
    seed = seed_of(settings.seed, endpoint.corp_id)
    echo = ids.draw(seed, "echo", number, 19, ids.DIGITS)
    random16 = ids.draw(seed, "echo16", number, 16).encode()
    encrypted = crypto.encrypt(endpoint.encoding_aes_key, echo.encode(), endpoint.corp_id, random16)
    nonce = ids.draw(seed, "echo_nonce", number, 10, ids.DIGITS)
    sign = crypto.signature(endpoint.token, str(now), nonce, encrypted)
    query = urlencode({"msg_signature": sign, "timestamp": now, "nonce": nonce, "echostr": encrypted})
    try:
        answer = await outgoing.request(
            Request("GET", endpoint.url, settings.callback_timeout_seconds, query=query)
        )
    except NoAnswer as failure:
        raise EndpointRefused(str(failure)) from None
    if answer.status in range(300, 400):
        raise EndpointRefused(f"it redirects (HTTP {answer.status}); redirects are not followed")
    if answer.status != 200:
        raise EndpointRefused(f"it answered HTTP {answer.status}; 200 is needed")
    _compare_echo(answer.body, echo.encode())


def _compare_echo(answer: bytes, echo: bytes) -> None:
    if answer == echo:
        return
    hints: Sequence[tuple[bool, str]] = (
        (answer.removeprefix(b"\xef\xbb\xbf") == echo, "there is a byte order mark before it"),
        (answer.strip() == echo, "there is white space or a newline around it"),
        (answer.strip(b"\"'") == echo, "there are quotes around it"),
        (b"<html" in answer[:200].lower(), "it is an HTML page"),
        (answer == b"", "it is empty; did the receiver refuse the signature or the receiveid?"),
    )
    hint = next(
        (text for found, text in hints if found),
        "it is another text; does the receiver use another EncodingAESKey?",
    )
    shown = answer[:60].decode("utf-8", "replace")
    raise EndpointRefused(f"the answer is not the decrypted echostr: {hint} (it was {shown!r})")
