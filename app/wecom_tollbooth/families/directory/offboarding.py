"""What happens to a member who leaves, whether deleted through the API or on their own.

The row is kept with status 5 and `left_at`, so that the customers can be handed over. userid, mobile and
email become free for other members, departments and tags lose the member, and the member's relations no
longer count (MAY_HAVE_CUSTOMERS). Source: troubleshooting of 40003 on page 90313: members who left or were
deleted are no longer in the directory, and their userid is invalid.
"""

from collections.abc import Collection

import sqlalchemy as sa

from wecom_tollbooth.billing.seats import give_up_seats
from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.db import upsert
from wecom_tollbooth.families.directory import directory_events
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.directory.tables import (
    BIZ_MAIL,
    LEFT,
    MEMBER,
    MEMBER_DEPARTMENT,
    MEMBER_OPENID,
    TAGGED_MEMBER,
    Member,
)
from wecom_tollbooth.families.phones.tables import PHONE_ITEM
from wecom_tollbooth.families.providers.licences import delete_accounts_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context
from wecom_tollbooth.world.declarations import import_declaring


def remove_members(context: Context, userids: Collection[str], *, by_assistant: bool) -> None:
    """Removes the members, by their userids as the directory spells them, and raises what follows.

    That is delete_user for each, and unsubscribe for their apps. Raises 301005 if one is the corp's creator.
    """
    if (creator := creator_of(context)) in userids:
        raise Refusal(
            ErrCode.CREATOR_CANNOT_BE_DELETED,
            detail=f"{creator} created the corp; hand it over first: the act admin_hands_over_corp",
        )
    before = [directory_events.member_snapshot(context, userid) for userid in dict.fromkeys(userids)]
    with apps_may_change(context, userids):
        _leave(context, userids)
    for member in before:
        directory_events.member_deleted(context, member, by_assistant=by_assistant)


def creator_of(context: Context) -> str | None:
    """The member who created the corp, if it is one of the members."""
    found: str | None = context.db.execute(
        sa.select(CORP.c.creator).where(CORP.c.corp_id == context.corp_id)
    ).scalar()
    return found


_left_behind: list[tuple[sa.Column[str], tuple[sa.ColumnElement[bool], ...]]] = [(PHONE_ITEM.c.person, ())]


def left_behind(userid: sa.Column[str], *only: sa.ColumnElement[bool]) -> None:
    """Declares that a new member must not find rows of this column's table that were another's.

    Somebody may get the userid of a member who left. The rows stay until then, and so do those that `only`
    leaves out.
    """
    _left_behind.append((userid, only))


def add_row(context: Context, member: Member) -> None:
    """Stores a new member. The row of one who left with this userid becomes the new member's.

    With it go the customers that nobody took over, but nothing that was left behind.
    """
    of_userid = (MEMBER.c.corp_id == context.corp_id) & (MEMBER.c.userid == member.userid)
    if context.db.execute(sa.select(MEMBER.c.userid).where(of_userid)).first() is not None:
        import_declaring("left_behind")
        for userid, only in _left_behind:
            table = userid.table
            context.db.execute(
                sa.delete(table).where(table.c.corp_id == context.corp_id, userid == member.userid, *only)
            )
    row = upsert(context.db.dialect, MEMBER, ("corp_id", "userid"))
    context.db.execute(row, member.model_dump())


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
