"""客户标签: the corp's tags and tag groups, and tagging customers."""

from typing import Any, NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement, insert_missing
from wecom_tollbooth.families.directory.lookup import the_follower
from wecom_tollbooth.families.relations.lookups import lock_relation, the_customer
from wecom_tollbooth.families.strategies.rule_groups import refuse_foreign_tag
from wecom_tollbooth.families.tag_library import library
from wecom_tollbooth.families.tag_library.library import CORP, NAME_CHARS, TAGS_OF_A_CORP, NewTag, unknown
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG, TAG
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, Done, RequestModel, optional, required

family = Family("customer_tags", "客户标签", "Customer tags")

TAGS_OF_A_RELATION = 3_000
"""From page 92697 of 2023-12; the pages of 2026 keep the code, 40144, without a number."""


class TagShape(TypedDict):
    id: str
    name: str
    create_time: int
    order: int
    deleted: NotRequired[bool]


class TagGroupShape(TypedDict):
    group_id: str
    group_name: str
    create_time: int
    order: int
    deleted: NotRequired[bool]
    tag: list[TagShape]


# --- 获取企业标签库 --------------------------------------------------------------------------------------


class TagListRequest(RequestModel):
    tag_id: list[str] | None = optional(
        max_items=TAGS_OF_A_CORP, doc="tags to return; ignored when group_id is given"
    )
    group_id: list[str] | None = optional(
        max_items=TAGS_OF_A_CORP, doc="groups to return with all their tags"
    )


class TagListReply(TypedDict):
    tag_group: list[TagGroupShape]


@family.post(
    "/cgi-bin/externalcontact/get_corp_tag_list",
    doc="92117",
    meter="tag.read",
    permission=Permission.CUSTOMER,
    errors=(ErrCode.INVALID_PARAMETER, ErrCode.INVALID_TAGID),
    sample={
        "tag_id": ["etXXXXXXXXXX", "etYYYYYYYYYY"],
        "group_id": ["etZZZZZZZZZZZZZ", "etYYYYYYYYYYYYY"],
    },
)
def get_corp_tag_list(call: Call, body: TagListRequest) -> TagListReply:
    """获取企业标签库 / List corp tags

    Returns all tags of the corp, of every app; or those of `group_id`; or those of `tag_id`
    under their groups. Deleted tags are found by id only and have `deleted` set. Larger `order` first.
    """
    found = library.find(call, [CORP], group_ids=body.group_id, tag_ids=body.tag_id, deleted_too=True)
    shapes = []
    for group, tags in found:
        tag_shapes = [_tag_shape(tag) for tag in tags]
        if body.group_id or body.tag_id:
            for shape, tag in zip(tag_shapes, tags, strict=True):
                shape["deleted"] = tag.deleted_at is not None
        group_shape = _group_shape(group, tag_shapes)
        if body.tag_id and not body.group_id:
            group_shape["deleted"] = group.deleted_at is not None
        shapes.append(group_shape)
    return {"tag_group": shapes}


def _tag_shape(tag: Any) -> TagShape:
    return {"id": tag.tag_id, "name": tag.name, "create_time": tag.create_time, "order": tag.sort_order}


def _group_shape(group: Any, tags: list[TagShape]) -> TagGroupShape:
    return {
        "group_id": group.group_id,
        "group_name": group.name,
        "create_time": group.create_time,
        "order": group.sort_order,
        "tag": tags,
    }


# --- 添加企业客户标签 ------------------------------------------------------------------------------------


class AddTagRequest(RequestModel):
    group_id: str | None = optional(doc="an existing group; group_name and order are ignored then")
    group_name: str | None = optional(doc="found by name, or made; up to 30 characters")
    order: int | None = optional(doc="of the group, 0 to 4294967295")
    tag: list[NewTag] = required(ErrCode.MISSING_TAGNAME)
    agentid: int | None = optional(doc="for suites with several apps; ignored")


class AddTagReply(TypedDict):
    tag_group: TagGroupShape


