"""What members and automations do with documents in the client.

Edits and shares raise smart_sheet_change and doc_change, which go to the app that made the document: it alone
has authority over it. The rest raises nothing.
"""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.documents import AddRecord, DeleteRecord, DocMemberChange, UpdateRecord
from wecom_tollbooth.families.documents.document_permissions import AUTHS, members_after
from wecom_tollbooth.families.documents.lookup import SMART_SHEET_TYPE, change_document, find_document
from wecom_tollbooth.families.relations.acting_members import the_member
from wecom_tollbooth.families.smart_sheets.cell_input import add, update
from wecom_tollbooth.families.smart_sheets.engine.record_store import Person
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.engine.short_ids import new_short_id
from wecom_tollbooth.families.smart_sheets.engine.stores import store_of
from wecom_tollbooth.families.smart_sheets.engine.webhook_cells import open_to_webhooks, sample_row
from wecom_tollbooth.families.smart_sheets.group_chats import FEWEST, MOST
from wecom_tollbooth.families.smart_sheets.lookup import note_change, open_sheet
from wecom_tollbooth.families.smart_sheets.tables import SHEET_GROUP
from wecom_tollbooth.families.smart_sheets.webhook import PATH
from wecom_tollbooth.gateway.errcodes import Refusal
from wecom_tollbooth.gateway.steps.tokens import new_token
from wecom_tollbooth.gateway.tables import WEBHOOK_KEY
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class RowChange(ActModel):
    record_id: str
    values: dict[str, Any]


class MemberEditsSmartSheet(ActModel):
    """Cells are by field title, as in add_records."""

    userid: str
    docid: str
    sheet_id: str
    add: list[dict[str, Any]] = Field(default_factory=list, max_length=1000)
    update: list[RowChange] = Field(default_factory=list, max_length=1000)
    delete: list[str] = Field(default_factory=list, max_length=1000)


@act("member_edits_smart_sheet")
def member_edits_smart_sheet(act: Act, body: MemberEditsSmartSheet) -> dict[str, Any]:
    """成员编辑智能表格 / A member adds, changes and deletes records: smart_sheet_change."""
    by = Person(the_member(act, body.userid).userid)
    document = _the_document(act, body.docid)
    sheet = open_sheet(act, document, body.sheet_id, to_write=True)
    if document.doc_type != SMART_SHEET_TYPE or sheet is None:
        raise ActRefused(f"{body.docid} has no sub-table {body.sheet_id!r}")
    if sheet.source:
        raise ActRefused(f"{body.docid} shows the records of {sheet.source}, which members edit there")
    changed_ids = list(dict.fromkeys(one.record_id for one in body.update))
    gone = list(dict.fromkeys(body.delete))
    try:
        made = _edit(act, sheet, body, by)
    except Refusal as refusal:
        raise ActRefused(f"{refusal.errmsg}: {refusal.detail}") from None
    note_change(act, sheet.docid, sheet.sheet_id)
    for event, records in ((AddRecord, made), (UpdateRecord, changed_ids), (DeleteRecord, gone)):
        if records:
            raised = event(FromUserName=by.id, DocId=sheet.docid, SheetId=sheet.sheet_id, RecordId=records)
            emit(act, raised, agentid=document.agentid)
    return {"record_ids": made}


def _edit(act: Act, sheet: Sheet, body: MemberEditsSmartSheet, by: Person) -> list[str]:
    """Does it; the ids of new records."""
    changes = [(one.record_id, one.values) for one in body.update]
    if not (body.add or changes or body.delete):
        raise ActRefused("nothing is edited: give add, update or delete")
    made = []
    if body.add:
        added, sheet = add(act, sheet, body.add, False, by)
        made = [record.record_id for record in added]
    if changes:
        sheet = update(act, sheet, changes, False, by)[1]
    if body.delete:
        store_of(act, sheet).delete(body.delete)
    return made


class DocumentMember(ActModel):
    userid: str
    auth: int = AUTHS[0]


class MemberSharesDocument(ActModel):
    docid: str
    userid: str | None = None
    add: list[DocumentMember] = Field(default_factory=list, max_length=100)
    remove: list[str] = Field(default_factory=list, max_length=100)


@act("member_shares_document")
def member_shares_document(act: Act, body: MemberSharesDocument) -> dict[str, Any]:
    """成员修改文档成员 / A member lets others into a document, or out of it: doc_change."""
    document = _the_document(act, body.docid, to_write=True)
    sender = the_member(act, body.userid).userid if body.userid else "sys"
    put = []
    for one in body.add:
        if one.auth not in AUTHS:
            raise ActRefused(f"auth {one.auth} is none of {AUTHS}")
        put.append({"type": 1, "userid": the_member(act, one.userid).userid, "auth": one.auth})
    gone = [{"type": 1, "userid": userid} for userid in body.remove]
    change_document(act, document.docid, members=members_after(document.members, put, gone))
    emit(act, DocMemberChange(FromUserName=sender, DocId=document.docid), agentid=document.agentid)
    return {"docid": document.docid}


