"""The background threads of a server: scheduled tasks and ledger seals, deliveries, retention."""

import logging
import threading
import time
from collections.abc import Callable

from wecom_tollbooth.billing import seals
from wecom_tollbooth.callbacks.delivery import Delivery
from wecom_tollbooth.corp_deletion import removing_leftovers
from wecom_tollbooth.db import SessionLock, reading, run_slices
from wecom_tollbooth.families.media import fetching
from wecom_tollbooth.families.media.files_in_use import has_dropped, removing_dropped, removing_orphans
from wecom_tollbooth.retention import Retention
from wecom_tollbooth.seeds.resetting import going_on
from wecom_tollbooth.server import Server
from wecom_tollbooth.world import scheduled_tasks
from wecom_tollbooth.world.clock import HOUR

log = logging.getLogger("tollbooth.worker")

POLL_SECONDS = 0.2
SECONDS_AFTER_FAILURE = 1
SHARE_OF_CALLS = 2
"""Tasks leave calls this many times the seconds that they take, up to LONGEST_PAUSE_SECONDS at a time."""
LONGEST_PAUSE_SECONDS, LONGEST_WAIT_SECONDS = 0.01, 2.0
SECONDS_TO_STOP = 2.5
SECONDS_BETWEEN_LOOKS = 60
LOOK_SHARE = 20
"""A look at all clocks of corps is repeated at the earliest after this many times its own duration."""
REST_SECONDS = 0.002
"""Between the slices of long work, for the calls."""
TASKS_LOCK = 740_001


class Worker:
    """The background threads: no receiver of callbacks holds up a scheduled task or a seal."""

    def __init__(self, server: Server) -> None:
        self._threads = (_tasks_thread(server), _delivery_thread(server), _retention_thread(server))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the threads, in SECONDS_TO_STOP at most."""
        for thread in self._threads:
            thread.end()
        deadline = time.monotonic() + SECONDS_TO_STOP
        for thread in self._threads:
            thread.join(deadline)


def _tasks_thread(server: Server) -> "_Rounds":
    """On PostgreSQL, one worker of many runs the tasks, in their order."""
    lock, tasks = SessionLock(server.database, TASKS_LOCK), _Tasks(server)

    def work() -> float:
        if server.database.inline or lock.take():
            tasks.run_due()
        return POLL_SECONDS

    thread = _Rounds("tasks", work, lock.release)
    server.work_waiting.add_listener(lambda _: thread.wake())
    return thread


def _delivery_thread(server: Server) -> "_Rounds":
    """Any worker delivers."""
    delivery = Delivery(
        server.settings, server.database, server.outgoing, lambda: thread.wake(), server.counts.attempt
    )
    thread = _Rounds("delivery", delivery.work, delivery.finish)
    server.work_waiting.add_listener(delivery.look_at)
    return thread


def _retention_thread(server: Server) -> "_Rounds":
    retention = Retention(server.settings, server.database)
    thread = _Rounds("retention", lambda: retention.work(thread.pause), lambda: None)
    return thread


class _Tasks:
    """Runs scheduled tasks and seals the hours that are over."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sealed_before: int | None = None
        self._looked_at: float | None = None
        self._began = 0.0
        self._own_clocks_at = 0.0
        self._own_clocks_seen = 0

    def run_due(self) -> None:
        self._remove_leftovers()
        self._began = time.monotonic()
        self._look_after_own_clocks()
        server = self._server
        if server.clock_is_moving():
            return  # the move runs what falls due; on SQLite a second thread would only hold up the calls
        if run_slices(server.database, scheduled_tasks.run_due(server.settings), self._let_calls_go_on):
            server.work_waiting.set()
        with server.database.transaction() as tx:
            hour, files_dropped = server.context(tx).now // HOUR, has_dropped(tx)
        if files_dropped:
            run_slices(server.database, removing_dropped(server.files), between=_rest)
        if hour != self._sealed_before:
            seals.seal_all(server.database)
            self._sealed_before = hour

    def _look_after_own_clocks(self) -> None:
        """Runs what is due by the clocks of corps that have one of their own, and seals their past hours."""
        server, began = self._server, time.monotonic()
        if began < self._own_clocks_at:
            return
        with reading(server.database) as tx:
            behind, seen_at = scheduled_tasks.corps_behind(tx, self._own_clocks_seen)
        self._own_clocks_at = time.monotonic() + LOOK_SHARE * (time.monotonic() - began)
        for corp_id, has_due, hour_is_over in behind:
            if server.clock_is_moving(corp_id):
                continue  # the move does both
            tasks = scheduled_tasks.run_due(server.settings, corp_id=corp_id)
            if has_due and run_slices(server.database, tasks, self._let_calls_go_on):
                server.work_waiting.set(corp_id)
            if hour_is_over:
                seals.seal_corp(server.database, corp_id)
        self._own_clocks_seen = seen_at

    def _let_calls_go_on(self) -> None:
        """Pauses on SQLite between two transactions, longer where more is written than copied to the file."""
        if not self._server.database.inline:
            return
        now = time.monotonic()
        time.sleep(min(LONGEST_PAUSE_SECONDS, SHARE_OF_CALLS * (now - self._began)))
        until = now + LONGEST_WAIT_SECONDS
        while self._server.database.writes_too_fast and time.monotonic() < until:
            time.sleep(LONGEST_PAUSE_SECONDS)
        self._began = time.monotonic()

    def _remove_leftovers(self) -> None:
        """At the start and now and then: what killed processes left of corps."""
        now = time.monotonic()
        if self._looked_at is None or now - self._looked_at > SECONDS_BETWEEN_LOOKS:
            if self._looked_at is None:
                run_slices(self._server.database, removing_orphans(self._server.files), between=_rest)
                fetching.begin_again(self._server)
            self._looked_at = now
            scheduled_tasks.take_strays_in(self._server.database)
            run_slices(self._server.database, removing_leftovers(self._server.settings), between=_rest)
            run_slices(self._server.database, going_on(self._server.settings), between=_rest)


def _rest() -> None:
    time.sleep(REST_SECONDS)


class _Rounds:
    """A thread that runs `work` when it is woken, and otherwise after as many seconds as `work` said."""

    def __init__(self, name: str, work: Callable[[], float], finish: Callable[[], None]) -> None:
        self._work, self._finish = work, finish
        self._ended, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def end(self) -> None:
        """Lets the thread finish; doesn't wait for it."""
        self._ended.set()
        self._woken.set()

    def pause(self, seconds: float) -> bool:
        """Waits within `work`; returns whether the thread is to finish."""
        return self._ended.wait(seconds)

    def join(self, deadline: float) -> None:
        """`deadline` by time.monotonic."""
        if self._thread.is_alive():
            self._thread.join(max(0, deadline - time.monotonic()))

    def _run(self) -> None:
        pause = 0.0
        while not self._ended.is_set():
            self._woken.wait(pause)
            self._woken.clear()
            if self._ended.is_set():
                break
            try:
                pause = self._work()
            except Exception:
                log.exception("the background work failed; trying again")
                self._ended.wait(SECONDS_AFTER_FAILURE)
        try:
            self._finish()
        except Exception:
            log.exception("the background work could not be finished")