@family.post(
    "/cgi-bin/externalcontact/add_corp_tag",
    doc="92117",
    meter="tag.write",
    permission=Permission.TAG_WRITE,
    errors=(
        ErrCode.MISSING_TAGNAME,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_TAGID,
        ErrCode.TAG_NAME_EXISTS,
        ErrCode.TAG_CAP_REACHED,
    ),
    sample={
        "group_id": "GROUP_ID",
        "group_name": "GROUP_NAME",
        "order": 1,
        "tag": [{"name": "TAG_NAME_1", "order": 1}, {"name": "TAG_NAME_2", "order": 2}],
        "agentid": 1000014,
    },
)
def add_corp_tag(call: Call, body: AddTagRequest) -> AddTagReply:
    """添加企业客户标签 / Add corp tags

    Adds tags to the group with this id, or with this name, or to a new group. A repeated name creates
    one tag; an existing name refuses the call. Returns only the new tags. A corp has at
    most 10,000 tags.
    """
    group = library.group_to_fill(
        call, CORP, group_id=body.group_id, group_name=body.group_name, order=body.order
    )
    made = library.add_tags(call, group, body.tag)
    return {"tag_group": _group_shape(group, [_tag_shape(tag) for tag in made])}


# --- 编辑企业客户标签 ------------------------------------------------------------------------------------


class EditTagRequest(RequestModel):
    id: str = required(ErrCode.MISSING_TAGID, doc="of a tag or of a group")
    name: str | None = optional(max_chars=NAME_CHARS)
    order: int | None = optional(ge=0, le=UINT32)
    agentid: int | None = optional(doc="for suites with several apps; ignored")


@family.post(
    "/cgi-bin/externalcontact/edit_corp_tag",
    doc="92117",
    meter="tag.write",
    permission=Permission.TAG_WRITE,
    errors=(
        ErrCode.MISSING_TAGID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_TAGID,
        ErrCode.TAG_NAME_EXISTS,
        ErrCode.NO_PRIVILEGE_ON_TAG,
    ),
    sample={"id": "TAG_ID", "name": "NEW_TAG_NAME", "order": 1, "agentid": 1000014},
)
def edit_corp_tag(call: Call, body: EditTagRequest) -> Done:
    """编辑企业客户标签 / Change a corp tag

    Renames or reorders a tag or group created by the calling app; absent and empty fields change nothing.
    """
    table, row = library.tag_or_group(call, [CORP], body.id)
    _refuse_foreign(call, row)
    library.change(call, table, row, name=body.name, order=body.order)
    return {}


def _refuse_foreign(call: Call, row: Any) -> None:
    """Raises 81011 for a tag or group created by another app or in the admin console."""
    if row.created_by != call.agentid:
        raise Refusal(
            ErrCode.NO_PRIVILEGE_ON_TAG,
            detail=f"{row.name!r} was made by app {row.created_by}, not by app {call.agentid}",
        )


# --- 删除企业客户标签 ------------------------------------------------------------------------------------


class DeleteTagRequest(RequestModel):
    tag_id: list[str] | None = optional(max_items=TAGS_OF_A_CORP)
    group_id: list[str] | None = optional(max_items=TAGS_OF_A_CORP)
    agentid: int | None = optional(doc="for suites with several apps; ignored")


@family.post(
    "/cgi-bin/externalcontact/del_corp_tag",
    doc="92117",
    meter="tag.write",
    permission=Permission.TAG_WRITE,
    errors=(
        ErrCode.MISSING_TAGID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_TAGID,
        ErrCode.NO_PRIVILEGE_ON_TAG,
    ),
    sample={"tag_id": ["TAG_ID_1", "TAG_ID_2"], "group_id": ["GROUP_ID_1", "GROUP_ID_2"]},
)
def del_corp_tag(call: Call, body: DeleteTagRequest) -> Done:
    """删除企业客户标签 / Delete corp tags

    Deletes tags and whole groups created by the calling app, and removes them from customers. A group with a
    tag of another app stays; a group is deleted with its last tag. All or nothing.
    """
    if not body.tag_id and not body.group_id:
        raise Refusal(ErrCode.MISSING_TAGID, detail="give tag_id, group_id or both")
    tag_ids, group_ids = body.tag_id or [], body.group_id or []
    for row in library.chosen(call, [CORP], tag_ids=tag_ids, group_ids=group_ids):
        _refuse_foreign(call, row)
    for row in library.tags_within(call, group_ids):
        _refuse_foreign(call, row)
    library.remove(call, tag_ids, group_ids)
    return {}


