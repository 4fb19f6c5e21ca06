"""What happens to a member who leaves, whether deleted through the API or on their own.

The row is kept with status 5 and `left_at`, so that the customers can be handed over. userid, mobile and
email become free for other members, departments and tags lose the member, and the member's relations no
longer count (MAY_HAVE_CUSTOMERS). Source: troubleshooting of 40003 on page 90313: members who left or were
deleted are no longer in the directory, and their userid is invalid.
"""

from collections.abc import Collection

import sqlalchemy as sa

from wecom_tollbooth.billing.seats import give_up_seats
from wecom_tollbooth.families.directory import directory_events
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.directory.tables import (
    BIZ_MAIL,
    LEFT,
    MEMBER,
    MEMBER_DEPARTMENT,
    MEMBER_OPENID,
    TAGGED_MEMBER,
)
from wecom_tollbooth.families.providers.licences import delete_accounts_of
from wecom_tollbooth.world.context import Context


def remove_members(context: Context, userids: Collection[str], *, by_assistant: bool) -> None:
    """Removes the members, by their userids as the directory spells them, and raises what follows.

    That is delete_user for each, and unsubscribe for their apps.
    """
    before = [directory_events.member_snapshot(context, userid) for userid in dict.fromkeys(userids)]
    with apps_may_change(context, userids):
        _leave(context, userids)
    for member in before:
        directory_events.member_deleted(context, member, by_assistant=by_assistant)


def _leave(context: Context, userids: Collection[str]) -> None:
    db, corp_id = context.db, context.corp_id
    give_up_seats(context, userids)
    delete_accounts_of(db, corp_id, userids)
    for table in (MEMBER_DEPARTMENT, BIZ_MAIL, TAGGED_MEMBER, MEMBER_OPENID):
        db.execute(sa.delete(table).where(table.c.corp_id == corp_id, table.c.userid.in_(userids)))
    db.execute(
        sa.update(MEMBER)
        .where(MEMBER.c.corp_id == corp_id, MEMBER.c.userid.in_(userids))
        .values(status=LEFT, left_at=context.now, userid_key=None, mobile=None, email=None)
    )
