"""Rows of members: the columns of WeCom's template, and what a row does to the directory.

Columns: 姓名, 帐号, 手机号, 邮箱, 所在部门, 职位, 性别, 是否部门内领导, 排序, 别名, 地址, 座机, 禁用. Older
templates have 微信号, 是否领导 and 英文名. Any other column is a text attribute (扩展字段).
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.members.profiles import CreateMemberRequest, UpdateMemberRequest
from wecom_tollbooth.families.directory.members.storing import add_member, change_member
from wecom_tollbooth.families.directory.offboarding import creator_of, remove_members
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.directory_jobs.rows import as_id, failure, in_file, refuse_without, repeated
from wecom_tollbooth.families.directory_jobs.tables import ImportJob
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import as_request
from wecom_tollbooth.world.acts import Act

NAME, USERID, MOBILE, EMAIL, DEPARTMENT = "姓名", "帐号", "手机号", "邮箱", "所在部门"
GENDER, LEADER, ORDER, DISABLED = "性别", "是否部门内领导", "排序", "禁用"
TEXTS = {NAME: "name", MOBILE: "mobile", EMAIL: "email", "职位": "position", "别名": "alias"} | {
    "地址": "address",
    "座机": "telephone",
}
OTHER_NAMES = {
    "账号": USERID,
    "手机": MOBILE,
    "部门": DEPARTMENT,
    "职务": "职位",
    "英文名": "别名",
    "是否领导": LEADER,
}
"""Of columns, in older templates and in files that products write."""
IGNORED = frozenset({"微信号", ""})
EXPLANATION = "禁用项说明"
"""The last column of the template begins so; its cells are empty."""
GENDERS = {"男": "1", "女": "2", "未知": "0"}
YES = frozenset({"1", "是"})
SEPARATOR = ";"
USERID_MOST = 64
FEW = 50
SHARE_OF_MANY, SHARE_OF_FEW = 20, 80
"""In percent of the members (page 90981)."""
DELETED_AT_ONCE = 50


def column(name: str) -> str:
    """The name that the newest template has for the column."""
    return OTHER_NAMES.get(name, name)


def check_columns(columns: Sequence[str]) -> None:
    known = [column(name) for name in columns]
    refuse_without(known, (NAME, USERID, DEPARTMENT))
    if MOBILE not in known and EMAIL not in known:
        raise failure(ErrCode.INVALID_IMPORT_FILE, f"the file has neither {MOBILE} nor {EMAIL}")


def name_of(fields: dict[str, str]) -> str:
    return fields.get(USERID) or fields.get("账号") or ""


def key_of(name: str) -> str:
    """The userid in lower case; nothing for one that nobody can have, which an index might not take."""
    return name.lower() if len(name) <= USERID_MOST else ""


# --- the file as a whole ---------------------------------------------------------------------------------


def check(act: Act, job: ImportJob) -> None:
    """Raises 302003 for a repeated userid, 45026 if too many would be deleted."""
    twice = repeated(act, job)
    if twice is not None:
        raise failure(ErrCode.IMPORT_REPEATS_USERID, f"{twice} is in two rows")
    if job.kind != "replace_user":
        return
    members = (MEMBER.c.corp_id == act.corp_id) & MEMBER.c.userid_key.is_not(None)
    count = sa.select(sa.func.count()).select_from(MEMBER)
    before = act.db.execute(count.where(members)).scalar_one()
    gone = act.db.execute(count.where(members, ~in_file(job, MEMBER.c.userid_key))).scalar_one()
    share = 100 * gone
    if (gone > FEW and share > SHARE_OF_MANY * before) or (gone < FEW and share > SHARE_OF_FEW * before):
        raise failure(ErrCode.TOO_MANY_DELETED, f"{gone} of {before} members are not in the file")


# --- one row ---------------------------------------------------------------------------------------------


def apply(act: Act, job: ImportJob, fields: dict[str, str]) -> int:
    """Adds or changes the member of the row. Raises Refusal."""
    cells = {column(name): cell for name, cell in fields.items()}
    userid = cells.get(USERID, "")
    if not userid:
        raise Refusal(ErrCode.MISSING_USERID, detail=f"the row has no {USERID}")
    is_new = find_member(act, userid) is None
    # An empty cell says nothing, but a file that replaces the members is all there is to say of them.
    clears = job.kind == "replace_user" and not is_new
    given = {"userid": userid} | _given(cells, clears)
    if is_new:
        add_member(act, as_request(CreateMemberRequest, given), by_assistant=True)
    else:
        _add_departments(act, given.get("department", ()))
        change_member(act, as_request(UpdateMemberRequest, given), by_assistant=True)
    return 0


def _given(cells: dict[str, str], clears: bool) -> dict[str, Any]:
    """The row as a request of user/create or user/update has it. Raises 40066 and 40058."""
    given: dict[str, Any] = {
        name: cells[text] for text, name in TEXTS.items() if cells.get(text) or (clears and text in cells)
    }
    if cells.get(DEPARTMENT):
        given["department"] = _departments(cells[DEPARTMENT])
        for text, name in ((ORDER, "order"), (LEADER, "is_leader_in_dept")):
            if cells.get(text):
                given[name] = [_number(text, one) for one in _several(cells[text])]
    if gender := cells.get(GENDER):
        given["gender"] = GENDERS.get(gender, gender)
    if disabled := cells.get(DISABLED):
        given["enable"] = 0 if disabled in YES else 1
    attributes = [
        {"type": 0, "name": name, "text": {"value": cell}}
        for name, cell in cells.items()
        if _is_attribute(name) and (cell or clears)
    ]
    if attributes:
        given["extattr"] = {"attrs": attributes}
    return given


def _is_attribute(name: str) -> bool:
    known = (*TEXTS, USERID, DEPARTMENT, GENDER, LEADER, ORDER, DISABLED)
    return name not in known and name not in IGNORED and not name.startswith(EXPLANATION)


def _several(cell: str) -> list[str]:
    return [one.strip() for one in cell.replace("；", SEPARATOR).split(SEPARATOR) if one.strip()]


def _departments(cell: str) -> list[int]:
    ids = [as_id(one) for one in _several(cell)]
    if None in ids:
        raise Refusal(
            ErrCode.INVALID_PARTY_LIST, detail=f"{DEPARTMENT}: {cell!r} is not ids, separated by {SEPARATOR}"
        )
    return [one for one in ids if one is not None]


def _number(text: str, cell: str) -> int:
    number = 1 if cell in YES else 0 if cell == "否" else as_id(cell)
    if number is None:
        raise Refusal(ErrCode.INVALID_PARAMETER, f"{text} invalid", detail=f"{text}: {cell!r} is no number")
    return number


def _add_departments(act: Act, wanted: Sequence[int]) -> None:
    """Adds unknown departments below 其他（待设置部门）, as for a new member."""
    for department_id in wanted:
        if department_id and not tree.exists(act, department_id):
            parentid = tree.unassigned_department(act, reserved_ids=wanted)
            tree.add_department(
                act,
                parentid=parentid,
                name=str(department_id),
                department_id=department_id,
                by_assistant=True,
            )


# --- who is left out -------------------------------------------------------------------------------------


def remove_some(act: Act, job: ImportJob) -> bool:
    """Deletes some of the members who are not in the file; True when nobody is left to delete."""
    left_out = sa.select(MEMBER.c.userid).where(
        MEMBER.c.corp_id == act.corp_id,
        MEMBER.c.userid_key.is_not(None),
        ~in_file(job, MEMBER.c.userid_key),
        MEMBER.c.userid != (creator_of(act) or ""),  # can't be deleted
    )
    userids = list(act.db.execute(left_out.order_by(MEMBER.c.userid).limit(DELETED_AT_ONCE)).scalars())
    if userids:
        remove_members(act, userids, by_assistant=True)
    return not userids
