"""smart_sheet_change (page 101019), doc_change (page 97316): members work on documents of an app."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Doc, Event, Repeated, constant
from wecom_tollbooth.callbacks.events.receiver_rules import THE_APP_THAT_MADE_THE_DOCUMENT

DocIdValue = Annotated[str, Doc("the document", "文档 ID")]
SheetIdValue = Annotated[str, Doc("the sub-table", "子表 ID")]
RecordIds = Annotated[Repeated, Doc("the records, one element each", "记录 ID，每条记录一个元素")]
Sender = Annotated[str, Doc("the member who did it", "操作成员 userid")]
SenderOrSys = Annotated[str, Doc("the member who did it, or sys", "操作成员 userid，未指明时为 sys")]

NO_FORMS = {"FormId": Doc("forms are not simulated", "收集表未模拟")}


class SmartSheetEvent(Event):
    """智能表格记录变更 / Records of smart sheets."""

    event = "smart_sheet_change"
    page = "101019"
    checked = "2026-08"
    receivers = THE_APP_THAT_MADE_THE_DOCUMENT


class AddRecord(SmartSheetEvent):
    """新增记录 / A member adds records to a smart sheet."""

    FromUserName: Sender
    ChangeType: str = constant("add_record")
    DocId: DocIdValue
    SheetId: SheetIdValue
    RecordId: RecordIds


class UpdateRecord(SmartSheetEvent):
    """更新记录 / A member changes records of a smart sheet."""

    FromUserName: Sender
    ChangeType: str = constant("update_record")
    DocId: DocIdValue
    SheetId: SheetIdValue
    RecordId: RecordIds


class DeleteRecord(SmartSheetEvent):
    """删除记录 / A member deletes records of a smart sheet."""

    FromUserName: Sender
    ChangeType: str = constant("delete_record")
    DocId: DocIdValue
    SheetId: SheetIdValue
    RecordId: RecordIds


class DocumentEvent(Event):
    """文档变更 / Documents."""

    event = "doc_change"
    page = "97316"
    checked = "2026-08"
    receivers = THE_APP_THAT_MADE_THE_DOCUMENT


class DocMemberChange(DocumentEvent):
    """修改文档成员 / Somebody changes who may read or edit a document."""

    FromUserName: SenderOrSys
    ChangeType: str = constant("doc_member_change")
    DocId: DocIdValue
    not_sent = NO_FORMS
