"""The operation that returns the document of the follow-up records, an extension like follow_ups."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.documents.lookup import SMART_SHEET_TYPE, add_document, url_of
from wecom_tollbooth.families.follow_up_sheet.store import FOLLOW_UPS
from wecom_tollbooth.families.follow_ups.family import family
from wecom_tollbooth.families.smart_sheets.sheets import add_row, add_view_row
from wecom_tollbooth.families.smart_sheets.tables import SMART_SHEET
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel
from wecom_tollbooth.world import ids


class FollowUpSheetReply(TypedDict):
    docid: str
    sheet_id: str
    url: str


@family.post(
    "/cgi-bin/externalcontact/follow_up/get_sheet",
    doc="",
    checked=None,
    meter="follow_up.read",
    permission=Permission.DOCUMENT,
    sample={},
)
def get_sheet_of_follow_ups(call: Call, body: RequestModel) -> FollowUpSheetReply:
    """获取跟进智能表格 / Get the smart sheet of the follow-ups

    The smart sheet of the corp's follow-up records, created by the first call. The operations of smart sheets
    read and write the records there, and changes on either side show on the other at once.
    """
    # One fixed docid per corp, so that of two concurrent calls the second finds the document of the first.
    docid = "dc" + ids.draw(call.seed, f"follow_ups/{call.corp_id}", 0, 30)
    query = sa.select(SMART_SHEET.c.sheet_id).where(
        SMART_SHEET.c.corp_id == call.corp_id, SMART_SHEET.c.docid == docid
    )
    sheet_id = call.db.execute(query).scalar()
    if sheet_id is None:
        add_document(call, docid, SMART_SHEET_TYPE, "客户跟进表", agentid=0, source=FOLLOW_UPS)
        sheet_id = add_row(call, docid, "跟进记录", 0)
        add_view_row(call, docid, sheet_id)
    return {"docid": docid, "sheet_id": sheet_id, "url": url_of(docid, SMART_SHEET_TYPE)}
