"""文档: creating, renaming, sharing and deleting documents."""

from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.documents.content import content_of
from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.documents.lookup import (
    ADMIN,
    SMART_DOCUMENT_TYPE,
    SMART_SHEET_TYPE,
    SPREADSHEET_TYPE,
    TEXT_DOCUMENT_TYPE,
    add_document,
    change_document,
    refuse_if_mirror,
    the_document,
    url_of,
)
from wecom_tollbooth.families.documents.tables import DOCUMENT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required, required_number

ADMINS_AT_MOST = 3
NAME_WIDTH = 255
"""The longest name; a longer one is cut."""
DOC_TYPES = (TEXT_DOCUMENT_TYPE, SPREADSHEET_TYPE, SMART_SHEET_TYPE, SMART_DOCUMENT_TYPE)

DOC_ERRORS = (ErrCode.INVALID_DOCID, ErrCode.NO_AUTHORITY_OVER_DOCUMENT)
"""Answered by every operation on one document."""


# --- 新建文档 --------------------------------------------------------------------------------------------


class CreateRequest(RequestModel):
    spaceid: str | None = optional(doc="wedrive space; with fatherid")
    fatherid: str | None = optional(doc="parent folder, or the space itself")
    doc_type: int = required_number(doc="3 document, 4 spreadsheet, 10 smart sheet, 11 smart document")
    doc_name: str = required(doc=f"cut to {NAME_WIDTH} characters")
    admin_users: list[str] | None = optional(doc="userids of up to 3 members who become administrators")


class CreateReply(TypedDict):
    url: str
    docid: str


@family.post(
    "/cgi-bin/wedoc/create_doc",
    doc="97460",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_DOCUMENT_TYPE,
        ErrCode.INVALID_DOCUMENT_USERID,
        ErrCode.TOO_MANY_DOCUMENT_ADMINS,
    ),
    sample={
        "spaceid": "SPACEID",
        "fatherid": "FATHERID",
        "doc_type": 3,
        "doc_name": "DOC_NAME",
        "admin_users": ["USERID1", "USERID2", "USERID3"],
    },
)
def create_doc(call: Call, body: CreateRequest) -> CreateReply:
    """新建文档 / Create a document

    Creates a document that only the calling app can work on. A smart sheet has one sub-table from the start.
    A spaceid needs its fatherid. Keep the docid: no operation lists documents.
    """
    if body.doc_type not in DOC_TYPES:
        raise Refusal(
            ErrCode.INVALID_DOCUMENT_TYPE, detail=f"doc_type {body.doc_type} is not one of {DOC_TYPES}"
        )
    if body.spaceid and not body.fatherid:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="a spaceid needs a fatherid")
    admins = dict.fromkeys(
        the_member(call, userid, ErrCode.INVALID_DOCUMENT_USERID).userid for userid in body.admin_users or []
    )
    members = [{"type": 1, "userid": userid, "auth": ADMIN} for userid in admins]
    refuse_too_many_admins([], members)
    docid = call.new_id("dc")
    add_document(
        call,
        docid,
        body.doc_type,
        body.doc_name[:NAME_WIDTH],
        agentid=call.agentid,
        spaceid=body.spaceid or "",
        fatherid=body.fatherid or "",
        members=members,
    )
    if (content := content_of(body.doc_type)) is not None:
        content.create(call, docid)
    return {"url": url_of(docid, body.doc_type), "docid": docid}


def refuse_too_many_admins(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """Raises 640053 if more than three of the members are administrators, unless there were no fewer before.

    Members can make more of them in the client.
    """
    were, admins = (sum(member["auth"] == ADMIN for member in members) for members in (before, after))
    if admins > max(were, ADMINS_AT_MOST):
        raise Refusal(
            ErrCode.TOO_MANY_DOCUMENT_ADMINS,
            detail=f"a document has at most {ADMINS_AT_MOST} administrators, not {admins}",
        )


# --- 重命名文档 ------------------------------------------------------------------------------------------


class RenameRequest(RequestModel):
    docid: str | None = optional()
    formid: str | None = optional(doc="forms (收集表) are not simulated")
    new_name: str = required(doc=f"cut to {NAME_WIDTH} characters; a Chinese one counts as two")


@family.post(
    "/cgi-bin/wedoc/rename_doc",
    doc="97736",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(ErrCode.PARAMETERS_EMPTY, *DOC_ERRORS, ErrCode.NO_EDIT_RIGHT),
    sample={"docid": "DOCID", "formid": "FORMID", "new_name": "NEW_NAME"},
)
def rename_doc(call: Call, body: RenameRequest) -> Done:
    """重命名文档 / Rename a document

    The document of the follow-up records cannot be renamed.
    """
    document = the_document(call, body.docid)
    refuse_if_mirror(document)
    change_document(call, document.docid, doc_name=cut_to_width(body.new_name))
    return {}


def cut_to_width(name: str) -> str:
    """The longest beginning of the name that fits into NAME_WIDTH."""
    left = NAME_WIDTH
    for place, char in enumerate(name):
        left -= 1 if char.isascii() else 2
        if left < 0:
            return name[:place]
    return name


# --- 删除文档 --------------------------------------------------------------------------------------------


class DocumentOrForm(RequestModel):
    docid: str | None = optional()
    formid: str | None = optional(doc="forms (收集表) are not simulated")


@family.post(
    "/cgi-bin/wedoc/del_doc",
    doc="97735",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(*DOC_ERRORS, ErrCode.NO_EDIT_RIGHT),
    sample={"docid": "DOCID", "formid": "FORMID"},
)
def del_doc(call: Call, body: DocumentOrForm) -> Done:
    """删除文档 / Delete a document

    Deletes the document and its content for good. The document of the follow-up records cannot be deleted.
    """
    document = the_document(call, body.docid)
    refuse_if_mirror(document)
    content = content_of(document.doc_type)
    for table in (*(content.tables if content else ()), DOCUMENT):
        call.db.execute(
            sa.delete(table).where(table.c.corp_id == call.corp_id, table.c.docid == document.docid)
        )
    return {}


# --- 获取文档基础信息 ------------------------------------------------------------------------------------


class DocumentRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)


class BaseInfo(TypedDict):
    docid: str
    doc_name: str
    create_time: int
    modify_time: int
    doc_type: int


class BaseInfoReply(TypedDict):
    doc_base_info: BaseInfo


@family.post(
    "/cgi-bin/wedoc/get_doc_base_info",
    doc="97734",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=DOC_ERRORS,
    sample={"docid": "DOCID"},
)
def get_doc_base_info(call: Call, body: DocumentRequest) -> BaseInfoReply:
    """获取文档基础信息 / Get a document

    Times are unix seconds.
    """
    document = the_document(call, body.docid)
    return {
        "doc_base_info": {
            "docid": document.docid,
            "doc_name": document.doc_name,
            "create_time": document.create_time,
            "modify_time": document.modify_time,
            "doc_type": document.doc_type,
        }
    }


# --- 分享文档 --------------------------------------------------------------------------------------------


class ShareReply(TypedDict):
    share_url: str


@family.post(
    "/cgi-bin/wedoc/doc_share",
    doc="97733",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=DOC_ERRORS,
    sample={"docid": "DOCID", "formid": "FORMID"},
)
def doc_share(call: Call, body: DocumentOrForm) -> ShareReply:
    """分享文档 / Share a document

    The address to share. Nothing is served there.
    """
    document = the_document(call, body.docid)
    return {"share_url": f"{url_of(document.docid, document.doc_type)}?scode={document.docid[-8:]}"}
