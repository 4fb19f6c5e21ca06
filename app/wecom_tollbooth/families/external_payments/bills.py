"""Finding payments and refunds."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.external_payments.tables import EXTERNAL_BILL, ExternalPaymentsOff
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.world.context import Context


def is_off(context: Context) -> bool:
    """Whether the corp has switched 对外收款 off."""
    return context.db.session.get(ExternalPaymentsOff, context.corp_id) is not None


def page(
    call: Call, span: tuple[int, int], payee: str | None, most: int, cursor: str | None
) -> tuple[list[Any], str]:
    """The next bills in the span, oldest first, and the cursor behind them, "" at the end.

    Those of payees outside the app's visible range are taken out of the page, as page 93667 says, so
    that it may be shorter than `most`, or empty, before the end.
    """
    columns, asked = EXTERNAL_BILL.c, [span, payee]
    query = sa.select(EXTERNAL_BILL).where(
        columns.corp_id == call.corp_id, columns.pay_time >= span[0], columns.pay_time <= span[1]
    )
    if cursor:
        at, number = position_of(call, asked, cursor)
        query = query.where(sa.tuple_(columns.pay_time, columns.id) > sa.tuple_(at, number))
    if payee is not None:
        query = query.where(columns.payee_userid == payee)
    rows = list(call.db.execute(query.order_by(columns.pay_time, columns.id).limit(most + 1)))
    shown = rows[:most]
    behind = make_cursor(call, asked, [shown[-1].pay_time, shown[-1].id]) if len(rows) > most else ""
    visible = visible_userids(call)
    return [row for row in shown if visible is None or row.payee_userid in visible], behind