def _the_document(act: Act, docid: str, *, to_write: bool = False) -> Any:
    document = find_document(act, docid, to_write=to_write)
    if document is None:
        raise ActRefused(f"there is no document {docid!r} in this corp")
    return document


# --- webhooks --------------------------------------------------------------------------------------------


class MemberOpensWebhook(ActModel):
    userid: str
    docid: str
    sheet_id: str
    name: str = Field(default="接收外部数据", min_length=1, max_length=64)
    trusted_ips: list[str] = Field(default_factory=list, max_length=100)


@act("member_opens_webhook")
def member_opens_webhook(act: Act, body: MemberOpensWebhook) -> dict[str, Any]:
    """成员开启接收外部数据 / A member gives a sub-table a webhook: its key, and a sample of what it takes."""
    member = the_member(act, body.userid)
    document = _the_document(act, body.docid)
    sheet = open_sheet(act, document, body.sheet_id)
    if document.doc_type != SMART_SHEET_TYPE or sheet is None:
        raise ActRefused(f"{body.docid} has no sub-table {body.sheet_id!r}")
    webhook_id = new_short_id(act, "wh")
    key = new_token(act.settings.seed, act.corp_id, "webhook", act.next_id())
    act.db.execute(
        sa.insert(WEBHOOK_KEY).values(
            corp_id=act.corp_id,
            key=key,
            webhook_id=webhook_id,
            docid=sheet.docid,
            sheet_id=sheet.sheet_id,
            name=body.name,
            userid=member.userid,
            trusted_ips=body.trusted_ips,
            created_at=act.now,
        )
    )
    return {
        "webhook_id": webhook_id,
        "key": key,
        "path": f"{PATH}?key={key}",
        "sample": {
            "schema": {one.field_id: one.title for one in sheet.columns if open_to_webhooks(one)},
            "add_records": [{"values": sample_row(sheet.columns, member.userid)}],
        },
    }


class MemberClosesWebhook(ActModel):
    webhook_id: str


@act("member_closes_webhook")
def member_closes_webhook(act: Act, body: MemberClosesWebhook) -> dict[str, Any]:
    """成员关闭接收外部数据 / A member removes a webhook: its key is unknown from then on (840001)."""
    gone = sa.delete(WEBHOOK_KEY).where(
        WEBHOOK_KEY.c.corp_id == act.corp_id, WEBHOOK_KEY.c.webhook_id == body.webhook_id
    )
    if not act.db.execute(gone).rowcount:
        raise ActRefused(f"there is no webhook {body.webhook_id!r} in this corp")
    return {"webhook_id": body.webhook_id}


# --- group chats -----------------------------------------------------------------------------------------


class SmartSheetCreatesGroup(ActModel):
    docid: str
    userids: list[str] = Field(min_length=FEWEST, max_length=MOST)
    owner: str | None = None
    name: str | None = Field(default=None, min_length=1, max_length=50)


@act("smart_sheet_creates_group")
def smart_sheet_creates_group(act: Act, body: SmartSheetCreatesGroup) -> dict[str, Any]:
    """智能表格自动化创建群聊 / A smart sheet's automation makes a group chat of members."""
    document = _the_document(act, body.docid)
    if document.doc_type != SMART_SHEET_TYPE:
        raise ActRefused(f"{body.docid} is no smart sheet")
    members = list(dict.fromkeys(the_member(act, userid).userid for userid in body.userids))
    owner = the_member(act, body.owner).userid if body.owner else members[0]
    if owner not in members or len(members) < FEWEST:
        raise ActRefused(f"a group has {FEWEST} members or more, and its owner is one of them")
    chat_id = act.new_id("wr")
    act.db.execute(
        sa.insert(SHEET_GROUP).values(
            corp_id=act.corp_id,
            chat_id=chat_id,
            docid=document.docid,
            seq=act.next_id(),
            name=body.name or document.doc_name[:50],
            owner=owner,
            members=members,
        )
    )
    return {"chat_id": chat_id}


class DismissSmartSheetGroup(ActModel):
    chat_id: str


@act("dismiss_smart_sheet_group")
def dismiss_smart_sheet_group(act: Act, body: DismissSmartSheetGroup) -> dict[str, Any]:
    """群主解散智能表格创建的群聊 / The owner dissolves such a group: it is found no more (86003)."""
    gone = sa.delete(SHEET_GROUP).where(
        SHEET_GROUP.c.corp_id == act.corp_id, SHEET_GROUP.c.chat_id == body.chat_id
    )
    if not act.db.execute(gone).rowcount:
        raise ActRefused(f"no smart sheet made a group {body.chat_id!r}")
    return {"chat_id": body.chat_id}
