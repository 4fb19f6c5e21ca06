"""智能表格内容权限: what members may do in each sub-table, by one rule for all and up to 20 rules for some.

Rules don't apply to apps, and only apps work on sheets here: rules are checked, stored and shown.
"""

from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.documents.lookup import change_document
from wecom_tollbooth.families.smart_sheets.engine.permission_rules import (
    FOR_ALL,
    FOR_SOME,
    FULL,
    SheetPriv,
    SheetPrivShape,
    refuse_wrong_priv,
    shown_priv,
    stored_priv,
)
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.lookup import open_sheet, refuse_taken, the_smart_sheet
from wecom_tollbooth.families.smart_sheets.sheets import SMART_SHEET_ERRORS, TITLE_CHARS, sheet_ids_of
from wecom_tollbooth.families.smart_sheets.tables import SHEET_RULE
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required, required_number

NAME_FOR_ALL = "全员权限"
RULES_AT_MOST, MEMBERS_AT_MOST = 20, 50


class RuleShape(TypedDict):
    rule_id: int
    type: int
    name: str
    priv_list: list[SheetPrivShape]


class RulesReply(TypedDict):
    rule_list: list[RuleShape]


def _of(call: Call, docid: str) -> sa.ColumnElement[bool]:
    return sa.and_(SHEET_RULE.c.corp_id == call.corp_id, SHEET_RULE.c.docid == docid)


def _rules_of(call: Call, docid: str) -> dict[int, Any]:
    """The rows by rule_id. The rule for all has a row only once it was changed."""
    query = sa.select(SHEET_RULE).where(_of(call, docid)).order_by(SHEET_RULE.c.rule_id)
    return {row.rule_id: row for row in call.db.execute(query)}


def _the_extra_rule(rules: dict[int, Any], rule_id: int) -> Any:
    row = rules.get(rule_id) if rule_id != FOR_ALL else None
    if row is None:
        raise Refusal(ErrCode.INVALID_PARAMETER, detail=f"there is no rule {rule_id} for some members")
    return row


def _add_row(call: Call, docid: str, rule_id: int, name: str, privs: dict[str, Any]) -> None:
    call.db.execute(
        sa.insert(SHEET_RULE).values(
            corp_id=call.corp_id, docid=docid, rule_id=rule_id, name=name, members=[], privs=privs
        )
    )


def _change(call: Call, docid: str, rule_id: int, **values: Any) -> None:
    call.db.execute(
        sa.update(SHEET_RULE).where(_of(call, docid), SHEET_RULE.c.rule_id == rule_id).values(**values)
    )


# --- 查询智能表格子表权限 --------------------------------------------------------------------------------


class GetPrivRequest(RequestModel):
    docid: str = required()
    type: int = required_number(ge=FOR_ALL, le=FOR_SOME, doc="1 the rule for all members, 2 rules for some")
    rule_id_list: list[int] | None = optional(doc="required with type 2")


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/get_sheet_priv",
    doc="99935",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=(*SMART_SHEET_ERRORS, ErrCode.INVALID_PARAMETER),
    sample={"docid": "DOCID", "type": 2, "rule_id_list": [2, 3]},
)
def get_sheet_priv(call: Call, body: GetPrivRequest) -> RulesReply:
    """查询智能表格子表权限

    The rule for all members, with every sub-table, or rules for some members, each with the sub-tables that
    it names. priv: 1 everything, 2 edit, 3 view, 4 nothing.
    """
    document = the_smart_sheet(call, body.docid)
    rules = _rules_of(call, document.docid)
    sheets = [open_sheet(call, document, sheet_id) for sheet_id in sheet_ids_of(call, document.docid)]
    present = [sheet for sheet in sheets if sheet is not None]
    if body.type == FOR_ALL:
        row = rules.get(FOR_ALL)
        given = row.privs if row else {}
        everywhere = {sheet.sheet_id: given.get(sheet.sheet_id, {"priv": FULL}) for sheet in present}
        return {"rule_list": [_shape(FOR_ALL, NAME_FOR_ALL, present, everywhere)]}
    if not body.rule_id_list:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="type 2 needs rule_id_list")
    asked = [_the_extra_rule(rules, rule_id) for rule_id in dict.fromkeys(body.rule_id_list)]
    return {"rule_list": [_shape(row.rule_id, row.name, present, row.privs) for row in asked]}


