"""Delivering what waits in the outbox, and proving an address before it is accepted.

Source: pages 90930, 90238, 90968 (2026-02). A POST with the encrypted event; 5 seconds to answer; three
retries; redirects are not followed. Which failures are retried, and after how long, the pages leave open:
settings callback_retry_statuses and callback_retry_seconds.
"""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
import urllib3
from sqlalchemy import bindparam

from app.billing import seals
from app.callbacks import crypto
from app.callbacks.outbox import CALLBACK, NO_KNOBS, read_knobs
from app.callbacks.tables import CallbackTry
from app.db import Database, Hot, Transaction
from app.settings import Settings
from app.world import clock, ids, schedule

log = logging.getLogger("tollbooth.callbacks")

BATCH = 64
STREAMS_AT_ONCE = 8
POLL_SECONDS = 0.2
ANSWER_CHARS = 200
LEADER_LOCK = 740_001

TRY: sa.Table = CallbackTry.__table__  # type: ignore[attr-defined]

_STREAMS = Hot(
    sa.select(CALLBACK.c.corp_id, CALLBACK.c.agentid)
    .where(CALLBACK.c.state == "waiting", CALLBACK.c.due_at <= bindparam("now"))
    .distinct()
)
_WAITING = Hot(
    sa.select(CALLBACK.c.id, CALLBACK.c.xml, CALLBACK.c.tries, CALLBACK.c.due_at)
    .where(
        CALLBACK.c.corp_id == bindparam("corp_id"),
        CALLBACK.c.agentid == bindparam("agentid"),
        CALLBACK.c.state == "waiting",
    )
    .order_by(CALLBACK.c.id)
    .limit(BATCH)
)
# The gateway's table of apps, by name: callbacks stand below the gateway and do not import it.
_APP = sa.table(
    "app", *map(sa.column, ("corp_id", "agentid", "callback_url", "callback_token", "encoding_aes_key"))
)
_ADDRESS = Hot(
    sa.select(_APP.c.callback_url, _APP.c.callback_token, _APP.c.encoding_aes_key).where(
        _APP.c.corp_id == bindparam("corp_id"), _APP.c.agentid == bindparam("agentid")
    )
)
_NOTE_TRY = Hot(sa.insert(TRY).values({column.name: bindparam(column.name) for column in TRY.columns}))
_SET_STATE = Hot(
    sa.update(CALLBACK)
    .where(CALLBACK.c.corp_id == bindparam("of_corp_id"), CALLBACK.c.id == bindparam("of_id"))
    .values(state=bindparam("new_state"), tries=bindparam("new_tries"), due_at=bindparam("new_due_at"))
)


@dataclass(frozen=True)
class Address:
    """Where an app hears callbacks, and the keys they are signed and encrypted with."""

    corp_id: str
    agentid: int
    url: str
    token: str
    encoding_aes_key: str


@dataclass(frozen=True)
class Letter:
    """One callback on its way."""

    id: int
    xml: str
    tries: int


@dataclass
class Stream:
    """What is due for one app, in the order in which it leaves."""

    address: Address
    letters: list[Letter]
    results: list["Result"] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    letter: Letter
    status: int
    answer: str
    error: str
    duration_ms: int

    @property
    def arrived(self) -> bool:
        return self.status == 200


