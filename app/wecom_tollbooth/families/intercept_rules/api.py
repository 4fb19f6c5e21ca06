"""聊天敏感词: rules that stop or warn members who send certain words to customers."""

from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.visibility import visible_departments, visible_userids
from wecom_tollbooth.families.intercept_rules.applicable_range import (
    RangeGiven,
    RangeShape,
    changed_range,
    range_to_add,
)
from wecom_tollbooth.families.intercept_rules.tables import INTERCEPT_RULE
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import (
    Done,
    RequestModel,
    optional,
    required,
    required_number,
    required_object,
)

family = Family("intercept_rules", "聊天敏感词", "Intercept rules")

NAME_CHARS, WORDS, WORD_CHARS = 20, 300, 32
RULES_OF_A_CORP = 100
"""Page 95097."""
SEMANTICS = (1, 2, 3)
"""Phone numbers, email addresses, red packets."""
BLOCK, WARN = 1, 2


class SemanticsShape(TypedDict):
    semantics_list: list[int]


# --- 新建敏感词规则 --------------------------------------------------------------------------------------


class AddRequest(RequestModel):
    rule_name: str = required(max_chars=NAME_CHARS, doc="unique in the corp")
    word_list: list[str] = required(
        max_items=WORDS, too_long=ErrCode.TOO_MANY_INTERCEPT_WORDS, doc="1 to 32 characters each"
    )
    semantics_list: list[int] | None = optional(doc="1 phone numbers, 2 email addresses, 3 red packets")
    intercept_type: int = required_number(ge=BLOCK, le=WARN, doc="1 warns and blocks, 2 only warns")
    applicable_range: RangeGiven = required_object(
        doc="members, departments or both, in the app's visible range"
    )


class AddReply(TypedDict):
    rule_id: str


@family.post(
    "/cgi-bin/externalcontact/add_intercept_rule",
    doc="95097",
    meter="customer.write",
    permission=Permission.INTERCEPT_RULE,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.TOO_MANY_INTERCEPT_WORDS,
        ErrCode.INVALID_INTERCEPT_WORD,
        ErrCode.INVALID_INTERCEPT_SEMANTICS,
        ErrCode.INTERCEPT_RANGE_TOO_LARGE,
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_PARTY_ID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INTERCEPT_RULE_NAME_EXISTS,
        ErrCode.TOO_MANY_INTERCEPT_RULES,
    ),
    sample={
        "rule_name": "rulename",
        "word_list": ["敏感词1", "敏感词2"],
        "semantics_list": [1, 2, 3],
        "intercept_type": 1,
        "applicable_range": {"user_list": ["zhangshan"], "department_list": [2, 3]},
    },
)
def add_intercept_rule(call: Call, body: AddRequest) -> AddReply:
    """新建敏感词规则 / Create an intercept rule

    At most 100 rules a corp, 300 words of 1 to 32 characters, 1000 members and 1000 departments, all in the
    app's visible range. Lengths are in characters.
    """
    if not body.applicable_range.user_list and not body.applicable_range.department_list:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="applicable_range needs members, departments or both")
    _refuse_words(body.word_list)
    semantics = _semantics(body.semantics_list or [])
    userids, departments = range_to_add(call, body.applicable_range)
    _refuse_used_name(call, body.rule_name)
    count = sa.select(sa.func.count()).where(
        INTERCEPT_RULE.c.corp_id == call.corp_id, INTERCEPT_RULE.c.deleted_at.is_(None)
    )
    if call.db.execute(count).scalar_one() >= RULES_OF_A_CORP:
        raise Refusal(
            ErrCode.TOO_MANY_INTERCEPT_RULES, detail=f"a corp has at most {RULES_OF_A_CORP} intercept rules"
        )
    rule_id = call.new_id("")
    call.db.execute(
        sa.insert(INTERCEPT_RULE).values(
            corp_id=call.corp_id,
            rule_id=rule_id,
            rule_name=body.rule_name,
            word_list=body.word_list,
            semantics_list=semantics,
            intercept_type=body.intercept_type,
            user_list=userids,
            department_list=departments,
            create_time=call.now,
            created_by=call.agentid,
        )
    )
    return {"rule_id": rule_id}


def _refuse_words(words: list[str]) -> None:
    for word in words:
        if not 1 <= len(word) <= WORD_CHARS:
            raise Refusal(
                ErrCode.INVALID_INTERCEPT_WORD, detail=f"{word!r}: a word has 1 to {WORD_CHARS} characters"
            )


