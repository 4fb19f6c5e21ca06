"""创建标签, 更新标签名字, 删除标签, 获取标签列表 (pages 90210 to 90212 and 90216, 2026-02)."""

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.family import ErrmsgReply
from wecom_tollbooth.families.directory.tables import MEMBER_TAG, TAGGED_DEPARTMENT, TAGGED_MEMBER, MemberTag
from wecom_tollbooth.families.member_tags.changes import leave_ranges, ranges_may_change
from wecom_tollbooth.families.member_tags.family import family
from wecom_tollbooth.families.member_tags.lookup import find_tag, the_own_tag
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, optional, required, required_number
from wecom_tollbooth.world.context import Context

NAME_CHARS = 32
TAGS_OF_A_CORP = 3000


# --- 创建标签 -------------------------------------------------------------------------------------------


class CreateTagRequest(RequestModel):
    tagname: str = required(
        ErrCode.INVALID_TAG_NAME,
        max_chars=NAME_CHARS,
        too_long=ErrCode.INVALID_TAG_NAME,
        doc="unique in the corp",
    )
    tagid: int | None = optional(
        invalid=ErrCode.INVALID_TAGID, doc="a free id of 32 bits; 0 or absent: the highest plus 1"
    )


class CreateTagReply(TypedDict):
    errmsg: str
    tagid: int


@family.post(
    "/cgi-bin/tag/create",
    doc="90210",
    meter="directory.write",
    permission=Permission.DIRECTORY_IDS,
    errors=(
        ErrCode.INVALID_TAGID,
        ErrCode.TAG_NAME_EXISTS,
        ErrCode.INVALID_TAG_NAME,
        ErrCode.TAG_CAP_REACHED,
    ),
    sample={"tagname": "UI", "tagid": 12},
)
def create_tag(call: Call, body: CreateTagRequest) -> CreateTagReply:
    """创建标签 / Create a member tag

    A new tag for members and departments. It belongs to the calling app: no other may change it. A corp has
    up to 3000 tags.
    """
    tree.lock_directory(call)
    if body.tagid is not None and not 0 <= body.tagid <= UINT32:
        raise Refusal(ErrCode.INVALID_TAGID, detail=f"tagid {body.tagid} is no number of 0 to {UINT32}")
    if body.tagid and find_tag(call, body.tagid):
        raise Refusal(ErrCode.INVALID_TAGID, detail=f"there already is a tag {body.tagid}")
    return {"errmsg": "created", "tagid": add_tag(call, body.tagname, body.tagid or None, call.agentid)}


def add_tag(context: Context, name: str, tagid: int | None, created_by: int) -> int:
    """The new tag's id. Refuses with 40071 for a name in use, 40126 over 3000 tags."""
    refuse_used_name(context, name)
    numbers = sa.select(sa.func.count().label("used"), sa.func.max(MEMBER_TAG.c.tagid).label("last"))
    tags = context.db.execute(numbers.where(MEMBER_TAG.c.corp_id == context.corp_id)).one()
    if tags.used >= TAGS_OF_A_CORP:
        raise context.refusal(ErrCode.TAG_CAP_REACHED, f"the corp already has {TAGS_OF_A_CORP} tags")
    new_id = tagid if tagid is not None else _next_id(context, tags.last or 0)
    context.db.execute(
        sa.insert(MEMBER_TAG).values(corp_id=context.corp_id, tagid=new_id, name=name, created_by=created_by)
    )
    return new_id


def _next_id(context: Context, last: int) -> int:
    """The number after the last one, or the lowest free one if that would exceed 32 bits."""
    if last < UINT32:
        return last + 1
    query = sa.select(MEMBER_TAG.c.tagid).where(MEMBER_TAG.c.corp_id == context.corp_id)
    used = set(context.db.execute(query).scalars())
    return next(one for one in range(1, UINT32) if one not in used)