class Delivery:
    """Delivers for one database. `deliver_due` is an ordinary function; `start` runs it in a thread."""

    def __init__(self, settings: Settings, database: Database, wake: threading.Event) -> None:
        self._settings = settings
        self._database = database
        self._wake = wake
        self._stopping = False
        self._http = urllib3.PoolManager(
            maxsize=STREAMS_AT_ONCE, retries=False, timeout=settings.callback_timeout_seconds
        )
        self._threads = ThreadPoolExecutor(STREAMS_AT_ONCE, thread_name_prefix="callback")
        self._worker = threading.Thread(target=self._run, name="callbacks", daemon=True)

    def start(self) -> None:
        self._worker.start()

    def stop(self) -> None:
        """Ends the thread after the batch that is under way."""
        self._stopping = True
        self._wake.set()
        if self._worker.is_alive():
            self._worker.join(self._settings.callback_timeout_seconds + 1)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.clear()

    def deliver_due(self) -> int:
        """Sends what is due and writes down what became of it; returns how many tries were made."""
        with self._database.transaction() as tx:
            now = clock.now(tx)
            streams = [
                stream
                for corp_id, agentid in _STREAMS.all(tx, now=now)
                if (stream := self._stream(tx, corp_id, agentid, now)).letters
            ]
        if not streams:
            return 0
        list(self._threads.map(lambda stream: self._send_all(stream, now), streams))
        with self._database.transaction() as tx:
            for stream in streams:
                self._write_down(tx, stream, now)
        return sum(len(stream.results) for stream in streams)

    def _run(self) -> None:
        leader = _Leader(self._database)
        while not self._stopping:
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            try:
                if leader.leads():
                    schedule.do_all(self._settings, self._database)
                    seals.seal_passed_hours(self._database)
                while leader.leads() and not self._stopping and self.deliver_due():
                    pass
            except Exception:
                if not self._stopping:
                    log.exception("callbacks could not be delivered; trying again")
                    time.sleep(1)
        leader.resign()

    def _stream(self, tx: Transaction, corp_id: str, agentid: int, now: int) -> Stream:
        """The next letters of one app; nothing where the first one waits for its retry: order is kept."""
        url, token, key = _ADDRESS.one(tx, corp_id=corp_id, agentid=agentid) or ("", "", "")
        letters = []
        for id_, xml, tries, due_at in _WAITING.all(tx, corp_id=corp_id, agentid=agentid):
            if due_at > now:
                break
            letters.append(Letter(id_, xml, tries))
        if not url:
            for letter in letters:
                _SET_STATE.run(
                    tx, of_corp_id=corp_id, of_id=letter.id, new_state="kept", new_tries=0, new_due_at=now
                )
            letters = []
        window = (read_knobs(tx, corp_id) or NO_KNOBS)[1]
        return Stream(Address(corp_id, agentid, url, token, key), _reordered(letters, window))

    def _send_all(self, stream: Stream, now: int) -> None:
        for letter in stream.letters:
            result = self._send(stream.address, letter, now)
            stream.results.append(result)
            if not result.arrived and self._is_retried(result):
                return

    def _send(self, address: Address, letter: Letter, now: int) -> Result:
        started = time.perf_counter()
        status, answer, error = 0, "", ""
        query, body = self._sealed(address, letter, now)
        joiner = "&" if "?" in address.url else "?"
        try:
            response = self._http.request(
                "POST",
                f"{address.url}{joiner}{query}",
                body=body,
                headers={"Content-Type": "text/xml; charset=utf-8"},
                redirect=False,
            )
            status, answer = response.status, response.data[:ANSWER_CHARS].decode("utf-8", "replace")
        except (urllib3.exceptions.HTTPError, ValueError) as failure:
            error = _why(failure, self._settings.callback_timeout_seconds)
        duration_ms = int((time.perf_counter() - started) * 1000)
        return Result(letter, status, answer.replace("\x00", ""), error, duration_ms)

    def _sealed(self, address: Address, letter: Letter, now: int) -> tuple[str, bytes]:
        """The signed query and the encrypted body of one try."""
        purpose = f"callback/{letter.tries}"
        random16 = ids.draw(self._settings.seed, purpose, letter.id, 16).encode()
        nonce = ids.draw(self._settings.seed, f"nonce/{letter.tries}", letter.id, 10, ids.DIGITS)
        encrypted = crypto.encrypt(address.encoding_aes_key, letter.xml.encode(), address.corp_id, random16)
        sign = crypto.signature(address.token, str(now), nonce, encrypted)
        body = (
            f"<xml><ToUserName><![CDATA[{address.corp_id}]]></ToUserName>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt>"
            f"<AgentID><![CDATA[{address.agentid}]]></AgentID></xml>"
        )
        query = urlencode({"msg_signature": sign, "timestamp": now, "nonce": nonce})
        return query, body.encode()

    def _write_down(self, tx: Transaction, stream: Stream, now: int) -> None:
        corp_id = stream.address.corp_id
        for result in stream.results:
            tries = result.letter.tries + 1
            state, due_at = "delivered", now
            if not result.arrived:
                again = self._is_retried(result) and tries <= self._settings.callback_retries
                state = "waiting" if again else "failed"
                due_at = now + self._settings.callback_retry_seconds
            _SET_STATE.run(
                tx,
                of_corp_id=corp_id,
                of_id=result.letter.id,
                new_state=state,
                new_tries=tries,
                new_due_at=due_at,
            )
            _NOTE_TRY.run(
                tx,
                corp_id=corp_id,
                callback_id=result.letter.id,
                number=tries,
                at=now,
                url=stream.address.url,
                status=result.status,
                answer=result.answer,
                error=result.error,
                duration_ms=result.duration_ms,
            )

    def _is_retried(self, result: Result) -> bool:
        return result.status == 0 or self._settings.callback_retry_statuses


