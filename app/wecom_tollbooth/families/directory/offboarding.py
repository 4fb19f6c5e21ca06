"""What a member who leaves gives up, whether deleted through the API or gone of their own accord.

The row stays with status 5 and `left_at`, so that the customers can be handed over. userid, mobile and email
are free for somebody else from then on; the departments are empty of the member, and its relations count no
more (relations.FOLLOWER). Source: troubleshooting of 40003 on page 90313: who left or was deleted is taken
out of the directory, and the userid is invalid.
"""

from collections.abc import Collection

import sqlalchemy as sa

from wecom_tollbooth.billing.seats import give_up_seats
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.directory.tables import (
    BIZ_MAIL,
    LEFT,
    MEMBER,
    MEMBER_DEPARTMENT,
)
from wecom_tollbooth.families.providers.licences import delete_accounts_of


def leave(db: Transaction, corp_id: str, userids: Collection[str], now: int) -> None:
    """Takes the members, named as the directory spells them, out of the directory at `now`."""
    give_up_seats(db, corp_id, userids, now)
    delete_accounts_of(db, corp_id, userids)
    for table in (MEMBER_DEPARTMENT, BIZ_MAIL):
        db.execute(sa.delete(table).where(table.c.corp_id == corp_id, table.c.userid.in_(userids)))
    db.execute(
        sa.update(MEMBER)
        .where(MEMBER.c.corp_id == corp_id, MEMBER.c.userid.in_(userids))
        .values(status=LEFT, left_at=now, userid_key=None, mobile=None, email=None)
    )