def refuse_used_name(context: Context, name: str, own_id: int | None = None) -> None:
    """Refuses with 40071 if another tag has the name."""
    query = sa.select(MEMBER_TAG.c.tagid).where(
        MEMBER_TAG.c.corp_id == context.corp_id, MEMBER_TAG.c.name == name
    )
    found = context.db.execute(query).scalar()
    if found is not None and found != own_id:
        raise context.refusal(ErrCode.TAG_NAME_EXISTS, f"tag {found} is named {name!r}")


# --- 更新标签名字 ----------------------------------------------------------------------------------------


class UpdateTagRequest(RequestModel):
    tagid: int = required_number(ErrCode.INVALID_TAGID)
    tagname: str = required(
        ErrCode.INVALID_TAG_NAME,
        max_chars=NAME_CHARS,
        too_long=ErrCode.INVALID_TAG_NAME,
        doc="unique in the corp",
    )


@family.post(
    "/cgi-bin/tag/update",
    doc="90211",
    meter="directory.write",
    permission=Permission.DIRECTORY_IDS,
    errors=(
        ErrCode.INVALID_TAGID,
        ErrCode.TAG_NAME_EXISTS,
        ErrCode.INVALID_TAG_NAME,
        ErrCode.NO_PRIVILEGE_ON_TAG,
    ),
    sample={"tagid": 12, "tagname": "UI design"},
)
def update_tag(call: Call, body: UpdateTagRequest) -> ErrmsgReply:
    """更新标签名字 / Rename a member tag

    Renames a tag that the calling app created.
    """
    tree.lock_directory(call)
    rename_tag(call, the_own_tag(call, body.tagid), body.tagname)
    return {"errmsg": "updated"}


def rename_tag(context: Context, tag: MemberTag, name: str) -> None:
    """Refuses with 40071 if another tag has the name."""
    refuse_used_name(context, name, tag.tagid)
    tag.name = name
    context.db.session.add(tag)


# --- 删除标签 -------------------------------------------------------------------------------------------


class DeleteTagRequest(RequestModel):
    tagid: int = required_number(ErrCode.INVALID_TAGID)


@family.get(
    "/cgi-bin/tag/delete",
    doc="90212",
    meter="directory.write",
    permission=Permission.DIRECTORY_IDS,
    errors=(ErrCode.INVALID_TAGID, ErrCode.NO_PRIVILEGE_ON_TAG),
    sample={"tagid": 12},
)
def delete_tag(call: Call, query: DeleteTagRequest) -> ErrmsgReply:
    """删除标签 / Delete a member tag

    Deletes a tag that the calling app created, with or without members.
    """
    tree.lock_directory(call)
    remove_tag(call, the_own_tag(call, query.tagid).tagid)
    return {"errmsg": "deleted"}


def remove_tag(context: Context, tagid: int) -> None:
    """Deletes a tag with or without members; raises nothing but unsubscribe of apps that saw them by it."""
    with ranges_may_change(context, tagid):
        for table in (MEMBER_TAG, TAGGED_MEMBER, TAGGED_DEPARTMENT):
            of_tag = (table.c.corp_id == context.corp_id) & (table.c.tagid == tagid)
            context.db.execute(sa.delete(table).where(of_tag))
        leave_ranges(context, tagid)


# --- 获取标签列表 ----------------------------------------------------------------------------------------


class ListedTag(TypedDict):
    tagid: int
    tagname: str


class TagsReply(TypedDict):
    taglist: list[ListedTag]


@family.get(
    "/cgi-bin/tag/list",
    doc="90216",
    meter="directory.read",
    permission=Permission.DIRECTORY_IDS,
    sample={},
)
def list_tags(call: Call, query: RequestModel) -> TagsReply:
    """获取标签列表 / List member tags

    All tags of the corp, by id, whichever app created them.
    """
    rows = call.db.execute(
        sa.select(MEMBER_TAG.c.tagid, MEMBER_TAG.c.name)
        .where(MEMBER_TAG.c.corp_id == call.corp_id)
        .order_by(MEMBER_TAG.c.tagid)
    )
    return {"taglist": [{"tagid": row.tagid, "tagname": row.name} for row in rows]}
