"""智能表格内容权限: what members may do in each sub-table, by one rule for all and up to 20 rules for some.

Rules don't apply to apps, and only apps work on sheets here: rules are checked, stored and shown.
"""

from typing import Any

from typing_extensions import TypedDict

from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.documents.lookup import change_document
from wecom_tollbooth.families.smart_sheets.content_rules import (
    NAME_CHARS,
    NAME_FOR_ALL,
    add_rule_row,
    change_rule,
    refuse_wrong_name,
    rules_of,
    the_extra_rule,
)
from wecom_tollbooth.families.smart_sheets.engine.permission_rules import (
    FOR_ALL,
    FOR_SOME,
    FULL,
    SheetPriv,
    SheetPrivShape,
    shown_priv,
    stored_priv,
)
from wecom_tollbooth.families.smart_sheets.engine.rights_checks import (
    RIGHTS_ERRORS,
    Pages,
    refuse_wrong_privs,
)
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.families.smart_sheets.lookup import open_sheet, the_smart_sheet
from wecom_tollbooth.families.smart_sheets.sheets import SMART_SHEET_ERRORS, sheet_ids_of
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required, required_number


class RuleShape(TypedDict):
    rule_id: int
    type: int
    name: str
    priv_list: list[SheetPrivShape]


class RulesReply(TypedDict):
    rule_list: list[RuleShape]


# --- 查询智能表格子表权限 --------------------------------------------------------------------------------


class GetPrivRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)
    type: int = required_number(ge=FOR_ALL, le=FOR_SOME, doc="1 the rule for all members, 2 rules for some")
    rule_id_list: list[int] | None = optional(doc="required with type 2")


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/get_sheet_priv",
    doc="99935",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=(ErrCode.PARAMETERS_EMPTY, *SMART_SHEET_ERRORS, ErrCode.INVALID_PARAMETER, ErrCode.RULE_NOT_FOUND),
    sample={"docid": "DOCID", "type": 2, "rule_id_list": [2, 3]},
)
def get_sheet_priv(call: Call, body: GetPrivRequest) -> RulesReply:
    """查询智能表格子表权限 / Get the rights on a sub-table

    The rule for all members, with every sub-table, or rules for some members, each with the sub-tables that
    it names. priv: 1 everything, 2 edit, 3 view, 4 nothing.
    """
    document = the_smart_sheet(call, body.docid)
    rules = rules_of(call, document.docid)
    sheets = [open_sheet(call, document, sheet_id) for sheet_id in sheet_ids_of(call, document.docid)]
    present = [sheet for sheet in sheets if sheet is not None]
    if body.type == FOR_ALL:
        row = rules.get(FOR_ALL)
        given = row.privs if row else {}
        everywhere = {sheet.sheet_id: given.get(sheet.sheet_id, {"priv": FULL}) for sheet in present}
        return {"rule_list": [_shape(FOR_ALL, NAME_FOR_ALL, present, everywhere)]}
    if not body.rule_id_list:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="type 2 needs rule_id_list")
    asked = [the_extra_rule(rules, rule_id) for rule_id in dict.fromkeys(body.rule_id_list)]
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
    docid: str = required(ErrCode.INVALID_DOCID)
    type: int = required_number(ge=FOR_ALL, le=FOR_SOME, doc="1 the rule for all members, 2 a rule for some")
    rule_id: int | None = optional(doc="required with type 2")
    name: str | None = optional(doc=f"with type 2: a new name, at most {NAME_CHARS} characters")
    priv_list: list[SheetPriv] | None = optional(doc="other sub-tables stay unchanged")


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/update_sheet_priv",
    doc="99935",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        *SMART_SHEET_ERRORS,
        ErrCode.INVALID_PARAMETER,
        ErrCode.RULE_NOT_FOUND,
        ErrCode.RULE_FOR_ALL_NAMED,
        ErrCode.RULE_NAME_TAKEN,
        ErrCode.RULE_NAME_TOO_LONG,
        *RIGHTS_ERRORS,
    ),
    # The sample of the page, without what the error list refuses: priv 1, a condition on a text field.
    sample={
        "docid": "DOCID",
        "type": 2,
        "rule_id": 2,
        "name": "NAME",
        "priv_list": [
            {
                "sheet_id": "SHEETID",
                "priv": 2,
                "can_insert_record": True,
                "can_delete_record": True,
                "can_create_modify_delete_view": True,
                "field_priv": {
                    "field_range_type": 2,
                    "field_rule_list": [
                        {
                            "field_id": "FIELDID1",
                            "field_type": "FIELD_TYPE_TEXT",
                            "can_edit": True,
                            "can_insert": True,
                            "can_view": True,
                        },
                        {
                            "field_id": "FIELDID2",
                            "field_type": "FIELD_TYPE_SELECT",
                            "can_edit": False,
                            "can_insert": True,
                            "can_view": True,
                        },
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
                    "other_priv": 1,
                },
                "clear": False,
            }
        ],
    },
)
def update_sheet_priv(call: Call, body: UpdatePrivRequest) -> Done:
    """更新智能表格子表权限 / Change the rights on a sub-table

    Changes what a rule says of the given sub-tables, all or none. priv 1 and 4 take no rights; priv 2 needs
    field_priv, record_priv and the can_*, priv 3 field_priv and record_priv. The rule for all members needs
    field_default_rule beside field_rule_list, other rules cannot have it. Conditions are on fields of users
    or options. Where two pages of WeCom contradict each other, the settings sheet_rights and
    sheet_default_rule decide.
    """
    document = the_smart_sheet(call, body.docid)
    change_document(call, document.docid)
    rules = rules_of(call, document.docid)
    if body.type == FOR_SOME and not body.rule_id:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="type 2 needs rule_id")
    if body.type == FOR_ALL:
        rule_id, row, name = FOR_ALL, rules.get(FOR_ALL), NAME_FOR_ALL
        if body.name:
            raise Refusal(ErrCode.RULE_FOR_ALL_NAMED, detail="the rule for all members has a fixed name")
    else:
        row = the_extra_rule(rules, body.rule_id or 0)
        rule_id, name = row.rule_id, body.name or row.name
        if body.name:
            refuse_wrong_name(name, [row.name for id_, row in rules.items() if id_ != rule_id])
    privs = dict(row.privs) if row else {}
    given = refuse_wrong_privs(
        body.priv_list or [],
        body.type,
        lambda sheet_id: open_sheet(call, document, sheet_id),
        Pages(
            is_strict=call.settings.sheet_rights == "90313",
            default_rule_for=FOR_ALL if call.settings.sheet_default_rule == "for_all" else FOR_SOME,
        ),
    )
    for sheet, priv in given:
        if priv.clear:
            privs.pop(sheet.sheet_id, None)
        else:
            privs[sheet.sheet_id] = stored_priv(sheet, priv)
    if row is None:
        add_rule_row(call, document.docid, rule_id, name, privs)
    else:
        change_rule(call, document.docid, rule_id, name=name, privs=privs)
    return {}
