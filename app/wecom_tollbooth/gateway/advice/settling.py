"""Turns what was watched long enough into advice, and tells the journal of the call that it is about."""

from collections.abc import Sequence

import sqlalchemy as sa

from wecom_tollbooth.advice.noting import Noticed, note
from wecom_tollbooth.advice.watching import Watched, unwatch, watched_of
from wecom_tollbooth.gateway.advice.callbacks import unanswered
from wecom_tollbooth.gateway.advice.pages import unread
from wecom_tollbooth.gateway.tables import CALL_JOURNAL
from wecom_tollbooth.world.context import Context


def settle(context: Context) -> None:
    """Counts what nobody acted upon for `advice_after_seconds` of the corp's clock."""
    after = context.settings.advice_after_seconds
    over = [
        (one, unread(one))
        for one in watched_of(context.db, context.corp_id, "page")
        if one.at + after <= context.now
    ]
    told: list[tuple[Watched, Noticed | None]] = [*over, *unanswered(context, after)]
    if not told:
        return
    # In the order in which calls lock the rows: what is watched, advice, the journal.
    unwatch(context.db, context.corp_id, [watched for watched, _ in told])
    noticed = [one for _, one in told if one is not None]
    note(context, noticed)
    tell_journal(context, noticed)


def still_open(context: Context) -> list[Noticed]:
    """What would be advice if nobody called any more."""
    pages = [unread(one) for one in watched_of(context.db, context.corp_id, "page")]
    return [*pages, *(one for _, one in unanswered(context, None) if one is not None)]


def tell_journal(context: Context, noticed: Sequence[Noticed]) -> None:
    """Adds the sentences to the records of the earlier calls that they are about."""
    row = CALL_JOURNAL.c
    for one in noticed:
        if one.called is None or "callback" in one.about:
            continue
        at, usage_id = one.called
        of_call = (row.corp_id == context.corp_id) & (row.at == at) & (row.usage_id == usage_id)
        before = sa.case((row.detail == "", ""), else_=row.detail + "; ")
        context.db.execute(sa.update(CALL_JOURNAL).where(of_call).values(detail=before + one.sentence()))
