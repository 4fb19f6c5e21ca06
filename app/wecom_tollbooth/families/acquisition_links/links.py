"""获客助手: creating, reading, changing and deleting links by the app that owns them."""

from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.families.acquisition_links.family import family
from wecom_tollbooth.families.acquisition_links.tables import ACQUISITION_LINK
from wecom_tollbooth.families.directory.lookup import the_visible_member
from wecom_tollbooth.families.directory.visibility import members_in_range, refuse_wrong_departments
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required, required_object

URL = "https://work.weixin.qq.com/ca/"
PAGE = "/_sim/scan/acquisition_link"
NAME_CHARS = 30
MEMBERS_OF_A_LINK = 500
PRIORITY_MEMBERS = 1000
WHOLE_CORP, LISTED_MEMBERS = 1, 2


# --- shapes that several operations share ----------------------------------------------------------------


class RangeShape(RequestModel):
    user_list: list[str] | None = optional(max_items=MEMBERS_OF_A_LINK)
    department_list: list[int] | None = optional(doc="with the members below them at most 500 in all")


class PriorityShape(RequestModel):
    priority_type: int | None = optional(ge=WHOLE_CORP, le=LISTED_MEMBERS, doc="1 the whole corp, 2 the list")
    priority_userid_list: list[str] | None = optional(max_items=PRIORITY_MEMBERS, doc="for priority_type 2")


class RangeReply(TypedDict):
    user_list: list[str]
    department_list: list[int]


class PriorityReply(TypedDict):
    priority_type: int
    priority_userid_list: NotRequired[list[str]]


class OneLink(RequestModel):
    link_id: str = required(doc="of a link that the calling app made")


def the_link(call: Call, link_id: str) -> Any:
    """Returns the row of an existing link made by the calling app. Raises 40058."""
    query = sa.select(ACQUISITION_LINK).where(
        ACQUISITION_LINK.c.corp_id == call.corp_id,
        ACQUISITION_LINK.c.link_id == link_id,
        ACQUISITION_LINK.c.created_by == call.agentid,
        ACQUISITION_LINK.c.deleted_at.is_(None),
    )
    row = call.db.execute(query).first()
    if row is None:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "invalid link_id", detail=f"{link_id!r} is no link of this app"
        )
    return row


# --- 获取获客链接列表 ------------------------------------------------------------------------------------

LINKS_A_PAGE = 100


class ListLinkRequest(RequestModel):
    limit: int | None = optional(doc="default and at most 100")
    cursor: str | None = optional()


class ListLinkReply(TypedDict):
    link_id_list: list[str]
    next_cursor: str


@family.post(
    "/cgi-bin/externalcontact/customer_acquisition/list_link",
    doc="97297",
    meter="customer.read",
    permission=Permission.ACQUISITION_LINK,
    errors=(ErrCode.INVALID_CURSOR,),
    sample={"limit": 100, "cursor": "CURSOR"},
)
def list_link(call: Call, body: ListLinkRequest) -> ListLinkReply:
    """获取获客链接列表 / List acquisition links

    Returns the existing links of the calling app, oldest first. `next_cursor` is empty on the last page.
    """
    limit = page_size(body.limit, LINKS_A_PAGE)
    after = position_of(call, "", body.cursor)[0] if body.cursor else 0
    query = (
        sa.select(ACQUISITION_LINK.c.link_id, ACQUISITION_LINK.c.seq)
        .where(
            ACQUISITION_LINK.c.corp_id == call.corp_id,
            ACQUISITION_LINK.c.created_by == call.agentid,
            ACQUISITION_LINK.c.seq > after,
            ACQUISITION_LINK.c.deleted_at.is_(None),
        )
        .order_by(ACQUISITION_LINK.c.seq)
        .limit(limit + 1)
    )
    rows = list(call.db.execute(query))
    cursor = make_cursor(call, "", [rows[limit - 1].seq]) if len(rows) > limit else ""
    return {"link_id_list": [row.link_id for row in rows[:limit]], "next_cursor": cursor}


def page_size(limit: int | None, most: int) -> int:
    return limit if limit and 0 < limit <= most else most


# --- 获取获客链接详情 ------------------------------------------------------------------------------------


class LinkShape(TypedDict):
    link_id: str
    link_name: str
    url: str
    create_time: int
    skip_verify: bool
    mark_source: NotRequired[bool]


