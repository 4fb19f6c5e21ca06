"""智能表格编组: groups of fields, each under one heading."""

from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet, of_sheet
from wecom_tollbooth.families.smart_sheets.engine.short_ids import new_short_id
from wecom_tollbooth.families.smart_sheets.lookup import note_change, page_of, refuse_taken, the_sheet
from wecom_tollbooth.families.smart_sheets.sheets import SHEET_ERRORS, TITLE_CHARS, SheetRequest
from wecom_tollbooth.families.smart_sheets.tables import FIELD_GROUP
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required

GROUPS_OF_A_SHEET = FIELDS_OF_A_GROUP = 150


class Child(RequestModel):
    field_id: str = required(ErrCode.FIELD_NOT_FOUND)


class ChildShape(TypedDict):
    field_id: str


class GroupShape(TypedDict):
    field_group_id: str
    name: str
    children: list[ChildShape]


class GroupReply(TypedDict):
    field_group: GroupShape


def _shape(sheet: Sheet, group_id: str, name: str, field_ids: list[str]) -> GroupShape:
    """The group without deleted fields: those of another family's records are deleted without notice."""
    there = {column.field_id for column in sheet.columns}
    return {
        "field_group_id": group_id,
        "name": name,
        "children": [{"field_id": field_id} for field_id in field_ids if field_id in there],
    }


def _of(call: Call, sheet: Sheet) -> sa.ColumnElement[bool]:
    return of_sheet(FIELD_GROUP, call, sheet.docid, sheet.sheet_id)


def _groups_of(call: Call, sheet: Sheet) -> list[Any]:
    return list(
        call.db.execute(sa.select(FIELD_GROUP).where(_of(call, sheet)).order_by(FIELD_GROUP.c.position))
    )


def _the_group(groups: list[Any], group_id: str) -> Any:
    found = next((group for group in groups if group.field_group_id == group_id), None)
    if found is None:
        raise Refusal(ErrCode.INVALID_PARAMETER, detail=f"there is no field group {group_id!r}")
    return found


def _field_ids(sheet: Sheet, children: list[Child], others: list[Any]) -> list[str]:
    """The new fields of a group. Raises 40058 for a field that is in another group."""
    field_ids = list(dict.fromkeys(child.field_id for child in children))
    if len(field_ids) > FIELDS_OF_A_GROUP:
        raise Refusal(ErrCode.SHEET_CAP_REACHED, detail=f"a group has at most {FIELDS_OF_A_GROUP} fields")
    grouped = {field_id for group in others for field_id in group.field_ids}
    for field_id in field_ids:
        if sheet.column(field_id) is None:
            raise Refusal(ErrCode.FIELD_NOT_FOUND, detail=f"there is no field {field_id!r}")
        if field_id in grouped:
            raise Refusal(ErrCode.INVALID_PARAMETER, detail=f"{field_id} is already in another group")
    return field_ids


# --- 获取编组 --------------------------------------------------------------------------------------------


class GetGroupsRequest(SheetRequest):
    offset: int | None = optional()
    limit: int | None = optional(doc="default and at most 1000")


class GetGroupsReply(TypedDict):
    total: int
    has_more: bool
    next: NotRequired[int]
    field_groups: list[GroupShape]


@family.post(
    "/cgi-bin/wedoc/smartsheet/get_field_groups",
    doc="101103",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=(*SHEET_ERRORS, ErrCode.OFFSET_ABOVE_TOTAL),
    sample={"docid": "DOCID", "sheet_id": "SHEETID", "offset": 0, "limit": 10},
)
def get_field_groups(call: Call, body: GetGroupsRequest) -> GetGroupsReply:
    """获取编组 / List field groups

    The groups in order with their fields.
    """
    sheet = the_sheet(call, body.docid, body.sheet_id)
    groups = _groups_of(call, sheet)
    start, count, more = page_of(body.offset, body.limit, len(groups))
    return {
        "total": len(groups),
        "has_more": more,
        "next": start + count if more else 0,
        "field_groups": [
            _shape(sheet, group.field_group_id, group.name, group.field_ids)
            for group in groups[start : start + count]
        ],
    }


# --- 添加编组 --------------------------------------------------------------------------------------------


class AddGroupRequest(SheetRequest):
    name: str = required(ErrCode.TITLE_DUPLICATE_OR_EMPTY, max_chars=TITLE_CHARS)
    children: list[Child] | None = optional(doc="fields that are in no other group")


