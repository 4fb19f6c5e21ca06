"""What members and automations do with smart sheets in the client.

Edits raise smart_sheet_change, which goes to the app that made the document: only that app has authority over
it. The other acts raise nothing.
"""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.documents import AddRecord, DeleteRecord, UpdateRecord
from wecom_tollbooth.families.app_chats.membership import FEWEST, MOST
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.documents.acts import document_of
from wecom_tollbooth.families.documents.lookup import SMART_SHEET_TYPE
from wecom_tollbooth.families.smart_sheets.cell_input import add, update
from wecom_tollbooth.families.smart_sheets.engine.record_store import Person
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.engine.short_ids import new_short_id
from wecom_tollbooth.families.smart_sheets.engine.stores import store_of
from wecom_tollbooth.families.smart_sheets.engine.webhook_cells import open_to_webhooks, sample_row
from wecom_tollbooth.families.smart_sheets.lookup import note_change, open_sheet
from wecom_tollbooth.families.smart_sheets.tables import SHEET_GROUP
from wecom_tollbooth.families.smart_sheets.webhook import PATH
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
    document, sheet = _sheet_of(act, body.docid, body.sheet_id, to_write=True)
    if sheet.source:
        raise ActRefused(f"{body.docid} shows the records of {sheet.source}: edit them there")
    updated = list(dict.fromkeys(one.record_id for one in body.update))
    deleted = list(dict.fromkeys(body.delete))
    added = _edit(act, sheet, body, by)
    note_change(act, sheet.docid, sheet.sheet_id)
    for event, records in ((AddRecord, added), (UpdateRecord, updated), (DeleteRecord, deleted)):
        if records:
            raised = event(FromUserName=by.id, DocId=sheet.docid, SheetId=sheet.sheet_id, RecordId=records)
            emit(act, raised, agentid=document.agentid)
    return {"record_ids": added}


def _sheet_of(act: Act, docid: str, sheet_id: str, *, to_write: bool = False) -> tuple[Any, Sheet]:
    """The document and its sub-table; raises ActRefused for unknown ones."""
    document = document_of(act, docid)
    sheet = open_sheet(act, document, sheet_id, to_write=to_write)
    if document.doc_type != SMART_SHEET_TYPE or sheet is None:
        raise ActRefused(f"{docid} has no sub-table {sheet_id!r}")
    return document, sheet


def _edit(act: Act, sheet: Sheet, body: MemberEditsSmartSheet, by: Person) -> list[str]:
    """Adds, updates and deletes records; returns the ids of the new ones."""
    changes = [(one.record_id, one.values) for one in body.update]
    if not (body.add or changes or body.delete):
        raise ActRefused("nothing to edit: give add, update or delete")
    added_ids = []
    if body.add:
        added, sheet = add(act, sheet, body.add, False, by)
        added_ids = [record.record_id for record in added]
    if changes:
        sheet = update(act, sheet, changes, False, by)[1]
    if body.delete:
        store_of(act, sheet).delete(body.delete)
    return added_ids


# --- webhooks --------------------------------------------------------------------------------------------


class MemberOpensWebhook(ActModel):
    userid: str
    docid: str
    sheet_id: str
    name: str = Field(default="接收外部数据", min_length=1, max_length=64)
    trusted_ips: list[str] = Field(default_factory=list, max_length=100)


@act("member_opens_webhook")
def member_opens_webhook(act: Act, body: MemberOpensWebhook) -> dict[str, Any]:
    """成员开启接收外部数据 / A member opens a webhook on a sub-table: returns its key and a sample body."""
    member = the_member(act, body.userid)
    _, sheet = _sheet_of(act, body.docid, body.sheet_id)
    webhook_id = new_short_id(act, "wh")
    key = new_token(act.seed, act.corp_id, "webhook", act.next_id())
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
    """成员关闭接收外部数据 / A member closes a webhook: its key becomes unknown (840001)."""
    deleted = sa.delete(WEBHOOK_KEY).where(
        WEBHOOK_KEY.c.corp_id == act.corp_id, WEBHOOK_KEY.c.webhook_id == body.webhook_id
    )
    if not act.db.execute(deleted).rowcount:
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
    """智能表格自动化创建群聊 / The automation of a smart sheet creates a group chat of members."""
    document = document_of(act, body.docid)
    if document.doc_type != SMART_SHEET_TYPE:
        raise ActRefused(f"{body.docid} is not a smart sheet")
    members = list(dict.fromkeys(the_member(act, userid).userid for userid in body.userids))
    owner = the_member(act, body.owner).userid if body.owner else members[0]
    if owner not in members or len(members) < FEWEST:
        raise ActRefused(f"a group has at least {FEWEST} members, and its owner is one of them")
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
    """群主解散智能表格创建的群聊 / The owner dismisses such a group: its chat_id becomes unknown (86003)."""
    deleted = sa.delete(SHEET_GROUP).where(
        SHEET_GROUP.c.corp_id == act.corp_id, SHEET_GROUP.c.chat_id == body.chat_id
    )
    if not act.db.execute(deleted).rowcount:
        raise ActRefused(f"no smart sheet created a group {body.chat_id!r}")
    return {"chat_id": body.chat_id}