# --- 编辑客户企业标签 ------------------------------------------------------------------------------------

_LIVING_TAG = CompiledStatement(
    sa.select(TAG.c.strategy_id)
    .where(
        TAG.c.corp_id == bindparam("corp_id"), TAG.c.tag_id == bindparam("tag_id"), TAG.c.deleted_at.is_(None)
    )
    .with_for_update(read=True)
)
"""The rows are locked until the call is answered, so that no customer gets a tag that is being deleted."""

_MARK = CompiledStatement(lambda dialect: insert_missing(dialect, FOLLOW_TAG))
_UNMARK = CompiledStatement(
    sa.delete(FOLLOW_TAG).where(
        FOLLOW_TAG.c.corp_id == bindparam("corp_id"),
        FOLLOW_TAG.c.external_userid == bindparam("external_userid"),
        FOLLOW_TAG.c.userid == bindparam("userid"),
        FOLLOW_TAG.c.tag_id == bindparam("tag_id"),
    )
)
_COUNT_MARKS = CompiledStatement(
    sa.select(sa.func.count()).where(
        FOLLOW_TAG.c.corp_id == bindparam("corp_id"),
        FOLLOW_TAG.c.external_userid == bindparam("external_userid"),
        FOLLOW_TAG.c.userid == bindparam("userid"),
    )
)


class MarkTagRequest(RequestModel):
    userid: str = required(ErrCode.INVALID_USERID, max_chars=64, doc="the member who follows the customer")
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID)
    add_tag: list[str] | None = optional()
    remove_tag: list[str] | None = optional()


@family.post(
    "/cgi-bin/externalcontact/mark_tag",
    doc="92118",
    meter="tag.write",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.MISSING_TAGID,
        ErrCode.INVALID_TAGID,
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.NOT_EXTERNAL_CONTACT,
        ErrCode.CUSTOMER_TAG_CAP_REACHED,
        ErrCode.CONFLICTING_CHANGE,
    ),
    sample={
        "userid": "zhangsan",
        "external_userid": "woAJ2GCAAAd1NPGHKSD4wKmE8Aabj9AAA",
        "add_tag": ["TAGID1", "TAGID2"],
        "remove_tag": ["TAGID3", "TAGID4"],
    },
)
def mark_tag(call: Call, body: MarkTagRequest) -> Done:
    """编辑客户企业标签 / Tag a customer

    Adds tags to one member's customer and removes others; repeating a call changes nothing.
    Tags of any app can be used; those of a rule group only by the app that created it, for members in its
    range. A pair of member and customer has at most 3,000 tags.
    """
    if not body.add_tag and not body.remove_tag:
        raise Refusal(ErrCode.MISSING_TAGID, detail="give add_tag, remove_tag or both")
    userid = the_follower(call, body.userid).userid
    the_customer(call, body.external_userid)
    lock_relation(call, userid, body.external_userid)
    pair = {"corp_id": call.corp_id, "external_userid": body.external_userid, "userid": userid}
    strategy_ids = set()
    for tag_id in (*(body.add_tag or ()), *(body.remove_tag or ())):
        found = _LIVING_TAG.one(call.db, corp_id=call.corp_id, tag_id=tag_id)
        if found is None:
            raise unknown(tag_id)
        strategy_ids.add(found[0])
    for strategy_id in strategy_ids - {CORP}:
        refuse_foreign_tag(call, strategy_id, userid)
    for tag_id in body.remove_tag or ():
        _UNMARK.run(call.db, **pair, tag_id=tag_id)
    for tag_id in body.add_tag or ():
        _MARK.run(call.db, **pair, tag_id=tag_id)
    if body.add_tag:
        marks = _COUNT_MARKS.one(call.db, **pair)
        if marks and marks[0] > TAGS_OF_A_RELATION:
            raise Refusal(
                ErrCode.CUSTOMER_TAG_CAP_REACHED, detail=f"a pair carries at most {TAGS_OF_A_RELATION} tags"
            )
    return {}
