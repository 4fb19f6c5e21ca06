"""What became of a moment: who has published it, for which customers, and who can see it; stopping it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.moments.family import family
from wecom_tollbooth.families.moments.lookup import the_moment_of_corp, the_visible_publication
from wecom_tollbooth.families.moments.tables import MOMENT, MOMENT_PUBLICATION, MOMENT_VIEWER, PUBLIC
from wecom_tollbooth.families.phones.screens import CANCELLED, WAITING, set_state_from
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required

PAGE, LONGEST_PAGE = 500, 1000
SENT_PAGE, LONGEST_SENT_PAGE = 3000, 5000

PUBLICATION_ERRORS = (
    ErrCode.PARAMETERS_EMPTY,
    ErrCode.INVALID_PARAMETER,
    ErrCode.MISSING_MOMENT_ID,
    ErrCode.INVALID_MOMENT_ID,
    ErrCode.NOT_THE_PUBLISHER,
    ErrCode.MOMENT_NOT_PUBLISHED,
    ErrCode.NO_PRIVILEGE,
)


class MomentRequest(RequestModel):
    moment_id: str = required(ErrCode.MISSING_MOMENT_ID)


# --- 获取客户朋友圈企业发表的列表 ------------------------------------------------------------------------


class TasksRequest(MomentRequest):
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="default 500, at most 1000; a larger one counts as the default")


class TaskShape(TypedDict):
    userid: str
    publish_status: int


class TasksReply(TypedDict):
    next_cursor: str
    task_list: list[TaskShape]


@family.post(
    "/cgi-bin/externalcontact/get_moment_task",
    doc="93333",
    meter="moment.list",
    permission=Permission.MOMENT,
    errors=(
        ErrCode.MISSING_MOMENT_ID,
        ErrCode.INVALID_MOMENT_ID,
        ErrCode.WRONG_KIND_OF_MOMENT,
        ErrCode.MOMENT_BEING_DISPATCHED,
        ErrCode.INVALID_CURSOR,
    ),
    sample={"moment_id": "momxxx", "cursor": "CURSOR", "limit": 10},
)
def get_moment_task(call: Call, body: TasksRequest) -> TasksReply:
    """获取客户朋友圈企业发表的列表 / List members of a corp's moment

    Returns the members who are to publish a moment of the corp, by userid: publish_status 0 not yet,
    1 published. Members outside the app's visible range are left out.
    """
    moment = the_moment_of_corp(call, body.moment_id)
    if not moment.dispatched:
        raise Refusal(
            ErrCode.MOMENT_BEING_DISPATCHED, detail="members are still being asked to publish it; try again"
        )
    limit = body.limit if body.limit and 0 < body.limit <= LONGEST_PAGE else PAGE
    query = (
        sa.select(MOMENT_PUBLICATION.c.userid, MOMENT_PUBLICATION.c.published_at)
        .where(
            MOMENT_PUBLICATION.c.corp_id == call.corp_id,
            MOMENT_PUBLICATION.c.moment_id == moment.moment_id,
        )
        .order_by(MOMENT_PUBLICATION.c.userid)
        .limit(limit + 1)
    )
    visible = visible_userids(call)
    if visible is not None:
        query = query.where(MOMENT_PUBLICATION.c.userid.in_(visible))
    if body.cursor:
        (after,) = position_of(call, moment.moment_id, body.cursor)
        query = query.where(MOMENT_PUBLICATION.c.userid > after)
    rows = list(call.db.execute(query))
    page = rows[:limit]
    more = len(rows) > limit
    return {
        "next_cursor": make_cursor(call, moment.moment_id, [page[-1].userid]) if more else "",
        "task_list": [
            {"userid": row.userid, "publish_status": int(row.published_at is not None)} for row in page
        ],
    }


# --- 获取客户朋友圈发表时选择的可见范围 ------------------------------------------------------------------


class PublicationRequest(MomentRequest):
    userid: str = required(max_chars=64, doc="who has published it; of a personal moment its creator")


class CustomersRequest(PublicationRequest):
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="default 500, at most 1000; a larger one counts as the default")


class ChosenCustomer(TypedDict):
    userid: str
    external_userid: str


class CustomersReply(TypedDict):
    next_cursor: str
    customer_list: list[ChosenCustomer]


@family.post(
    "/cgi-bin/externalcontact/get_moment_customer_list",
    doc="93333",
    meter="moment.list",
    permission=Permission.MOMENT,
    errors=(*PUBLICATION_ERRORS, ErrCode.INVALID_CURSOR),
    sample={"moment_id": "momxxx", "userid": "xxx", "cursor": "CURSOR", "limit": 10},
)
def get_moment_customer_list(call: Call, body: CustomersRequest) -> CustomersReply:
    """获取客户朋友圈发表时选择的可见范围 / List customers chosen to see a moment

    Returns the member's customers in the range that was chosen, as it was when the member published the
    moment, whether they can see it or not. A public moment has no chosen range: an empty list.
    """
    limit = body.limit if body.limit and 0 < body.limit <= LONGEST_PAGE else PAGE
    moment, publication = the_visible_publication(call, body.moment_id, body.userid)
    if moment.visible_type == PUBLIC:
        return {"next_cursor": "", "customer_list": []}
    customers, cursor = _customers(call, publication, body.cursor, limit)
    return {
        "next_cursor": cursor,
        "customer_list": [
            {"userid": publication.userid, "external_userid": customer} for customer in customers
        ],
    }


# --- 获取客户朋友圈发表后的可见客户列表 ------------------------------------------------------------------


class SentRequest(PublicationRequest):
    cursor: str | None = optional(doc="empty for the first page")
    limit: int | None = optional(doc="default 3000, at most 5000; a larger one counts as the default")


class SentCustomer(TypedDict):
    external_userid: str


class SentReply(TypedDict):
    next_cursor: str
    customer_list: list[SentCustomer]


@family.post(
    "/cgi-bin/externalcontact/get_moment_send_result",
    doc="93333",
    meter="moment.list",
    permission=Permission.MOMENT,
    errors=(*PUBLICATION_ERRORS, ErrCode.INVALID_CURSOR),
    sample={"moment_id": "momxxx", "userid": "xxx", "cursor": "CURSOR", "limit": 100},
)
def get_moment_send_result(call: Call, body: SentRequest) -> SentReply:
    """获取客户朋友圈发表后的可见客户列表 / List customers who can see a moment

    Returns the member's customers who can see the moment in WeChat: no WeCom users, and nobody who had
    deleted the member when it was published.
    """
    limit = body.limit if body.limit and 0 < body.limit <= LONGEST_SENT_PAGE else SENT_PAGE
    _, publication = the_visible_publication(call, body.moment_id, body.userid)
    customers, cursor = _customers(call, publication, body.cursor, limit, only_seeing=True)
    return {
        "next_cursor": cursor,
        "customer_list": [{"external_userid": customer} for customer in customers],
    }


_OF_PUBLICATION = (
    sa.select(MOMENT_VIEWER.c.external_userid)
    .where(
        MOMENT_VIEWER.c.corp_id == bindparam("corp"),
        MOMENT_VIEWER.c.moment_id == bindparam("moment"),
        MOMENT_VIEWER.c.userid == bindparam("member"),
        MOMENT_VIEWER.c.external_userid > bindparam("after"),
    )
    .order_by(MOMENT_VIEWER.c.external_userid)
    .limit(bindparam("most"))
)
_CHOSEN = CompiledStatement(_OF_PUBLICATION)
_SEEING = CompiledStatement(_OF_PUBLICATION.where(MOMENT_VIEWER.c.can_see.is_(True)))


def _customers(
    call: Call, publication: Any, cursor: str | None, limit: int, *, only_seeing: bool = False
) -> tuple[list[str], str]:
    """A page of the publication's customers, and the cursor of the next one."""
    about = [publication.moment_id, publication.userid]
    (after,) = position_of(call, about, cursor) if cursor else ("",)
    rows = (_SEEING if only_seeing else _CHOSEN).all(
        call.db,
        corp=call.corp_id,
        moment=publication.moment_id,
        member=publication.userid,
        after=after,
        most=limit + 1,
    )
    page = [row[0] for row in rows[:limit]]
    return page, make_cursor(call, about, [page[-1]]) if len(rows) > limit else ""


# --- 停止发表企业朋友圈 ----------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/cancel_moment_task",
    doc="97612",
    meter="moment.write",
    permission=Permission.MOMENT,
    errors=(ErrCode.MISSING_MOMENT_ID, ErrCode.INVALID_MOMENT_ID, ErrCode.WRONG_KIND_OF_MOMENT),
    sample={"moment_id": "momXXXXXXXXXX"},
)
def cancel_moment_task(call: Call, body: MomentRequest) -> Done:
    """停止发表企业朋友圈 / Stop a corp's moment

    Members who have not published the moment cannot any more. What is published stays.
    """
    moment = the_moment_of_corp(call, body.moment_id)
    if moment.cancelled_at is None:
        this = (MOMENT.c.corp_id == call.corp_id, MOMENT.c.moment_id == moment.moment_id)
        call.db.execute(sa.update(MOMENT).where(*this).values(cancelled_at=call.now))
        set_state_from(call, moment.task_message_id, WAITING, CANCELLED)
    return {}
