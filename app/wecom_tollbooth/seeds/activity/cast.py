"""Who takes part: a few members, and for each the customers whose relation began first."""

import random
from dataclasses import dataclass, replace

import sqlalchemy as sa

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.lookup import MAY_HAVE_CUSTOMERS
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.seeds.seeding import Seeding
from wecom_tollbooth.world.acts import Act

MEMBERS, CUSTOMERS_EACH = 5, 20
USERIDS = ("zhangsan", "lisi", "wangwu", "zhaoliu", "sunqi")
"""The demo corp's first members, whom the documentation names."""


@dataclass(frozen=True)
class Cast:
    """The people of the corp's past, its random generator, and the app that made what an app makes."""

    tx: Transaction
    seeding: Seeding
    agentid: int
    rng: random.Random
    customers: dict[str, list[str]]
    """The external_userids of each member, in the order in which they came."""

    @property
    def members(self) -> list[str]:
        return list(self.customers)

    @property
    def now(self) -> int:
        return self.seeding.now

    def within(self, tx: Transaction) -> "Cast":
        """The same people in another transaction."""
        return replace(self, tx=tx)

    def at(self, moment: int) -> Act:
        """A context in which something happens at `moment`, unix seconds."""
        act = Act(self.seeding.settings, self.tx, self.seeding.corp_id, moment)
        act.block = self.seeding.ids
        return act


def cast_of(tx: Transaction, seeding: Seeding, agentid: int) -> Cast:
    query = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == seeding.corp_id, MAY_HAVE_CUSTOMERS)
    named = sa.case({userid: place for place, userid in enumerate(USERIDS)}, value=MEMBER.c.userid, else_=99)
    members = tx.execute(query.order_by(named, MEMBER.c.userid).limit(MEMBERS)).scalars().all()
    rng = random.Random(f"{seeding.seed}/{seeding.corp_id}/activity")
    customers = {userid: _customers_of(tx, seeding.corp_id, userid) for userid in members}
    return Cast(tx, seeding, agentid, rng, customers)


def _customers_of(tx: Transaction, corp_id: str, userid: str) -> list[str]:
    query = (
        sa.select(FOLLOW_USER.c.external_userid)
        .where(FOLLOW_USER.c.corp_id == corp_id, FOLLOW_USER.c.userid == userid, IS_ACTIVE)
        .order_by(FOLLOW_USER.c.seq)
        .limit(CUSTOMERS_EACH)
    )
    return [row.external_userid for row in tx.execute(query)]
