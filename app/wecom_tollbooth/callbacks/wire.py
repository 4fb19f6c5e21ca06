"""Requests to the address of an app: its verification, and encrypted and signed events.

Source: pages 90930, 90238, 90968 (2026-02). Imported only when the first request is made: it loads the HTTP
client and the ciphers, and a server should start without them.
"""

import time
from collections.abc import Sequence
from urllib.parse import urlencode

import urllib3

from wecom_tollbooth.callbacks import crypto
from wecom_tollbooth.callbacks.messages import CallbackMessage, Endpoint, Result
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import ids

ANSWER_CHARS = 200


class Wire:
    """Connections to the addresses of apps, up to `at_once` at a time."""

    def __init__(self, settings: Settings, at_once: int) -> None:
        self._settings = settings
        self._http = urllib3.PoolManager(
            maxsize=at_once, retries=False, timeout=settings.callback_timeout_seconds
        )

    def close(self) -> None:
        self._http.clear()

    def send(self, endpoint: Endpoint, message: CallbackMessage, now: int) -> Result:
        """Posts the event once; a failure is in the result."""
        started = time.perf_counter()
        status, answer, error = 0, "", ""
        query, body = self._encrypted(endpoint, message, now)
        joiner = "&" if "?" in endpoint.url else "?"
        try:
            response = self._http.request(
                "POST",
                f"{endpoint.url}{joiner}{query}",
                body=body,
                headers={"Content-Type": "text/xml; charset=utf-8"},
                redirect=False,
            )
            status, answer = response.status, response.data[:ANSWER_CHARS].decode("utf-8", "replace")
        except (urllib3.exceptions.HTTPError, ValueError) as failure:
            error = _error_of(failure, self._settings.callback_timeout_seconds)
        duration_ms = int((time.perf_counter() - started) * 1000)
        return Result(message, status, answer.replace("\x00", ""), error, duration_ms)

    def _encrypted(self, endpoint: Endpoint, message: CallbackMessage, now: int) -> tuple[str, bytes]:
        """The signed query and the encrypted body of one attempt."""
        purpose = f"callback/{message.attempts}"
        random16 = ids.draw(self._settings.seed, purpose, message.id, 16).encode()
        nonce = ids.draw(self._settings.seed, f"nonce/{message.attempts}", message.id, 10, ids.DIGITS)
        encrypted = crypto.encrypt(
            endpoint.encoding_aes_key, message.xml.encode(), endpoint.corp_id, random16
        )
        sign = crypto.signature(endpoint.token, str(now), nonce, encrypted)
        body = (
            f"<xml><ToUserName><![CDATA[{endpoint.corp_id}]]></ToUserName>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt>"
            f"<AgentID><![CDATA[{endpoint.agentid}]]></AgentID></xml>"
        )
        query = urlencode({"msg_signature": sign, "timestamp": now, "nonce": nonce})
        return query, body.encode()


def _error_of(failure: Exception, timeout: float) -> str:
    """One sentence on why no answer came."""
    refused = isinstance(failure, urllib3.exceptions.NewConnectionError)
    if isinstance(failure, urllib3.exceptions.TimeoutError) and not refused:
        return f"no answer within {timeout:g} s"
    return f"it cannot be reached: {failure}"[:ANSWER_CHARS]


# --- 验证URL有效性 ----------------------------------------------------------------------------------------


class EndpointRefused(Exception):
    """An address that failed its verification; the text names the check."""


def verify(settings: Settings, endpoint: Endpoint, now: int, number: int) -> None:
    """Asks the address to decrypt an echostr, as WeCom does when an admin saves it.

    Raises EndpointRefused for the first check that fails. `number` makes the echo unique.
    """
    if not crypto.TOKEN_FORM.fullmatch(endpoint.token):
        raise EndpointRefused("the token must be 1 to 32 letters or digits")
    if not crypto.KEY_FORM.fullmatch(endpoint.encoding_aes_key):
        raise EndpointRefused("the encoding_aes_key must be 43 letters or digits")
    if not endpoint.url.startswith(("http://", "https://")):
        raise EndpointRefused("the url must begin with http:// or https://")
    echo = ids.draw(settings.seed, "echo", number, 19, ids.DIGITS)
    random16 = ids.draw(settings.seed, "echo16", number, 16).encode()
    encrypted = crypto.encrypt(endpoint.encoding_aes_key, echo.encode(), endpoint.corp_id, random16)
    nonce = ids.draw(settings.seed, "echo_nonce", number, 10, ids.DIGITS)
    sign = crypto.signature(endpoint.token, str(now), nonce, encrypted)
    query = urlencode({"msg_signature": sign, "timestamp": now, "nonce": nonce, "echostr": encrypted})
    joiner = "&" if "?" in endpoint.url else "?"
    timeout = settings.callback_timeout_seconds
    try:
        response = urllib3.request(
            "GET", f"{endpoint.url}{joiner}{query}", retries=False, redirect=False, timeout=timeout
        )
    except (urllib3.exceptions.HTTPError, ValueError) as failure:
        raise EndpointRefused(_error_of(failure, timeout)) from None
    if response.status in range(300, 400):
        raise EndpointRefused(f"it redirects (HTTP {response.status}); redirects are not followed")
    if response.status != 200:
        raise EndpointRefused(f"it answered HTTP {response.status}; 200 is needed")
    _compare_echo(response.data, echo.encode())


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