class GetLinkReply(TypedDict):
    link: LinkShape
    range: RangeReply
    priority_option: NotRequired[PriorityReply]


@family.post(
    "/cgi-bin/externalcontact/customer_acquisition/get",
    doc="97297",
    meter="customer.read",
    permission=Permission.ACQUISITION_LINK,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER),
    sample={"link_id": "LINK_ID_AAA"},
)
def get_link(call: Call, body: OneLink) -> GetLinkReply:
    """获取获客链接详情 / Get an acquisition link

    Returns the link, its range and its priority, if any. 营销获客 apps get mark_source too.
    """
    row = the_link(call, body.link_id)
    reply: GetLinkReply = {
        "link": {
            "link_id": row.link_id,
            "link_name": row.link_name,
            "url": URL + row.link_id,
            "create_time": row.create_time,
            "skip_verify": bool(row.skip_verify),
        },
        "range": {"user_list": row.user_list, "department_list": row.department_list},
    }
    if call.app_kind == AppKind.MARKETING:
        reply["link"]["mark_source"] = bool(row.mark_source)
    if row.priority_type is not None:
        reply["priority_option"] = {"priority_type": row.priority_type}
        if row.priority_type == LISTED_MEMBERS:
            reply["priority_option"]["priority_userid_list"] = row.priority_userid_list
    return reply


# --- 创建获客链接 ----------------------------------------------------------------------------------------


class CreateLinkRequest(RequestModel):
    link_name: str = required(max_chars=NAME_CHARS)
    range: RangeShape = required_object(doc="user_list and department_list may not both be empty")
    skip_verify: bool | None = optional(doc="default true")
    priority_option: PriorityShape | None = optional()
    mark_source: bool | None = optional(
        doc="营销获客 apps: its customers count as acquired by the app; default true"
    )


class CreatedLink(TypedDict):
    link_id: str
    link_name: str
    url: str
    create_time: int


class CreateLinkReply(TypedDict):
    link: CreatedLink


@family.post(
    "/cgi-bin/externalcontact/customer_acquisition/create_link",
    doc="97297",
    meter="customer.write",
    permission=Permission.ACQUISITION_LINK,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_PARTY_ID,
        ErrCode.LINK_CAP_REACHED,
        ErrCode.CATEGORY_NOT_SUPPORTED,
    ),
    sample={
        "link_name": "获客链接1号",
        "range": {"user_list": ["zhangsan", "lisi"], "department_list": [2, 3]},
        "skip_verify": True,
        "priority_option": {"priority_type": 2, "priority_userid_list": ["tom", "lisi"]},
        "mark_source": True,
    },
)
def create_link(call: Call, body: CreateLinkRequest) -> CreateLinkReply:
    """创建获客链接 / Create an acquisition link

    Creates a link for members and departments, at most 500 members in all. Callers append
    `?customer_channel=STATE` to its url, at most 64 bytes. The setting acquisition_links_cap limits the
    number of links, acquisition_priority allows priority_option.
    """
    living = sa.select(sa.func.count()).where(
        ACQUISITION_LINK.c.corp_id == call.corp_id, ACQUISITION_LINK.c.deleted_at.is_(None)
    )
    if call.db.execute(living).scalar_one() >= call.settings.acquisition_links_cap:
        cap = call.settings.acquisition_links_cap
        raise Refusal(ErrCode.LINK_CAP_REACHED, detail=f"a corp has at most {cap} links")
    link_id = "ca" + call.new_id("")[:16]
    row = {
        "corp_id": call.corp_id,
        "link_id": link_id,
        "seq": call.next_id(),
        "link_name": body.link_name,
        "create_time": call.now,
        "skip_verify": body.skip_verify is not False,
        "mark_source": body.mark_source is not False or call.app_kind != AppKind.MARKETING,
        "created_by": call.agentid,
        **_range(call, body.range),
        **_priority(call, body.priority_option),
    }
    call.db.execute(sa.insert(ACQUISITION_LINK).values(row))
    return {
        "link": {
            "link_id": link_id,
            "link_name": body.link_name,
            "url": URL + link_id,
            "create_time": call.now,
        }
    }