@family.post(
    "/cgi-bin/wedoc/smartsheet/add_field_group",
    doc="101100",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.FIELD_NOT_FOUND,
        ErrCode.SHEET_CAP_REACHED,
        ErrCode.TITLE_DUPLICATE_OR_EMPTY,
    ),
    sample={
        "docid": "DOCID",
        "sheet_id": "SHEETID",
        "name": "编组名称",
        "children": [{"field_id": "field_id"}, {"field_id": "field_id"}],
    },
)
def add_field_group(call: Call, body: AddGroupRequest) -> GroupReply:
    """添加编组 / Add a field group

    Adds a group with a name of its own. A sub-table has at most 150 groups, and a group at most 150 fields.
    """
    sheet = the_sheet(call, body.docid, body.sheet_id, to_write=True)
    groups = _groups_of(call, sheet)
    if len(groups) >= GROUPS_OF_A_SHEET:
        raise Refusal(ErrCode.SHEET_CAP_REACHED, detail=f"a sub-table has at most {GROUPS_OF_A_SHEET} groups")
    refuse_taken("field group", body.name, [group.name for group in groups])
    field_ids = _field_ids(sheet, body.children or [], groups)
    group_id = new_short_id(call, "fg")
    call.db.execute(
        sa.insert(FIELD_GROUP).values(
            corp_id=call.corp_id,
            docid=sheet.docid,
            sheet_id=sheet.sheet_id,
            field_group_id=group_id,
            name=body.name,
            field_ids=field_ids,
            position=groups[-1].position + 1 if groups else 0,
        )
    )
    note_change(call, sheet.docid)
    return {"field_group": _shape(sheet, group_id, body.name, field_ids)}


# --- 更新编组 --------------------------------------------------------------------------------------------


class UpdateGroupRequest(SheetRequest):
    field_group_id: str = required()
    name: str | None = optional(max_chars=TITLE_CHARS)
    children: list[Child] | None = optional(
        doc="all fields of the group; fields that are not listed leave it"
    )


@family.post(
    "/cgi-bin/wedoc/smartsheet/update_field_group",
    doc="101101",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.FIELD_NOT_FOUND,
        ErrCode.SHEET_CAP_REACHED,
        ErrCode.TITLE_DUPLICATE_OR_EMPTY,
    ),
    sample={
        "docid": "DOCID",
        "sheet_id": "SHEETID",
        "field_group_id": "FIELD_GROUP_ID",
        "name": "编组名称",
        "children": [{"field_id": "FIELD_ID"}, {"field_id": "FIELD_ID"}],
    },
)
def update_field_group(call: Call, body: UpdateGroupRequest) -> GroupReply:
    """更新编组 / Change a field group

    Changes the name, the fields, or both. What is absent stays unchanged.
    """
    sheet = the_sheet(call, body.docid, body.sheet_id, to_write=True)
    groups = _groups_of(call, sheet)
    group = _the_group(groups, body.field_group_id)
    others = [other for other in groups if other is not group]
    name = body.name or group.name
    refuse_taken("field group", name, [other.name for other in others])
    field_ids = group.field_ids
    if body.children is not None:
        field_ids = _field_ids(sheet, body.children, others)
    call.db.execute(
        sa.update(FIELD_GROUP)
        .where(_of(call, sheet), FIELD_GROUP.c.field_group_id == group.field_group_id)
        .values(name=name, field_ids=field_ids)
    )
    note_change(call, sheet.docid)
    return {"field_group": _shape(sheet, group.field_group_id, name, field_ids)}


# --- 删除编组 --------------------------------------------------------------------------------------------


class DeleteGroupsRequest(SheetRequest):
    field_group_ids: list[str] = required()


@family.post(
    "/cgi-bin/wedoc/smartsheet/delete_field_groups",
    doc="101102",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(*SHEET_ERRORS, ErrCode.INVALID_PARAMETER),
    sample={"docid": "DOCID", "sheet_id": "123Abc", "field_group_ids": ["fgCLYCF", "fgCLYCM"]},
)
def delete_field_groups(call: Call, body: DeleteGroupsRequest) -> Done:
    """删除编组 / Delete field groups

    Deletes all of the groups or none. Their fields stay.
    """
    sheet = the_sheet(call, body.docid, body.sheet_id, to_write=True)
    groups = _groups_of(call, sheet)
    deleted = {_the_group(groups, group_id).field_group_id for group_id in set(body.field_group_ids)}
    call.db.execute(sa.delete(FIELD_GROUP).where(_of(call, sheet), FIELD_GROUP.c.field_group_id.in_(deleted)))
    note_change(call, sheet.docid)
    return {}
