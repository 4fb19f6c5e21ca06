"""Rows that wait to be written, table by table, and what the parts of a described corp tell each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

import orjson
from sqlmodel import SQLModel

from wecom_tollbooth.db import Slices, Transaction
from wecom_tollbooth.seeds.bulk import insert_rows, row_of
from wecom_tollbooth.seeds.described.shapes import SeedFile
from wecom_tollbooth.seeds.described.shapes.base import seconds
from wecom_tollbooth.seeds.described.shapes.customers import SeedCustomer
from wecom_tollbooth.seeds.seeding import Seeding
from wecom_tollbooth.world import ids

Row = tuple[type[SQLModel], dict[str, Any]]


@dataclass
class Making:
    """A described corp in the making: what it is made of, and which id each thing got."""

    file: SeedFile
    seeding: Seeding
    agentid: int
    """The corp's first app, which made what an app makes."""
    tags: dict[str, str] = field(default_factory=dict)
    """tag_id by "group/tag" and by itself."""
    customers: dict[str, str] = field(default_factory=dict)
    """external_userid by ref and by itself."""
    of_customer: dict[int, tuple[str, str]] = field(default_factory=dict)
    """external_userid and name by the identity of the shape."""
    contacts: set[str] = field(default_factory=set)
    """Those who count as contacts of the corp."""

    @property
    def now(self) -> int:
        return self.seeding.now

    @property
    def seed(self) -> int:
        return self.seeding.seed

    def at(self, moment: int | str) -> int:
        return seconds(moment, self.now)

    def at_or_none(self, moment: int | str | None) -> int | None:
        return None if moment is None else self.at(moment)

    def known(self, customer: SeedCustomer) -> tuple[str, str]:
        """The customer's external_userid and name."""
        return self.of_customer[id(customer)]

    def number(self) -> int:
        return self.seeding.next_id()

    def id_of(self, given: str | None, prefix: str, number: int) -> str:
        """The id that the file gives, or else one that is drawn from the number."""
        return given or ids.wecom_id(self.seed, prefix, number)

    def row(self, model: type[SQLModel], **values: Any) -> Row:
        return model, row_of(model, corp_id=self.seeding.corp_id, **values)


def as_json(value: Any) -> str:
    """As a column of JSON is written past the ORM."""
    return orjson.dumps(value).decode()


def writing_rows(seeding: Seeding, rows: Iterator[Row]) -> Slices[None]:
    """Writes the rows in slices, in their order; other work is done in between."""
    waiting: list[Row] = []
    for number, row in enumerate(rows, 1):
        waiting.append(row)
        if len(waiting) >= 2 * seeding.rows:
            yield seeding.writing(partial(_write, waiting))
            waiting = []
        elif number % 100 == 0:
            yield None
    if waiting:
        yield seeding.writing(partial(_write, waiting))


def _write(rows: list[Row], tx: Transaction) -> None:
    for model, some in groupby(sorted(rows, key=_table), key=lambda row: row[0]):
        insert_rows(tx, model, [values for _, values in some])


def _table(row: Row) -> str:
    return row[0].__name__