def _shape(rule_id: int, name: str, sheets: list[Sheet], privs: dict[str, Any]) -> RuleShape:
    return {
        "rule_id": rule_id,
        "type": FOR_ALL if rule_id == FOR_ALL else FOR_SOME,
        "name": name,
        "priv_list": [
            shown_priv(sheet, privs[sheet.sheet_id]) for sheet in sheets if sheet.sheet_id in privs
        ],
    }


# --- 更新智能表格子表权限 --------------------------------------------------------------------------------


class UpdatePrivRequest(RequestModel):
    docid: str = required()
    type: int = required_number(ge=FOR_ALL, le=FOR_SOME, doc="1 the rule for all members, 2 a rule for some")
    rule_id: int | None = optional(doc="required with type 2")
    name: str | None = optional(max_chars=TITLE_CHARS, doc="with type 2: a new name")
    priv_list: list[SheetPriv] | None = optional(doc="other sub-tables stay unchanged")


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/update_sheet_priv",
    doc="99935",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SMART_SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.SHEET_NOT_FOUND,
        ErrCode.FIELD_NOT_FOUND,
        ErrCode.INVALID_FIELD_TYPE,
        ErrCode.TITLE_DUPLICATE_OR_EMPTY,
    ),
    sample={
        "docid": "DOCID",
        "type": 2,
        "rule_id": 2,
        "name": "NAME",
        "priv_list": [
            {
                "sheet_id": "SHEETID",
                "priv": 1,
                "can_insert_record": True,
                "can_delete_record": True,
                "can_create_modify_delete_view": True,
                "field_priv": {
                    "field_range_type": 2,
                    "field_rule_list": [
                        {"field_id": "FIELDID1", "can_edit": True, "can_insert": True, "can_view": True},
                        {"field_id": "FIELDID2", "can_edit": False, "can_insert": True, "can_view": True},
                    ],
                },
                "record_priv": {
                    "record_range_type": 2,
                    "record_rule_list": [
                        {"field_id": "CREATED_USER", "oper_type": 1},
                        {
                            "field_id": "FIELDID2",
                            "oper_type": 2,
                            "field_type": "FIELD_TYPE_SELECT",
                            "value": ["OPTION1", "OPTION2", "OPTION3"],
                        },
                    ],
                },
                "clear": False,
            }
        ],
    },
)
def update_sheet_priv(call: Call, body: UpdatePrivRequest) -> Done:
    """更新智能表格子表权限

    Changes what a rule says of the given sub-tables, all or none. priv 2 and 3 need record_priv. The rule for
    all members needs field_default_rule, which other rules cannot have. Conditions are on fields of users or
    options.
    """
    document = the_smart_sheet(call, body.docid)
    change_document(call, document.docid)
    rules = _rules_of(call, document.docid)
    if body.type == FOR_SOME and not body.rule_id:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="type 2 needs rule_id")
    if body.type == FOR_ALL:
        rule_id, row, name = FOR_ALL, rules.get(FOR_ALL), NAME_FOR_ALL
    else:
        row = _the_extra_rule(rules, body.rule_id or 0)
        rule_id, name = row.rule_id, body.name or row.name
        refuse_taken("rule", name, [row.name for id_, row in rules.items() if id_ != rule_id])
    privs = dict(row.privs) if row else {}
    for given in body.priv_list or []:
        sheet = open_sheet(call, document, given.sheet_id)
        if sheet is None:
            raise Refusal(
                ErrCode.SHEET_NOT_FOUND, detail=f"{document.docid} has no sub-table {given.sheet_id!r}"
            )
        refuse_wrong_priv(sheet, given, body.type)
        if given.clear:
            privs.pop(given.sheet_id, None)
        else:
            privs[given.sheet_id] = stored_priv(sheet, given)
    if row is None:
        _add_row(call, document.docid, rule_id, name, privs)
    else:
        _change(call, document.docid, rule_id, name=name, privs=privs)
    return {}


# --- 新增智能表格指定成员额外权限 ------------------------------------------------------------------------