def _range(call: Call, wanted: RangeShape) -> dict[str, Any]:
    """Returns the columns of a range, checked: known, visible, not empty, at most 500 members."""
    users = [the_visible_member(call, userid).userid for userid in wanted.user_list or []]
    departments = wanted.department_list or []
    refuse_wrong_departments(call, departments)
    whole: dict[str, list[Any]] = {"userid": users, "partyid": departments}
    covered = members_in_range(call.db, call.corp_id, whole) or frozenset()
    if not users and not departments:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "range invalid", detail="give user_list, department_list or both"
        )
    if len(covered) > MEMBERS_OF_A_LINK:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"range exceed max size {MEMBERS_OF_A_LINK}",
            detail=f"the range covers {len(covered)} members",
        )
    return {"user_list": list(dict.fromkeys(users)), "department_list": list(dict.fromkeys(departments))}


def _priority(call: Call, wanted: PriorityShape | None) -> dict[str, Any]:
    """Returns the columns of a priority; an option without a type counts as absent."""
    if wanted is None or wanted.priority_type is None:
        return {"priority_type": None, "priority_userid_list": None}
    if not call.settings.acquisition_priority:
        raise Refusal(
            ErrCode.CATEGORY_NOT_SUPPORTED, detail="the corp's business category has no priority_option"
        )
    if wanted.priority_type == WHOLE_CORP:
        return {"priority_type": WHOLE_CORP, "priority_userid_list": None}
    if not wanted.priority_userid_list:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            "priority_userid_list invalid",
            detail="priority_type 2 needs priority_userid_list",
        )
    users = [the_visible_member(call, userid).userid for userid in wanted.priority_userid_list]
    return {"priority_type": LISTED_MEMBERS, "priority_userid_list": users}


# --- 编辑和删除获客链接 ----------------------------------------------------------------------------------


class UpdateLinkRequest(OneLink):
    link_name: str | None = optional(max_chars=NAME_CHARS)
    range: RangeShape | None = optional(doc="replaces the stored range as a whole")
    skip_verify: bool | None = optional(doc="absent: as it was")
    priority_option: PriorityShape | None = optional(doc="replaces the stored priority as a whole")
    mark_source: bool | None = optional(doc="营销获客 apps; absent: as it was")


@family.post(
    "/cgi-bin/externalcontact/customer_acquisition/update_link",
    doc="97297",
    meter="customer.write",
    permission=Permission.ACQUISITION_LINK,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_PARTY_ID,
        ErrCode.CATEGORY_NOT_SUPPORTED,
    ),
    sample={
        "link_id": "LINK_ID",
        "link_name": "获客链接1号",
        "range": {"user_list": ["zhangsan", "lisi"], "department_list": [2, 3]},
        "skip_verify": True,
        "priority_option": {"priority_type": 2, "priority_userid_list": ["tom", "lisi"]},
        "mark_source": True,
    },
)
def update_link(call: Call, body: UpdateLinkRequest) -> Done:
    """编辑获客链接 / Change an acquisition link

    Absent fields keep their value; range and priority_option are replaced as a whole. An empty range object,
    which some SDKs send for an unset one, changes nothing.
    """
    the_link(call, body.link_id)
    changes: dict[str, Any] = {}
    if body.link_name:
        changes["link_name"] = body.link_name
    if body.range is not None and (body.range.user_list or body.range.department_list):
        changes |= _range(call, body.range)
    if body.skip_verify is not None:
        changes["skip_verify"] = body.skip_verify
    if body.mark_source is not None and call.app_kind == AppKind.MARKETING:
        changes["mark_source"] = body.mark_source
    if body.priority_option is not None:
        changes |= _priority(call, body.priority_option)
    if changes:
        _change(call, body.link_id, changes)
    return {}


@family.post(
    "/cgi-bin/externalcontact/customer_acquisition/delete_link",
    doc="97297",
    meter="customer.write",
    permission=Permission.ACQUISITION_LINK,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER),
    sample={"link_id": "LINK_ID"},
)
def delete_link(call: Call, body: OneLink) -> Done:
    """删除获客链接 / Delete an acquisition link

    The link stops working and is no longer listed; a deletion through the API raises no delete_link event.
    """
    the_link(call, body.link_id)
    _change(call, body.link_id, {"deleted_at": call.now})
    return {}


def _change(call: Call, link_id: str, changes: dict[str, Any]) -> None:
    of_link = (ACQUISITION_LINK.c.corp_id == call.corp_id) & (ACQUISITION_LINK.c.link_id == link_id)
    call.db.execute(sa.update(ACQUISITION_LINK).where(of_link).values(changes))
