"""A lock that is passed on in the order in which it was asked for."""

import threading
from collections import deque


class Turns:
    """With threading.Lock, a thread that releases and takes it at once would leave the others waiting."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._holder: int | None = None
        self._waiting: deque[tuple[int, threading.Lock]] = deque()

    def acquire(self) -> None:
        """Waits for its turn. Raises RuntimeError in the thread that holds the lock already."""
        me = threading.get_ident()
        with self._changing:
            if self._holder is None:
                self._holder = me
                return
            if self._holder == me:
                raise RuntimeError("a transaction began inside another one of the same thread")
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append((me, mine))
        try:
            mine.acquire()
        except BaseException:
            self._leave(me, mine)
            raise

    def release(self) -> None:
        """Passes the lock to the thread that has waited longest."""
        with self._changing:
            if not self._waiting:
                self._holder = None
                return
            self._holder, first = self._waiting.popleft()
            first.release()

    def _leave(self, me: int, mine: threading.Lock) -> None:
        """The wait was interrupted, by a signal: nobody may pass the lock to this thread."""
        with self._changing:
            if (me, mine) in self._waiting:
                self._waiting.remove((me, mine))
                return
        self.release()
