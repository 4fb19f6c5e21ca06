"""Finding, adding and changing the row of a document."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.documents.tables import DOCUMENT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context

TEXT_DOCUMENT_TYPE, SPREADSHEET_TYPE, SMART_SHEET_TYPE, SMART_DOCUMENT_TYPE = 3, 4, 10, 11
"""doc_type."""
READ, EDIT, ADMIN = 1, 2, 7
"""auth of a member of a document."""

_OPEN_TO_THE_CORP: dict[str, Any] = {
    "enable_corp_internal": True,
    "corp_internal_auth": READ,
    "enable_corp_external": False,
    "corp_external_auth": READ,
    "corp_internal_approve_only_by_admin": False,
    "corp_external_approve_only_by_admin": True,
    "ban_share_external": False,
}
"""The access rule of a new document."""
_NO_WATERMARK: dict[str, Any] = {"margin_type": 1, "show_visitor_name": False, "show_text": False, "text": ""}
_SAFETY: dict[str, Any] = {
    "enable_readonly_copy": True,
    "watermark": _NO_WATERMARK,
    "enable_readonly_comment": False,
}
"""The safety settings of a new document: readers may copy but not comment."""


def find_document(context: Context, docid: str, *, to_write: bool = False) -> Any:
    """The document's row, or None; `to_write` locks it until the transaction ends."""
    query = sa.select(DOCUMENT).where(DOCUMENT.c.corp_id == context.corp_id, DOCUMENT.c.docid == docid)
    return context.db.execute(query.with_for_update() if to_write else query).first()


def the_document(call: Call, docid: str | None, *, to_write: bool = False) -> Any:
    """As find_document; raises 301085 for an unknown document, 851003 for one that another app made."""
    row = find_document(call, docid or "", to_write=to_write)
    if row is None:
        raise Refusal(ErrCode.INVALID_DOCID, detail=f"this corp has no document {docid!r}")
    if row.agentid not in (0, call.agentid):
        raise Refusal(
            ErrCode.NO_AUTHORITY_OVER_DOCUMENT,
            detail=f"app {row.agentid} made {docid}, so app {call.agentid} has no authority over it",
        )
    return row


def refuse_if_mirror(document: Any) -> None:
    """Raises 2022048 for a document that shows another family's records: it cannot be renamed or deleted."""
    if document.source:
        raise Refusal(ErrCode.NO_EDIT_RIGHT, detail=f"{document.docid} is the document of {document.source}")


def add_document(
    context: Context,
    docid: str,
    doc_type: int,
    doc_name: str,
    *,
    agentid: int,
    source: str = "",
    spaceid: str = "",
    fatherid: str = "",
    members: list[dict[str, Any]] | None = None,
) -> None:
    """Adds a document that everyone in the corp may read. `agentid` 0: every app may change it."""
    context.db.execute(
        sa.insert(DOCUMENT).values(
            corp_id=context.corp_id,
            docid=docid,
            doc_type=doc_type,
            doc_name=doc_name,
            agentid=agentid,
            source=source,
            spaceid=spaceid,
            fatherid=fatherid,
            create_time=context.now,
            modify_time=context.now,
            access_rule=_OPEN_TO_THE_CORP,
            secure_setting=_SAFETY,
            members=members or [],
            co_auth=[],
        )
    )


def change_document(context: Context, docid: str, **values: Any) -> None:
    """Sets columns of the document, and when it was last modified."""
    context.db.execute(
        sa.update(DOCUMENT)
        .where(DOCUMENT.c.corp_id == context.corp_id, DOCUMENT.c.docid == docid)
        .values(modify_time=context.now, **values)
    )


def url_of(docid: str, doc_type: int) -> str:
    """The address of a document in WeCom's form. Nothing is served there."""
    kinds = {
        TEXT_DOCUMENT_TYPE: "doc",
        SPREADSHEET_TYPE: "sheet",
        SMART_SHEET_TYPE: "smartsheet",
        SMART_DOCUMENT_TYPE: "smartpage",
    }
    return f"https://doc.weixin.qq.com/{kinds[doc_type]}/{docid}"
