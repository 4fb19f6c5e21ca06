"""智能表格额外权限: the rules for some members of a smart sheet, which it has up to 20 of."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.documents.lookup import change_document
from wecom_tollbooth.families.smart_sheets.engine.permission_rules import FOR_ALL
from wecom_tollbooth.families.smart_sheets.lookup import the_smart_sheet
from wecom_tollbooth.families.smart_sheets.sheets import SMART_SHEET_ERRORS
from wecom_tollbooth.families.smart_sheets.tables import SHEET_RULE
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required, required_number

NAME_FOR_ALL = "全员权限"
NAME_CHARS = 20
RULES_AT_MOST = 20


def _of(call: Call, docid: str) -> sa.ColumnElement[bool]:
    return sa.and_(SHEET_RULE.c.corp_id == call.corp_id, SHEET_RULE.c.docid == docid)


def rules_of(call: Call, docid: str) -> dict[int, Any]:
    """The rows by rule_id. The rule for all has a row only once it was changed."""
    query = sa.select(SHEET_RULE).where(_of(call, docid)).order_by(SHEET_RULE.c.rule_id)
    return {row.rule_id: row for row in call.db.execute(query)}


def the_extra_rule(rules: dict[int, Any], rule_id: int) -> Any:
    row = rules.get(rule_id) if rule_id != FOR_ALL else None
    if row is None:
        raise Refusal(ErrCode.RULE_NOT_FOUND, detail=f"there is no rule {rule_id} for some members")
    return row


def refuse_wrong_name(name: str, others: Iterable[str]) -> None:
    if name == NAME_FOR_ALL or name in others:
        raise Refusal(
            ErrCode.RULE_NAME_TAKEN, detail=f"there is already a rule {name!r}, or the name is reserved"
        )
    if len(name) > NAME_CHARS:
        raise Refusal(
            ErrCode.RULE_NAME_TOO_LONG, detail=f"the name has {len(name)} characters, more than {NAME_CHARS}"
        )


def add_rule_row(call: Call, docid: str, rule_id: int, name: str, privs: dict[str, Any]) -> None:
    call.db.execute(
        sa.insert(SHEET_RULE).values(
            corp_id=call.corp_id, docid=docid, rule_id=rule_id, name=name, members=[], privs=privs
        )
    )


def change_rule(call: Call, docid: str, rule_id: int, **values: Any) -> None:
    call.db.execute(
        sa.update(SHEET_RULE).where(_of(call, docid), SHEET_RULE.c.rule_id == rule_id).values(**values)
    )


# --- 新增智能表格指定成员额外权限 ------------------------------------------------------------------------


class CreateRuleRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)
    name: str = required(doc=f"unique in the document, at most {NAME_CHARS} characters")


class CreateRuleReply(TypedDict):
    rule_id: int


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/create_rule",
    doc="99935",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        *SMART_SHEET_ERRORS,
        ErrCode.RULE_NAME_TAKEN,
        ErrCode.RULE_NAME_TOO_LONG,
        ErrCode.TOO_MANY_RULES,
    ),
    sample={"docid": "DOCID", "name": "NAME"},
)
def create_rule(call: Call, body: CreateRuleRequest) -> CreateRuleReply:
    """新增智能表格指定成员额外权限 / Add a rule of extra rights

    Adds a rule for some members, without members and sub-tables. A smart sheet has at most 20 such rules.
    """
    document = the_smart_sheet(call, body.docid)
    change_document(call, document.docid)  # locks its row, so that two calls cannot get the same rule_id
    rules = rules_of(call, document.docid)
    refuse_wrong_name(body.name, [row.name for row in rules.values()])
    if sum(rule_id != FOR_ALL for rule_id in rules) >= RULES_AT_MOST:
        raise Refusal(ErrCode.TOO_MANY_RULES, detail=f"a smart sheet has at most {RULES_AT_MOST} rules")
    rule_id = max(rules, default=FOR_ALL) + 1
    add_rule_row(call, document.docid, rule_id, body.name, {})
    return {"rule_id": rule_id}


# --- 更新智能表格指定成员额外权限 ------------------------------------------------------------------------


class MemberRange(RequestModel):
    userid_list: list[str] | None = optional()


class RuleMemberRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)
    rule_id: int = required_number(doc="of a rule for some members")
    add_member_range: MemberRange | None = optional()
    del_member_range: MemberRange | None = optional()


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/mod_rule_member",
    doc="99935",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        *SMART_SHEET_ERRORS,
        ErrCode.RULE_NOT_FOUND,
        ErrCode.RULE_MEMBER_REPEATED,
        ErrCode.INVALID_USERID,
        ErrCode.NO_MEMBER_OF_RULE,
        ErrCode.TOO_MANY_RULE_MEMBERS,
    ),
    sample={
        "docid": "DOCID",
        "rule_id": 3,
        "add_member_range": {"userid_list": ["userid1"]},
        "del_member_range": {"userid_list": ["userid2"]},
    },
)
def mod_rule_member(call: Call, body: RuleMemberRequest) -> Done:
    """更新智能表格指定成员额外权限 / Change the members of a rule

    Adds members to a rule for some members, and removes members that it has. A userid may be in each list
    once. The setting sheet_rule_members_cap limits the members of a rule.
    """
    document = the_smart_sheet(call, body.docid)
    change_document(call, document.docid)
    row = the_extra_rule(rules_of(call, document.docid), body.rule_id)
    added, removed = (_userids(given) for given in (body.add_member_range, body.del_member_range))
    before = {userid.lower(): userid for userid in row.members}
    members = dict(before)
    for userid in added:
        found = find_member(call, userid)
        if found is None:
            raise Refusal(ErrCode.INVALID_USERID, detail=f"{userid!r} is not a member of this corp")
        members[found[0].lower()] = found[0]
    for userid in removed:
        if userid.lower() not in before:
            raise Refusal(ErrCode.NO_MEMBER_OF_RULE, detail=f"{userid!r} is not in rule {row.rule_id}")
        del members[userid.lower()]
    most = call.settings.sheet_rule_members_cap
    if len(members) > most:
        raise Refusal(ErrCode.TOO_MANY_RULE_MEMBERS, detail=f"a rule has at most {most} members")
    change_rule(call, document.docid, row.rule_id, members=list(members.values()))
    return {}


def _userids(given: MemberRange | None) -> list[str]:
    userids = (given.userid_list if given else None) or []
    if len({userid.lower() for userid in userids}) < len(userids):
        raise Refusal(ErrCode.RULE_MEMBER_REPEATED, detail=f"a userid is twice in {userids}"[:200])
    return userids


# --- 删除智能表格指定成员额外权限 ------------------------------------------------------------------------


class DeleteRuleRequest(RequestModel):
    docid: str = required(ErrCode.INVALID_DOCID)
    rule_id_list: list[int] = required(doc="of rules for some members")


@family.post(
    "/cgi-bin/wedoc/smartsheet/content_priv/delete_rule",
    doc="99935",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(ErrCode.PARAMETERS_EMPTY, *SMART_SHEET_ERRORS, ErrCode.RULE_NOT_FOUND),
    sample={"docid": "DOCID", "rule_id_list": [2]},
)
def delete_rule(call: Call, body: DeleteRuleRequest) -> Done:
    """删除智能表格指定成员额外权限 / Delete rules of extra rights

    Deletes all of the rules or none. The rule for all members cannot be deleted.
    """
    document = the_smart_sheet(call, body.docid)
    change_document(call, document.docid)
    rules = rules_of(call, document.docid)
    deleted = [the_extra_rule(rules, rule_id).rule_id for rule_id in body.rule_id_list]
    call.db.execute(sa.delete(SHEET_RULE).where(_of(call, document.docid), SHEET_RULE.c.rule_id.in_(deleted)))
    return {}
