"""规则组标签: the tags of a rule group, for the members in its range."""

from typing import Any

from typing_extensions import TypedDict

from wecom_tollbooth.families.strategies.rule_groups import own_rule_groups, the_rule_group
from wecom_tollbooth.families.tag_library import library
from wecom_tollbooth.families.tag_library.library import NAME_CHARS, TAGS_OF_A_CORP, NewTag
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, Done, RequestModel, optional, required, required_number

family = Family("strategy_tags", "规则组标签", "Tags of rule groups")


class TagShape(TypedDict):
    id: str
    name: str
    create_time: int
    order: int


class NewTagsShape(TypedDict):
    group_id: str
    group_name: str
    create_time: int
    order: int
    tag: list[TagShape]


class TagGroupShape(NewTagsShape):
    strategy_id: int


# --- 获取指定规则组下的企业客户标签 -------------------------------------------------------------------------


class TagListRequest(RequestModel):
    strategy_id: int | None = optional(doc="absent: every rule group that the app made")
    tag_id: list[str] | None = optional(
        max_items=TAGS_OF_A_CORP, doc="tags to return; ignored when group_id is given"
    )
    group_id: list[str] | None = optional(
        max_items=TAGS_OF_A_CORP, doc="groups to return with all their tags"
    )


class TagListReply(TypedDict):
    tag_group: list[TagGroupShape]


@family.post(
    "/cgi-bin/externalcontact/get_strategy_tag_list",
    doc="94882",
    meter="tag.read",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(ErrCode.INVALID_PARAMETER, ErrCode.INVALID_TAGID, ErrCode.OUTSIDE_VISIBLE_RANGE),
    sample={
        "strategy_id": 1,
        "tag_id": ["etXXXXXXXXXX", "etYYYYYYYYYY"],
        "group_id": ["etZZZZZZZZZZZZZ", "etYYYYYYYYYYYYY"],
    },
)
def get_strategy_tag_list(call: Call, body: TagListRequest) -> TagListReply:
    """获取指定规则组下的企业客户标签 / List corp tags of a rule group

    Returns the tags of the calling app's rule groups, or of one of them; all of them, or those of
    `group_id`, or those of `tag_id` under their groups. Deleted tags are not found. Larger `order` first.
    """
    if body.strategy_id:
        libraries = {int(the_rule_group(call, body.strategy_id).strategy_id)}
    else:
        libraries = _own_libraries(call)
    found = library.find(call, libraries, group_ids=body.group_id, tag_ids=body.tag_id)
    shapes: list[TagGroupShape] = [
        {**_group_shape(group, tags), "strategy_id": group.strategy_id} for group, tags in found
    ]
    return {"tag_group": shapes}


def _own_libraries(call: Call) -> set[int]:
    return {row.strategy_id for row in own_rule_groups(call)}


def _tag_shape(tag: Any) -> TagShape:
    return {"id": tag.tag_id, "name": tag.name, "create_time": tag.create_time, "order": tag.sort_order}


def _group_shape(group: Any, tags: list[Any]) -> NewTagsShape:
    return {
        "group_id": group.group_id,
        "group_name": group.name,
        "create_time": group.create_time,
        "order": group.sort_order,
        "tag": [_tag_shape(tag) for tag in tags],
    }


# --- 为指定规则组创建企业客户标签 ---------------------------------------------------------------------------


class AddTagRequest(RequestModel):
    strategy_id: int = required_number(ge=1, doc="a first-level rule group")
    group_id: str | None = optional(doc="an existing group; group_name and order are ignored then")
    group_name: str | None = optional(doc="found by name in the rule group, or made; up to 30 characters")
    order: int | None = optional(doc="of the group, 0 to 4294967295")
    tag: list[NewTag] = required(ErrCode.MISSING_TAGNAME)


class AddTagReply(TypedDict):
    tag_group: NewTagsShape


