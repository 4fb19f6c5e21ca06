"""What the parts of a seed share: the corp, its time and ids, and how its transactions begin."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.corps import unfinished
from wecom_tollbooth.corps.lifecycle import is_kept
from wecom_tollbooth.corps.tables import CORP_SEED
from wecom_tollbooth.db import IdBlock, Transaction, Work
from wecom_tollbooth.families.relations.contact_count import contacts_seeded
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.keyed_corps import is_keyed, seed_of

ROWS = 150
"""Customers, or follow-up records, that one transaction writes while calls are served: some 10 ms."""
ROWS_ALONE = 25_000
"""The same where nobody waits."""
DRAWN_AT_A_TIME = 100
"""What is drawn before calls are let in."""

ADMIN, NAME_OF_ADMIN = "admin", "管理员"
"""The member of an empty corp, who created it."""

Reminder = tuple[int, int, int]
"""Of the seq, due at, under the id of the task."""


class CorpGone(LookupError):
    """The corp was deleted while it was being seeded."""


@dataclass
class Seeding:
    """One seed of one corp.

    What it draws depends on `now` and `ids`, which are its own: calls in between change nothing of it. A corp
    that is being made is `hidden`: nobody sees its rows, and what shows outside (contacts in the ledger,
    reminders) is written at the end.
    """

    settings: Settings
    corp_id: str
    now: int
    ids: IdBlock
    rows: int = field(default_factory=lambda: ROWS)
    hidden: bool = False
    is_noted: bool = False
    """The corp is noted as unfinished, so that its rows are removed if this process dies."""
    booked: list[tuple[int, int]] = field(default_factory=list)
    """(id of the record, contacts) to be booked."""
    reminders: list[Reminder] = field(default_factory=list)
    books_then: bool = False
    """Its contacts count from `now`, because the corp begins again, and not from the time by the clock."""

    @property
    def is_alone(self) -> bool:
        """Whether nobody calls meanwhile."""
        return self.rows >= ROWS_ALONE

    @property
    def seed(self) -> int:
        return seed_of(self.settings.seed, self.corp_id)

    def next_id(self) -> int:
        return self.ids.next()

    def context(self, tx: Transaction) -> Context:
        context = Context(self.settings, tx, self.corp_id, self.now)
        context.block = self.ids
        return context

    def writing(self, write: Callable[[Transaction], object]) -> Work:
        """`write` in a transaction that makes sure that the corp is still there."""

        def work(tx: Transaction) -> object:
            if self.is_noted:
                unfinished.go_on_making(tx, self.corp_id)
            elif not self.hidden and not is_kept(tx, self.corp_id):
                raise CorpGone(f"the corp {self.corp_id!r} was deleted meanwhile")
            return write(tx)

        return work

    def book(self, tx: Transaction, contacts: int, number: int | None) -> None:
        """Counts contacts from now on: by the clock, not by the time at which the seed began.

        Without a `number` the record gets one that is not of this seed, which has its ids for what it draws.
        """
        context = Context(self.settings, tx, self.corp_id, self.now if self.books_then else None)
        if number is None or is_keyed(self.corp_id):
            number = context.next_record_id()
        contacts_seeded(context, contacts, number)


def note_seed(
    tx: Transaction, corp_id: str, number: int, wanted: dict[str, Any], ids: IdBlock, before: int, at: int
) -> None:
    """Notes what the corp is made with, or what is added to it, for a reset."""
    tx.execute(
        sa.insert(CORP_SEED).values(
            corp_id=corp_id, number=number, wanted=wanted, ids_before=before, ids_last=ids.last, at=at
        )
    )


def note_addition(tx: Transaction, corp_id: str, wanted: dict[str, Any], ids: IdBlock, at: int) -> None:
    """Notes an addition, if the corp is one that was made here and since there are resets."""
    last = tx.execute(
        sa.select(sa.func.max(CORP_SEED.c.number)).where(CORP_SEED.c.corp_id == corp_id)
    ).scalar()
    if last is not None:
        note_seed(tx, corp_id, int(last) + 1, wanted, ids, ids.used, at)
