"""The context in which something happens to a corp: one transaction, one moment, one source of ids."""

from typing import Any

import orjson

from wecom_tollbooth.db import IdBlock, Transaction
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world import clock, ids, keyed_corps


class Context:
    """What a call, an act and a scheduled task have in common.

    Ask only the context for the time and for ids: a second look at the clock can show another second.
    """

    def __init__(self, settings: Settings, db: Transaction, corp_id: str, now: int | None = None) -> None:
        self.settings = settings
        self.db = db
        self.corp_id = corp_id
        self.agentid = 0
        """The app that acts; 0 where none does."""
        self.app_kind = ""
        """Its kind (corps/app_kinds.py); "" where no app acts."""
        self.visible_json: str | None = None
        """Its visible range as stored; None: everyone. See families/directory/visibility.py."""
        self.visible_userids: frozenset[str] | None = None
        """The members in it, once they were looked up."""
        self.callbacks: list[int] = []
        """Ids of the callbacks that were raised here."""
        self.block: IdBlock | None = None
        """Ids that were reserved for this work alone; None: it takes the next ones of the process, or of
        a corp with a key."""
        self.has_due = False
        """Whether a task was scheduled that is due at once in a corp with a key: it runs before the answer,
        see Server.settle."""
        self._now = now
        self.has_own_clock = False
        """Whether the corp's clock is its own and not the server's; known once the time was read."""

    @property
    def now(self) -> int:
        """Unix seconds of the corp's clock, or of the server's where no corp is known yet; read once.

        Not a cached_property: up to Python 3.11 it holds a lock of the whole process while it reads, and on
        PostgreSQL the read can wait for a transaction that wants that lock.
        """
        if self._now is None:
            self.take_time(*clock.read(self.db, self.corp_id))
        assert self._now is not None
        return self._now

    @now.setter
    def now(self, at: int) -> None:
        self._now = at

    @property
    def clock_stands(self) -> bool:
        """Whether the clock is frozen, so that it can't tell whether somebody has waited; read each time."""
        _, frozen_at, own_shift, own_frozen_at, *_ = clock.read(self.db, self.corp_id)
        return (frozen_at if own_shift is None else own_frozen_at) is not None

    def take_time(
        self,
        shift: int,
        frozen_at: int | None,
        own_shift: int | None,
        own_frozen_at: int | None,
        _: object = None,
    ) -> None:
        """Takes the time from what a statement has read of clock.shown()."""
        self._now = clock.time_by(shift, frozen_at, own_shift, own_frozen_at)
        self.has_own_clock = own_shift is not None

    @property
    def visible_range(self) -> dict[str, list[Any]] | None:
        """The app's visible range as it was set, {"userid": [...], "partyid": [...]}; None for everyone."""
        return None if self.visible_json is None else orjson.loads(self.visible_json)

    @property
    def seed(self) -> int:
        """What the corp's ids are drawn from: the server's seed, or that of a corp with a key."""
        return keyed_corps.seed_of(self.settings.seed, self.corp_id)

    def next_id(self) -> int:
        """A number that no other row of the corp has; rising within one process.

        Only corps with a key have numbers that rows of others have, too.
        """
        if self.block is None:
            if not keyed_corps.is_keyed(self.corp_id):
                return self.db.database.hand_out_id()
            self.block = keyed_corps.OwnNumbers(self.db, self.corp_id)
        return self.block.next()

    def reserved_ids(self, count: int) -> IdBlock | None:
        """The next `count` ids of a corp with a key, for what comes of this work at any time: so the ids of
        what is done meanwhile don't depend on when it comes. None where the corp has no key."""
        if not keyed_corps.is_keyed(self.corp_id):
            return None
        last = keyed_corps.take_numbers(self.db, self.corp_id, count)
        return IdBlock(last - count, last)

    def next_record_id(self) -> int:
        """The same for a record of the ledger, which outlives its corp: never a number of the corp's own."""
        if keyed_corps.is_keyed(self.corp_id):
            return self.db.database.hand_out_id()
        return self.next_id()

    def new_id(self, prefix: str) -> str:
        """An id in WeCom's form that nothing else in this database has: 32 characters, `prefix` first."""
        return ids.wecom_id(self.seed, prefix, self.next_id())

    def draw(self, purpose: str, length: int, alphabet: str = ids.LETTERS) -> str:
        """Fresh random characters for `purpose`; the same seed and the same calls give the same ones."""
        return ids.draw(self.seed, purpose, self.next_id(), length, alphabet)

    def refusal(self, errcode: int, detail: str) -> Exception:
        """What to raise if this cannot be done: a call answers the errcode, an act says why."""
        raise NotImplementedError
