"""获取企业全部的发表列表: the moments of the corp and of its members in a range of time."""

from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.moments.family import family
from wecom_tollbooth.families.moments.tables import MOMENT, MOMENT_PUBLICATION
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required_number
from wecom_tollbooth.world.clock import DAY

PAGE = 20
LONGEST = 30 * DAY
ALL_KINDS = 2


class ListRequest(RequestModel):
    start_time: int = required_number()
    end_time: int = required_number(doc="at most 30 days later; both ends are left out")
    creator: str | None = optional(max_chars=64, doc="the userid of who made it")
    filter_type: int | None = optional(ge=0, le=ALL_KINDS, doc="0 of the corp, 1 personal, 2 all (default)")
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="default and at most 20")


class Text(TypedDict):
    content: str


class Image(TypedDict):
    media_id: str


class Video(TypedDict):
    media_id: str
    thumb_media_id: NotRequired[str]


class Link(TypedDict):
    title: str
    url: str


class Location(TypedDict):
    latitude: str
    longitude: str
    name: str


class MomentShape(TypedDict):
    moment_id: str
    creator: NotRequired[str]
    create_time: int
    create_type: int
    visible_type: int
    text: NotRequired[Text]
    image: NotRequired[list[Image]]
    video: NotRequired[Video]
    link: NotRequired[Link]
    location: NotRequired[Location]


class ListReply(TypedDict):
    next_cursor: str
    moment_list: list[MomentShape]


@family.post(
    "/cgi-bin/externalcontact/get_moment_list",
    doc="93333",
    meter="moment.list",
    permission=Permission.MOMENT,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_CURSOR,
        ErrCode.INVALID_TIME_SPAN,
    ),
    sample={
        "start_time": 1605000000,
        "end_time": 1605172726,
        "creator": "zhangsan",
        "filter_type": 1,
        "cursor": "CURSOR",
        "limit": 10,
    },
)
def get_moment_list(call: Call, body: ListRequest) -> ListReply:
    """获取企业全部的发表列表 / List the moments of the corp

    Returns moments of the corp and of its members, newest first, without deleted ones. A moment made by the
    API has no creator. An app with a visible range gets what members in it made or are to publish.
    """
    if body.end_time < body.start_time:
        raise Refusal(ErrCode.INVALID_TIME_SPAN, detail="end_time is before start_time")
    if body.end_time - body.start_time > LONGEST:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "end_time invalid", detail="end_time is over 30 days after start_time"
        )
    limit = body.limit if body.limit and 0 < body.limit <= PAGE else PAGE
    creator = find_member(call, body.creator) if body.creator else None
    named = creator.userid if creator else body.creator
    chosen = [body.start_time, body.end_time, named, body.filter_type]
    query = (
        sa.select(MOMENT)
        .where(
            MOMENT.c.corp_id == call.corp_id,
            MOMENT.c.create_time > body.start_time,
            MOMENT.c.create_time < body.end_time,
            MOMENT.c.deleted_at.is_(None),
        )
        .order_by(MOMENT.c.create_time.desc(), MOMENT.c.seq.desc())
        .limit(limit + 1)
    )
    if named:
        query = query.where(MOMENT.c.creator == named)
    if body.filter_type is not None and body.filter_type != ALL_KINDS:
        query = query.where(MOMENT.c.create_type == body.filter_type)
    if body.cursor:
        at, seq = position_of(call, chosen, body.cursor)
        place = sa.tuple_(MOMENT.c.create_time, MOMENT.c.seq)
        query = query.where(place < sa.tuple_(sa.literal(at), sa.literal(seq)))
    rows = list(call.db.execute(_seen(call, query)))
    page = rows[:limit]
    more = len(rows) > limit
    return {
        "next_cursor": make_cursor(call, chosen, [page[-1].create_time, page[-1].seq]) if more else "",
        "moment_list": [_shape(row) for row in page],
    }


def _seen(call: Call, query: sa.Select[Any]) -> sa.Select[Any]:
    """Leaves out what no member in the app's visible range made or is to publish."""
    visible = visible_userids(call)
    if visible is None:
        return query
    by_members = sa.exists().where(
        MOMENT_PUBLICATION.c.corp_id == MOMENT.c.corp_id,
        MOMENT_PUBLICATION.c.moment_id == MOMENT.c.moment_id,
        MOMENT_PUBLICATION.c.userid.in_(visible),
    )
    return query.where(sa.or_(MOMENT.c.creator.in_(visible), by_members))


def _shape(row: Any) -> MomentShape:
    shape: MomentShape = {
        "moment_id": row.moment_id,
        "create_time": row.create_time,
        "create_type": row.create_type,
        "visible_type": row.visible_type,
    }
    if row.creator:
        shape["creator"] = row.creator
    if "text" in row.content:
        shape["text"] = row.content["text"]
    parts = row.content.get("attachments", [])
    images: list[Image] = [part["image"] for part in parts if part["msgtype"] == "image"]
    if images:
        shape["image"] = images
    for part in parts:
        if part["msgtype"] == "video":
            shape["video"] = part["video"]
        elif part["msgtype"] == "link":
            shape["link"] = {"title": part["link"].get("title", ""), "url": part["link"]["url"]}
    if "location" in row.content:
        shape["location"] = row.content["location"]
    return shape
