"""Limits per minute or hour: rows that webhooks write, and changes of group chats.

Fixed windows of the simulator's clock, counted in the call's own transaction: refused calls don't count.
"""

import sqlalchemy as sa

from wecom_tollbooth.db import insert_into
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.tables import SHEET_WINDOW
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.clock import HOUR, MINUTE
from wecom_tollbooth.world.context import Context


def count_rows(context: Context, sheet: Sheet, rows: int) -> None:
    """Counts rows that a webhook writes. Raises 2023032 above the limit of the sub-table or of the document.

    The caller has locked the sub-table, so that two webhooks cannot deadlock.
    """
    settings = context.settings
    if not settings.rate_limits:
        return
    for sheet_id, most in (
        (sheet.sheet_id, settings.limit_webhook_sheet_minute),
        ("", settings.limit_webhook_document_minute),
    ):
        if _counted(context, sheet.docid, sheet_id, MINUTE, rows) > most:
            where = f"sub-table {sheet_id}" if sheet_id else f"document {sheet.docid}"
            raise Refusal(
                ErrCode.WEBHOOK_ROWS_OUT_OF_LIMIT, detail=f"more than {most} rows for {where} in this minute"
            )


def count_group_change(context: Context) -> None:
    """Counts a change of a group chat. Raises 45009 above the limit of the corp per hour."""
    most = context.settings.limit_sheet_groups_hour
    if context.settings.rate_limits and _counted(context, "", "", HOUR, 1) > most:
        raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=f"more than {most} changes of group chats in this hour")


def _counted(context: Context, docid: str, sheet_id: str, span: int, more: int) -> int:
    """Adds `more` to the current window, or starts a new one; returns the new count."""
    row = insert_into(context.db.dialect, SHEET_WINDOW).values(
        corp_id=context.corp_id,
        docid=docid,
        sheet_id=sheet_id,
        started=context.now - context.now % span,
        count=more,
    )
    same = SHEET_WINDOW.c.started == row.excluded.started
    query = row.on_conflict_do_update(
        index_elements=["corp_id", "docid", "sheet_id"],
        set_={
            "started": row.excluded.started,
            "count": sa.case((same, SHEET_WINDOW.c.count + row.excluded.count), else_=row.excluded.count),
        },
    ).returning(SHEET_WINDOW.c.count)
    return int(context.db.execute(query).scalar_one())