def _semantics(given: list[int]) -> list[int]:
    """The values without duplicates. Raises 41084."""
    for value in given:
        if value not in SEMANTICS:
            raise Refusal(ErrCode.INVALID_INTERCEPT_SEMANTICS, detail=f"{value} is not one of {SEMANTICS}")
    return list(dict.fromkeys(given))


def _refuse_used_name(call: Call, name: str) -> None:
    query = sa.select(INTERCEPT_RULE.c.rule_id).where(
        INTERCEPT_RULE.c.corp_id == call.corp_id,
        INTERCEPT_RULE.c.rule_name == name,
        INTERCEPT_RULE.c.deleted_at.is_(None),
    )
    if call.db.execute(query).first() is not None:
        raise Refusal(ErrCode.INTERCEPT_RULE_NAME_EXISTS, detail=f"another rule is named {name!r}")


# --- 获取敏感词规则列表 -----------------------------------------------------------------------------------


class RuleEntry(TypedDict):
    rule_id: str
    rule_name: str
    create_time: int


class ListReply(TypedDict):
    rule_list: list[RuleEntry]


@family.get(
    "/cgi-bin/externalcontact/get_intercept_rule_list",
    doc="95097",
    meter="customer.read",
    permission=Permission.INTERCEPT_RULE,
)
def get_intercept_rule_list(call: Call, query: RequestModel) -> ListReply:
    """获取敏感词规则列表 / List intercept rules

    All rules of the corp, whichever app created them, oldest first. No paging.
    """
    rows = call.db.execute(
        sa.select(INTERCEPT_RULE.c.rule_id, INTERCEPT_RULE.c.rule_name, INTERCEPT_RULE.c.create_time)
        .where(INTERCEPT_RULE.c.corp_id == call.corp_id, INTERCEPT_RULE.c.deleted_at.is_(None))
        .order_by(INTERCEPT_RULE.c.create_time, INTERCEPT_RULE.c.rule_id)
    )
    entries: list[RuleEntry] = [
        {"rule_id": row.rule_id, "rule_name": row.rule_name, "create_time": row.create_time} for row in rows
    ]
    return {"rule_list": entries}


# --- 获取敏感词规则详情 -----------------------------------------------------------------------------------


class RuleRequest(RequestModel):
    rule_id: str = required()


class RuleShape(TypedDict):
    rule_id: str
    rule_name: str
    word_list: list[str]
    extra_rule: SemanticsShape
    semantics_list: list[int]
    intercept_type: int
    applicable_range: RangeShape
    create_time: int


class GetReply(TypedDict):
    rule: RuleShape


@family.post(
    "/cgi-bin/externalcontact/get_intercept_rule",
    doc="95097",
    meter="customer.read",
    permission=Permission.INTERCEPT_RULE,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_INTERCEPT_RULE_ID, ErrCode.INTERCEPT_RULE_DELETED),
    sample={"rule_id": "xxx"},
)
def get_intercept_rule(call: Call, body: RuleRequest) -> GetReply:
    """获取敏感词规则详情 / Get an intercept rule

    Any rule of the corp, with the part of its range that the calling app sees.
    """
    row = _the_rule(call, body.rule_id)
    members, departments = visible_userids(call), visible_departments(call)
    rule: RuleShape = {
        "rule_id": row.rule_id,
        "rule_name": row.rule_name,
        "word_list": row.word_list,
        # The page's sample has the list at this level, its table in extra_rule, as in the update.
        "extra_rule": {"semantics_list": row.semantics_list},
        "semantics_list": row.semantics_list,
        "intercept_type": row.intercept_type,
        "applicable_range": {
            "user_list": [userid for userid in row.user_list if members is None or userid in members],
            "department_list": [
                id_ for id_ in row.department_list if departments is None or id_ in departments
            ],
        },
        "create_time": row.create_time,
    }
    return {"rule": rule}


def _the_rule(call: Call, rule_id: str, *, lock: bool = False) -> Any:
    """The rule's row, locked if `lock`. Raises 41070, 41071."""
    query = sa.select(INTERCEPT_RULE).where(*_this(call, rule_id))
    row = call.db.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise Refusal(ErrCode.INVALID_INTERCEPT_RULE_ID, detail=f"there is no rule {rule_id!r} in this corp")
    if row.deleted_at is not None:
        raise Refusal(ErrCode.INTERCEPT_RULE_DELETED, detail=f"{row.rule_name!r} was deleted")
    return row


