"""Limits per minute or hour: rows that webhooks write, and changes of group chats.

Fixed windows of the simulator's clock, counted in the call's own transaction: refused calls don't count.
"""

import sqlalchemy as sa

from wecom_tollbooth.db import insert_into
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.tables import SHEET_WINDOW
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.clock import HOUR, MINUTE


def count_rows(call: Call, sheet: Sheet, rows: int) -> None:
    """Counts rows that a webhook writes. Raises 2023032 above the limit of the sub-table or of the document.

    The caller has locked the sub-table, so that two webhooks cannot deadlock.
    """
    settings = call.settings
    if not settings.rate_limits:
        return
    for sheet_id, most in (
        (sheet.sheet_id, settings.limit_webhook_sheet_minute),
        ("", settings.limit_webhook_document_minute),
    ):
        if _counted(call, sheet.docid, sheet_id, MINUTE, rows) > most:
            where = f"sub-table {sheet_id}" if sheet_id else f"document {sheet.docid}"
            raise Refusal(
                ErrCode.WEBHOOK_ROWS_OUT_OF_LIMIT, detail=f"more than {most} rows for {where} in this minute"
            )


def count_group_change(call: Call) -> None:
    """Counts a change of a group chat. Raises 45009 above the limit of the corp per hour."""
    most = call.settings.limit_sheet_groups_hour
    if call.settings.rate_limits and _counted(call, "", "", HOUR, 1) > most:
        raise Refusal(ErrCode.FREQUENCY_LIMIT, detail=f"more than {most} changes of group chats in this hour")


def _counted(call: Call, docid: str, sheet_id: str, span: int, more: int) -> int:
    """Adds `more` to the current window, or starts a new one; returns the new count."""
    row = insert_into(call.db.dialect, SHEET_WINDOW).values(
        corp_id=call.corp_id,
        docid=docid,
        sheet_id=sheet_id,
        started=call.now - call.now % span,
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
    return int(call.db.execute(query).scalar_one())