@family.post(
    "/cgi-bin/externalcontact/add_strategy_tag",
    doc="94882",
    meter="tag.write",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.MISSING_TAGNAME,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_TAGID,
        ErrCode.TAG_NAME_EXISTS,
        ErrCode.TAG_CAP_REACHED,
        ErrCode.OUTSIDE_VISIBLE_RANGE,
    ),
    sample={
        "strategy_id": 1,
        "group_id": "GROUP_ID",
        "group_name": "GROUP_NAME",
        "order": 1,
        "tag": [{"name": "TAG_NAME_1", "order": 1}, {"name": "TAG_NAME_2", "order": 2}],
    },
)
def add_strategy_tag(call: Call, body: AddTagRequest) -> AddTagReply:
    """为指定规则组创建企业客户标签 / Add corp tags of a rule group

    Adds tags to the group with this id, or with this name in the first-level rule group, or to a new group.
    A name given twice creates one tag; a name that the group already has refuses the call. Returns only the
    new tags. They count towards the corp's 10,000 tags.
    """
    strategy = the_rule_group(call, body.strategy_id)
    if strategy.parent_id:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            "strategy_id invalid",
            detail=f"only the first level has tags; {body.strategy_id} is below {strategy.parent_id}",
        )
    group = library.group_to_fill(
        call, body.strategy_id, group_id=body.group_id, group_name=body.group_name, order=body.order
    )
    made = library.add_tags(call, group, body.tag)
    return {"tag_group": _group_shape(group, made)}


# --- 编辑指定规则组下的企业客户标签 -------------------------------------------------------------------------


class EditTagRequest(RequestModel):
    id: str = required(ErrCode.MISSING_TAGID, doc="of a tag or of a group")
    name: str | None = optional(max_chars=NAME_CHARS)
    order: int | None = optional(ge=0, le=UINT32)


@family.post(
    "/cgi-bin/externalcontact/edit_strategy_tag",
    doc="94882",
    meter="tag.write",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(
        ErrCode.MISSING_TAGID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_TAGID,
        ErrCode.TAG_NAME_EXISTS,
    ),
    sample={"id": "TAG_ID", "name": "NEW_TAG_NAME", "order": 1},
)
def edit_strategy_tag(call: Call, body: EditTagRequest) -> Done:
    """编辑指定规则组下的企业客户标签 / Change a corp tag of a rule group

    Renames or reorders a tag or a group of a rule group that the calling app made; absent and empty fields
    keep their value.
    """
    table, row = library.tag_or_group(call, _own_libraries(call), body.id)
    library.change(call, table, row, name=body.name, order=body.order)
    return {}


# --- 删除指定规则组下的企业客户标签 -------------------------------------------------------------------------


class DeleteTagRequest(RequestModel):
    tag_id: list[str] | None = optional(max_items=TAGS_OF_A_CORP)
    group_id: list[str] | None = optional(max_items=TAGS_OF_A_CORP)


@family.post(
    "/cgi-bin/externalcontact/del_strategy_tag",
    doc="94882",
    meter="tag.write",
    permission=Permission.CUSTOMER_STRATEGY,
    errors=(ErrCode.MISSING_TAGID, ErrCode.INVALID_PARAMETER, ErrCode.INVALID_TAGID),
    sample={"tag_id": ["TAG_ID_1", "TAG_ID_2"], "group_id": ["GROUP_ID_1", "GROUP_ID_2"]},
)
def del_strategy_tag(call: Call, body: DeleteTagRequest) -> Done:
    """删除指定规则组下的企业客户标签 / Delete corp tags of a rule group

    Deletes tags and whole groups of rule groups made by the calling app, and removes them from customers. A
    group is deleted with its last tag. All or nothing.
    """
    if not body.tag_id and not body.group_id:
        raise Refusal(ErrCode.MISSING_TAGID, detail="give tag_id, group_id or both")
    tag_ids, group_ids = body.tag_id or [], body.group_id or []
    library.chosen(call, _own_libraries(call), tag_ids=tag_ids, group_ids=group_ids)
    library.remove(call, tag_ids, group_ids)
    return {}
