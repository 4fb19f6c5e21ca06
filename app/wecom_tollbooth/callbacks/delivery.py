"""Delivers the callbacks of the outbox: each endpoint's in order, all endpoints side by side.

Source: pages 90930, 90238, 90968 (2026-02): a POST with the encrypted event, 5 seconds to answer, three
retries, no redirects. The pages leave open which failures are retried and after how long; the settings
callback_retry_statuses and callback_retry_seconds decide.

The rounds run in one thread, which alone uses the database; the requests run on the loop of `Outgoing`. An
endpoint has at most one event on the wire, and the next is sent when the result of that one is committed. So
an event is sent twice only if the process ends in between. An event that gets no answer holds up those behind
it; one that is answered with an error steps aside until its retry.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace

from wecom_tollbooth.callbacks import planned_faults, queues
from wecom_tollbooth.callbacks.answers import take_answer
from wecom_tollbooth.callbacks.leases import Leases
from wecom_tollbooth.callbacks.messages import CallbackMessage, Endpoint, Result
from wecom_tollbooth.callbacks.outbox import NO_DELIVERY_FAULTS, read_delivery_faults
from wecom_tollbooth.callbacks.queues import Due, Key
from wecom_tollbooth.corps.lifecycle import is_kept
from wecom_tollbooth.db import Database, Transaction, reading
from wecom_tollbooth.faults.planning import note_faulty_paths
from wecom_tollbooth.outgoing.outgoing import Outgoing
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import clock, ids
from wecom_tollbooth.world.context import Context

log = logging.getLogger("tollbooth.worker")

POLL_SECONDS = 0.2
LOOK_SHARE = 20
"""A look at all queues is repeated at the earliest after this many times its own duration."""
BATCH, REORDERED_BATCH = 16, 64
"""Events of an endpoint that are read at a time."""
GROUP_ON_SQLITE, GROUP, LAST_GROUP = 1, 8, 64
"""Results, or endpoints, per transaction: on SQLite every call waits for it. The last: while stopping."""
GROUPS = 8
"""Transactions with results, and with endpoints, per round: new events wait for the end of a round."""
YIELD_SECONDS = 0.001
"""Between two transactions, so that calls get the database in between."""
MAX_ENDPOINTS, MAX_FAILING = 512, 384
"""Endpoints that one worker sends to at a time; of those, endpoints whose last attempt failed."""
MOST_ASIDE = 20
"""In place of the failures after which an endpoint is paused, where none is."""
SECONDS_TO_FINISH = 1
"""How long a stopping server waits for answers."""


@dataclass(frozen=True)
class Line:
    """An endpoint that this worker sends to, and its next events, read ahead."""

    key: Key
    owner: int
    endpoint: Endpoint
    messages: tuple[CallbackMessage, ...]
    failing: bool = False


class Delivery:
    """Delivers the callbacks of one database.

    `wake` makes the thread run `work` soon; `note_attempt` gets whether an attempt arrived.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        outgoing: Outgoing,
        wake: Callable[[], None],
        note_attempt: Callable[[bool], None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._outgoing = outgoing
        self._wake = wake
        self._note_attempt = note_attempt
        self._leases = Leases(database)
        self._on_the_wire: dict[Key, tuple[Line, Future[Result]]] = {}
        self._arrived: deque[tuple[Line, Result]] = deque()
        self._unnoted: deque[tuple[Line, Result]] = deque()
        """Results that the database hasn't taken yet. They stay until then, so that no event goes twice."""
        self._usual_group = GROUP_ON_SQLITE if database.inline else GROUP
        self._group = self._usual_group
        self._corps_to_look_at: deque[str] = deque()
        self._faults_ran_out: set[str] = set()
        """Corps whose planned faults may fire no more, which their calls and deliveries are to know."""
        self._look_at_all_at = 0.0
        self._crowded = False
        self._stopping = False

    def look_at(self, corp_id: str | None) -> None:
        """The corp may have callbacks to send, or any corp; to be called from any thread."""
        if corp_id is None:
            self._look_at_all_at = 0.0
        else:
            self._corps_to_look_at.append(corp_id)
        self._wake()

    def work(self) -> float:
        """Notes results and sends what is due; returns the seconds after which to run again."""
        self._leases.start()
        self._note_results(GROUPS)
        self._take_endpoints()
        return 0.0 if self._unnoted else max(0.0, self._look_at_all_at - time.monotonic())

    def finish(self) -> None:
        """Waits shortly for answers, gives up the rest, notes all and returns the leases."""
        self._stopping = True
        wait([future for _, future in self._on_the_wire.values()], timeout=SECONDS_TO_FINISH)
        for _, future in list(self._on_the_wire.values()):
            future.cancel()
        deadline = time.monotonic() + SECONDS_TO_FINISH
        self._group = LAST_GROUP
        while self._on_the_wire and time.monotonic() < deadline:
            self._note_results(GROUPS)
            time.sleep(YIELD_SECONDS)
        self._leases.end()

    # --- results ----------------------------------------------------------------------------------------

    def _note_results(self, groups: int) -> None:
        while self._arrived:
            self._unnoted.append(self._arrived.popleft())
        for _ in range(groups):
            if not self._unnoted:
                return
            group = [self._unnoted.popleft() for _ in range(min(self._group, len(self._unnoted)))]
            group.sort(key=lambda entry: entry[0].key)  # so that no two workers wait for each other's faults
            try:
                with self._database.transaction() as tx:
                    times = clock.times_of(tx, (line.key.corp_id for line, _ in group))
                    lines = [self._note(tx, line, result, times[line.key.corp_id]) for line, result in group]
            except BaseException:
                # To the end and one by one, so that none keeps the others from being noted.
                self._unnoted.extend(group)
                self._group = 1
                raise
            self._group = LAST_GROUP if self._stopping else self._usual_group
            for _, result in group:
                self._note_attempt(result.arrived)
            for line in lines:
                del self._on_the_wire[line.key]
                self._send(line, times[line.key.corp_id])
            self._note_faults_that_ran_out()
            if self._unnoted:
                time.sleep(YIELD_SECONDS)

    def _note(self, tx: Transaction, line: Line, result: Result, now: int) -> Line:
        """Notes an attempt. Returns the line with what to send next; without anything it is released."""
        key, settings = line.key, self._settings
        if not is_kept(tx, key.corp_id):
            return replace(line, messages=())
        state = queues.state_of(tx, key)
        if state.lease_owner != line.owner:
            log.warning("app %d of %s was taken over: a result is dropped", key.agentid, key.corp_id)
            return replace(line, messages=())
        attempts = result.message.attempts + 1
        callback_state, due_at, failures, aside = "delivered", now, 0, False
        if not result.arrived:
            is_retried = result.status == 0 or settings.callback_retry_statuses
            again = result.cut or (is_retried and attempts <= settings.callback_retries)
            callback_state = "waiting" if again else "failed"
            due_at = now + settings.callback_retry_seconds
            failures = state.failures + (0 if result.cut else 1)
            aside = callback_state == "waiting" and result.status > 0 and self._may_go_on(failures)
        if queues.set_result(tx, key, result, callback_state, due_at, aside=aside):
            take_answer(Context(settings, tx, key.corp_id, now), line.endpoint, result)
        paused = 0 < settings.callback_pause_after_failures <= failures
        line = replace(line, messages=line.messages[1:], failing=failures > 0)
        if (callback_state == "waiting" and not aside) or paused or self._stopping:
            line = replace(line, messages=())
            if due_at <= now:
                self._corps_to_look_at.append(key.corp_id)
        elif not line.messages and not self._crowded:
            line = self._read(tx, line, now)
        state = queues.State(
            failures=failures,
            last_success_at=now if result.arrived else state.last_success_at,
            paused_at=now if paused else None,
            paused_until=now + settings.callback_pause_seconds if paused else None,
            lease_owner=line.owner if line.messages else None,
        )
        queues.set_state(tx, key, state)
        return line

    def _may_go_on(self, failures: int) -> bool:
        """Whether events go ahead of one that was answered with an error: not where most are."""
        limit = self._settings.callback_pause_after_failures
        return failures * 2 <= (limit or MOST_ASIDE)

    # --- endpoints --------------------------------------------------------------------------------------

    def _take_endpoints(self) -> None:
        due = self._due_endpoints()
        free = MAX_ENDPOINTS - len(self._on_the_wire)
        free_for_failing = MAX_FAILING - sum(line.failing for line, _ in self._on_the_wire.values())
        wanted = [entry for entry in due if not entry.failures]
        wanted += [entry for entry in due if entry.failures][: max(0, free_for_failing)]
        self._crowded = len(wanted) > free
        wanted = wanted[: max(0, free)]
        size = self._usual_group
        if len(wanted) > GROUPS * size:
            self._look_at_all_at = 0.0
        for start in range(0, min(len(wanted), GROUPS * size), size):
            group = sorted(wanted[start : start + size])
            with self._database.transaction() as tx:
                times = clock.times_of(tx, (entry.key.corp_id for entry in group))
                owner = self._leases.confirm(tx)
                claimed = (self._claim(tx, entry, owner, times[entry.key.corp_id]) for entry in group)
                lines = [line for line in claimed if line]
            for line in lines:
                self._send(line, times[line.key.corp_id])
            self._note_faults_that_ran_out()
            time.sleep(YIELD_SECONDS)

    def _due_endpoints(self) -> list[Due]:
        """The due endpoints that this worker doesn't send to yet, those with new events first."""
        all_corps = time.monotonic() >= self._look_at_all_at
        corps: dict[str | None, None] = {}
        while self._corps_to_look_at:
            corps[self._corps_to_look_at.popleft()] = None
        if all_corps:
            corps[None] = None
        if not corps:
            return []
        retry_seconds = self._settings.callback_retry_seconds
        # On SQLite beside the calls: with hundreds of queues the look takes milliseconds.
        with reading(self._database) if self._database.inline else self._database.transaction() as tx:
            times = clock.times_for_sql(tx)
            began = time.monotonic()
            due = {
                entry.key: entry
                for corp_id in corps
                for entry in queues.due_endpoints(tx, self._leases.owner, times, retry_seconds, corp_id)
            }
            ended = time.monotonic()
        if all_corps:
            self._look_at_all_at = ended + max(POLL_SECONDS, LOOK_SHARE * (ended - began))
        return [entry for key, entry in due.items() if key not in self._on_the_wire]

    def _claim(self, tx: Transaction, due: Due, owner: int, now: int) -> Line | None:
        """The endpoint's next events; None if another worker was faster or nothing is due any more."""
        if not is_kept(tx, due.key.corp_id) or not queues.claim(tx, due.key, owner):
            return None
        line = Line(due.key, owner, Endpoint(*due.key, "", "", ""), (), failing=due.failures > 0)
        state = queues.state_of(tx, due.key)
        if not state.is_paused(now):
            line = self._read(tx, line, now)
        if not line.messages:
            queues.set_state(tx, due.key, state._replace(lease_owner=None))
            return None
        return line

    def _read(self, tx: Transaction, line: Line, now: int) -> Line:
        """The line with the app's present address and its next events."""
        key = line.key
        endpoint, faulty_paths = queues.address_of(tx, key)
        if not endpoint.url:
            queues.keep_all(tx, key, now)
        window = (read_delivery_faults(tx, key.corp_id) or NO_DELIVERY_FAULTS)[1]
        most = REORDERED_BATCH if window > 1 else BATCH
        messages = queues.next_messages(tx, key, now, self._settings.callback_retry_seconds, most)
        messages = _reordered(messages, window)
        if messages and planned_faults.has_faults(faulty_paths):
            messages = self._meet_faults(Context(self._settings, tx, key.corp_id, now), endpoint, messages)
        return replace(line, endpoint=endpoint, messages=tuple(messages))

    def _meet_faults(
        self, context: Context, endpoint: Endpoint, messages: list[CallbackMessage]
    ) -> list[CallbackMessage]:
        """The next message alone, so that each meets its fault when it is its turn."""
        message, ran_out = planned_faults.meet_faults(context, endpoint, messages)
        if ran_out:
            self._faults_ran_out.add(context.corp_id)
        if message is None:  # all were dropped; there may be more
            self._corps_to_look_at.append(context.corp_id)
            return []
        return [message]

    def _note_faults_that_ran_out(self) -> None:
        while self._faults_ran_out:
            corp_id = self._faults_ran_out.pop()
            with self._database.transaction() as tx:
                note_faulty_paths(Context(self._settings, tx, corp_id))

    # --- the wire ---------------------------------------------------------------------------------------

    def _send(self, line: Line, now: int) -> None:
        """Puts the first event of the line on the wire."""
        if not line.messages:
            return
        settings, message = self._settings, line.messages[0]
        endpoint = line.endpoint
        if own := message.address:
            endpoint = Endpoint(*line.key, own.url, own.token, own.encoding_aes_key)

        async def send(outgoing: Outgoing) -> Result:
            from wecom_tollbooth.callbacks import wire  # only when there is something to send

            if met := message.fault:
                return await planned_faults.send_with_fault(outgoing, settings, endpoint, message, met, now)
            return await wire.send(outgoing, settings, endpoint, message, now)

        def arrived(future: Future[Result]) -> None:
            if future.cancelled():
                result = Result(message, now, endpoint.url, error="the server stopped", cut=True)
            elif (failure := future.exception()) is not None:
                log.error("callback %d was not sent", message.id, exc_info=failure)
                result = Result(message, now, endpoint.url, error=repr(failure))
            else:
                result = future.result()
            self._arrived.append((line, result))
            self._wake()

        future = self._outgoing.submit(send)
        self._on_the_wire[line.key] = (line, future)
        future.add_done_callback(arrived)


def _reordered(messages: list[CallbackMessage], window: int) -> list[CallbackMessage]:
    """The messages, shuffled within windows of `window`."""
    if window < 2:
        return messages
    ordered: list[CallbackMessage] = []
    for start in range(0, len(messages), window):
        part = messages[start : start + window]
        ordered += sorted(part, key=lambda message: ids.draw(0, "reorder", message.id, 8))
    return ordered