def _own_rule(call: Call, rule_id: str) -> Any:
    """As _the_rule, locked; also raises 60011 for a rule that another app created."""
    row = _the_rule(call, rule_id, lock=True)
    if row.created_by != call.agentid:
        raise Refusal(
            ErrCode.NO_PRIVILEGE,
            detail=f"{row.rule_name!r} was created by app {row.created_by}, not by app {call.agentid}",
        )
    return row


def _this(call: Call, rule_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (INTERCEPT_RULE.c.corp_id == call.corp_id, INTERCEPT_RULE.c.rule_id == rule_id)


# --- 修改敏感词规则 --------------------------------------------------------------------------------------


class ExtraRuleGiven(RequestModel):
    semantics_list: list[int] | None = optional(doc="replaces all; an empty list clears")


class UpdateRequest(RuleRequest):
    rule_name: str | None = optional(max_chars=NAME_CHARS)
    word_list: list[str] | None = optional(
        max_items=WORDS,
        too_long=ErrCode.TOO_MANY_INTERCEPT_WORDS,
        doc="replaces all; an empty list changes nothing",
    )
    extra_rule: ExtraRuleGiven | None = optional()
    intercept_type: int | None = optional(ge=0, le=WARN, doc="1 warns and blocks, 2 only warns")
    add_applicable_range: RangeGiven | None = optional()
    remove_applicable_range: RangeGiven | None = optional()


@family.post(
    "/cgi-bin/externalcontact/update_intercept_rule",
    doc="95097",
    meter="customer.write",
    permission=Permission.INTERCEPT_RULE,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_INTERCEPT_RULE_ID,
        ErrCode.INTERCEPT_RULE_DELETED,
        ErrCode.TOO_MANY_INTERCEPT_WORDS,
        ErrCode.INVALID_INTERCEPT_WORD,
        ErrCode.INVALID_INTERCEPT_SEMANTICS,
        ErrCode.INTERCEPT_RANGE_TOO_LARGE,
        ErrCode.INVALID_USERID,
        ErrCode.INVALID_PARTY_ID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INTERCEPT_RULE_NAME_EXISTS,
    ),
    sample={
        "rule_id": "xxxx",
        "rule_name": "rulename",
        "word_list": ["敏感词1", "敏感词2"],
        "extra_rule": {"semantics_list": [1, 2, 3]},
        "intercept_type": 1,
        "add_applicable_range": {"user_list": ["zhangshan"], "department_list": [2, 3]},
        "remove_applicable_range": {"user_list": ["zhangshan"], "department_list": [2, 3]},
    },
)
def update_intercept_rule(call: Call, body: UpdateRequest) -> Done:
    """修改敏感词规则 / Change an intercept rule

    Changes a rule that the calling app created; absent fields keep their value. The range loses
    remove_applicable_range and gains add_applicable_range, at most 1000 members and 1000 departments each; it
    may have at most 10,000 members.
    """
    row = _own_rule(call, body.rule_id)
    changes: dict[str, Any] = {}
    if body.rule_name and body.rule_name != row.rule_name:
        _refuse_used_name(call, body.rule_name)
        changes["rule_name"] = body.rule_name
    if body.word_list:
        _refuse_words(body.word_list)
        changes["word_list"] = body.word_list
    if body.extra_rule and body.extra_rule.semantics_list is not None:
        changes["semantics_list"] = _semantics(body.extra_rule.semantics_list)
    if body.intercept_type:
        changes["intercept_type"] = body.intercept_type
    changes |= changed_range(call, row, body.remove_applicable_range, body.add_applicable_range)
    call.db.execute(sa.update(INTERCEPT_RULE).where(*_this(call, body.rule_id)).values(changes))
    return {}


# --- 删除敏感词规则 --------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/del_intercept_rule",
    doc="95097",
    meter="customer.write",
    permission=Permission.INTERCEPT_RULE,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_INTERCEPT_RULE_ID,
        ErrCode.INTERCEPT_RULE_DELETED,
        ErrCode.NO_PRIVILEGE,
    ),
    sample={"rule_id": "xxx"},
)
def del_intercept_rule(call: Call, body: RuleRequest) -> Done:
    """删除敏感词规则 / Delete an intercept rule

    Deletes a rule that the calling app created.
    """
    _own_rule(call, body.rule_id)
    call.db.execute(sa.update(INTERCEPT_RULE).where(*_this(call, body.rule_id)).values(deleted_at=call.now))
    return {}