class CreateRuleRequest(RequestModel):
    docid: str = required()
    name: str = required(
        ErrCode.TITLE_DUPLICATE_OR_EMPTY, max_chars=TITLE_CHARS, doc="unique in the document"
    )


class CreateRuleReply(TypedDict):
    rule_id: int


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/create_rule",
    doc="99935",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SMART_SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.TITLE_DUPLICATE_OR_EMPTY,
        ErrCode.SHEET_CAP_REACHED,
    ),
    sample={"docid": "DOCID", "name": "NAME"},
)
def create_rule(call: Call, body: CreateRuleRequest) -> CreateRuleReply:
    """新增智能表格指定成员额外权限

    Adds a rule for some members, without members and sub-tables. A smart sheet has at most 20 such rules.
    """
    document = the_smart_sheet(call, body.docid)
    change_document(call, document.docid)  # locks its row, so that two calls cannot get the same rule_id
    rules = _rules_of(call, document.docid)
    if sum(rule_id != FOR_ALL for rule_id in rules) >= RULES_AT_MOST:
        raise Refusal(ErrCode.SHEET_CAP_REACHED, detail=f"a smart sheet has at most {RULES_AT_MOST} rules")
    refuse_taken("rule", body.name, [row.name for row in rules.values()])
    rule_id = max(rules, default=FOR_ALL) + 1
    _add_row(call, document.docid, rule_id, body.name, {})
    return {"rule_id": rule_id}


# --- 更新智能表格指定成员额外权限 ------------------------------------------------------------------------


class MemberRange(RequestModel):
    userid_list: list[str] | None = optional()


class RuleMemberRequest(RequestModel):
    docid: str = required()
    rule_id: int = required_number(doc="of a rule for some members")
    add_member_range: MemberRange | None = optional()
    del_member_range: MemberRange | None = optional()


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/mod_rule_member",
    doc="99935",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        *SMART_SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.SHEET_CAP_REACHED,
    ),
    sample={
        "docid": "DOCID",
        "rule_id": 3,
        "add_member_range": {"userid_list": ["userid1"]},
        "del_member_range": {"userid_list": ["userid2"]},
    },
)
def mod_rule_member(call: Call, body: RuleMemberRequest) -> Done:
    """更新智能表格指定成员额外权限

    Adds members to a rule for some members, and removes members. Removed userids that the rule doesn't have
    are ignored. A rule has at most 50 members.
    """
    document = the_smart_sheet(call, body.docid)
    change_document(call, document.docid)
    row = _the_extra_rule(_rules_of(call, document.docid), body.rule_id)
    members = {userid.lower(): userid for userid in row.members}
    for userid in (body.add_member_range and body.add_member_range.userid_list) or []:
        found = find_member(call, userid)
        if found is None:
            raise Refusal(ErrCode.INVALID_USERID, detail=f"{userid!r} is not a member of this corp")
        members[found[0].lower()] = found[0]
    for userid in (body.del_member_range and body.del_member_range.userid_list) or []:
        members.pop(userid.lower(), None)
    if len(members) > MEMBERS_AT_MOST:
        raise Refusal(ErrCode.SHEET_CAP_REACHED, detail=f"a rule has at most {MEMBERS_AT_MOST} members")
    _change(call, document.docid, row.rule_id, members=list(members.values()))
    return {}


# --- 删除智能表格指定成员额外权限 ------------------------------------------------------------------------


class DeleteRuleRequest(RequestModel):
    docid: str = required()
    rule_id_list: list[int] = required(doc="of rules for some members")


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/delete_rule",
    doc="99935",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(*SMART_SHEET_ERRORS, ErrCode.INVALID_PARAMETER),
    sample={"docid": "DOCID", "rule_id_list": [2]},
)
def delete_rule(call: Call, body: DeleteRuleRequest) -> Done:
    """删除智能表格指定成员额外权限

    Deletes all of the rules or none. The rule for all members cannot be deleted.
    """
    document = the_smart_sheet(call, body.docid)
    change_document(call, document.docid)
    rules = _rules_of(call, document.docid)
    deleted = [_the_extra_rule(rules, rule_id).rule_id for rule_id in body.rule_id_list]
    call.db.execute(sa.delete(SHEET_RULE).where(_of(call, document.docid), SHEET_RULE.c.rule_id.in_(deleted)))
    return {}