class _Leader:
    """Lets one worker of many deliver: on PostgreSQL the one that holds an advisory lock, until it ends."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sa.Connection | None = None

    def leads(self) -> bool:
        if self._database.inline or self._connection is not None:
            return True
        connection = self._database.engine.connect()
        taken = connection.execute(sa.text(f"SELECT pg_try_advisory_lock({LEADER_LOCK})")).scalar()
        connection.commit()
        if taken:
            self._connection = connection
            return True
        connection.close()
        return False

    def resign(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()


def _reordered(letters: list[Letter], window: int) -> list[Letter]:
    """The letters, shuffled within windows of `window`."""
    if window < 2:
        return letters
    ordered: list[Letter] = []
    for start in range(0, len(letters), window):
        part = letters[start : start + window]
        ordered += sorted(part, key=lambda letter: ids.draw(0, "reorder", letter.id, 8))
    return ordered


def _why(failure: Exception, timeout: float) -> str:
    """One sentence for a try that brought no answer."""
    refused = isinstance(failure, urllib3.exceptions.NewConnectionError)
    if isinstance(failure, urllib3.exceptions.TimeoutError) and not refused:
        return f"no answer within {timeout:g} s"
    return f"it cannot be reached: {failure}"[:ANSWER_CHARS]


# --- 验证URL有效性 ----------------------------------------------------------------------------------------


class AddressRefused(Exception):
    """An address that did not prove itself; the text says which check failed."""


def verify(settings: Settings, address: Address, now: int, number: int) -> None:
    """Asks the address to open an encrypted echostr, as WeCom does when an admin saves it.

    Raises AddressRefused with the check that failed. `number` makes the echo unlike any other.
    """
    if not crypto.TOKEN_FORM.fullmatch(address.token):
        raise AddressRefused("the token must be 1 to 32 letters or digits")
    if not crypto.KEY_FORM.fullmatch(address.encoding_aes_key):
        raise AddressRefused("the encoding_aes_key must be 43 letters or digits")
    if not address.url.startswith(("http://", "https://")):
        raise AddressRefused("the url must begin with http:// or https://")
    echo = ids.draw(settings.seed, "echo", number, 19, ids.DIGITS)
    random16 = ids.draw(settings.seed, "echo16", number, 16).encode()
    encrypted = crypto.encrypt(address.encoding_aes_key, echo.encode(), address.corp_id, random16)
    nonce = ids.draw(settings.seed, "echo_nonce", number, 10, ids.DIGITS)
    sign = crypto.signature(address.token, str(now), nonce, encrypted)
    query = urlencode({"msg_signature": sign, "timestamp": now, "nonce": nonce, "echostr": encrypted})
    joiner = "&" if "?" in address.url else "?"
    timeout = settings.callback_timeout_seconds
    try:
        response = urllib3.request(
            "GET", f"{address.url}{joiner}{query}", retries=False, redirect=False, timeout=timeout
        )
    except (urllib3.exceptions.HTTPError, ValueError) as failure:
        raise AddressRefused(_why(failure, timeout)) from None
    if response.status in range(300, 400):
        raise AddressRefused(f"it redirects (HTTP {response.status}); callbacks follow no redirect")
    if response.status != 200:
        raise AddressRefused(f"it answered HTTP {response.status}; 200 is needed")
    _compare_echo(response.data, echo.encode())


def _compare_echo(answer: bytes, echo: bytes) -> None:
    if answer == echo:
        return
    hints: Sequence[tuple[bool, str]] = (
        (answer.removeprefix(b"\xef\xbb\xbf") == echo, "there is a byte order mark before it"),
        (answer.strip() == echo, "there is white space or a newline around it"),
        (answer.strip(b"\"'") == echo, "there are quotes around it"),
        (b"<html" in answer[:200].lower(), "it is an HTML page"),
        (answer == b"", "it is empty: was the signature or the receiveid refused?"),
    )
    hint = next((text for found, text in hints if found), "it is another text: another EncodingAESKey?")
    shown = answer[:60].decode("utf-8", "replace")
    raise AddressRefused(f"the answer is not the decrypted echostr: {hint} (it was {shown!r})")


def read_tries(tx: Transaction, corp_id: str, callback_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The tries of these callbacks, in their order."""
    tries: dict[int, list[dict[str, Any]]] = {}
    query = sa.select(TRY).where(TRY.c.corp_id == corp_id, TRY.c.callback_id.in_(callback_ids))
    for row in tx.execute(query.order_by(TRY.c.callback_id, TRY.c.number)):
        shown = {name: row._mapping[name] for name in ("number", "at", "url", "status", "answer", "error")}
        tries.setdefault(row.callback_id, []).append({**shown, "duration_ms": row.duration_ms})
    return tries
