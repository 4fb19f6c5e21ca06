"""获客助手: the customers of the links, the remaining quota, and the customers' messages."""

from typing import NotRequired

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.acquisition_links import quota
from wecom_tollbooth.families.acquisition_links.family import family
from wecom_tollbooth.families.acquisition_links.links import OneLink, page_size, the_link
from wecom_tollbooth.families.acquisition_links.tables import (
    CHAT_KEY,
    LINK_CLICK,
    LINK_CUSTOMER,
)
from wecom_tollbooth.families.directory.visibility import contactable
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.day_ranges import span_of_days
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required, required_number
from wecom_tollbooth.world import clock

CHAT_KEY_SECONDS = 30 * 60


# --- 获取由获客链接添加的客户信息 -------------------------------------------------------------------------

CUSTOMERS_A_PAGE = 1000
_CUSTOMERS = CompiledStatement(
    sa.select(
        LINK_CUSTOMER.c.seq,
        LINK_CUSTOMER.c.external_userid,
        LINK_CUSTOMER.c.userid,
        LINK_CUSTOMER.c.messages,
        LINK_CUSTOMER.c.state,
    )
    .where(
        LINK_CUSTOMER.c.corp_id == bindparam("corp_id"),
        LINK_CUSTOMER.c.link_id == bindparam("link_id"),
        LINK_CUSTOMER.c.seq > bindparam("after"),
    )
    .order_by(LINK_CUSTOMER.c.seq)
    .limit(bindparam("limit"))
)


class LinkCustomersRequest(OneLink):
    limit: int | None = optional(doc="default and at most 1000")
    cursor: str | None = optional()


class LinkCustomerShape(TypedDict):
    external_userid: str
    userid: str
    chat_status: int
    state: NotRequired[str]


class LinkCustomersReply(TypedDict):
    customer_list: list[LinkCustomerShape]
    next_cursor: str


@family.post(
    "/cgi-bin/externalcontact/customer_acquisition/customer",
    doc="97298",
    meter="customer.list",
    permission=Permission.ACQUISITION,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER, ErrCode.INVALID_CURSOR),
    sample={"link_id": "LINK_ID", "limit": 1000, "cursor": "CURSOR"},
)
def link_customers(call: Call, body: LinkCustomersRequest) -> LinkCustomersReply:
    """获取由获客链接添加的客户信息 / List customers added through an acquisition link

    Returns one row for each pair of a customer and a member, in the order of adding; `chat_status` is 1
    once the customer has written.
    """
    the_link(call, body.link_id)
    limit = page_size(body.limit, CUSTOMERS_A_PAGE)
    after = position_of(call, body.link_id, body.cursor)[0] if body.cursor else 0
    rows = _CUSTOMERS.all(call.db, corp_id=call.corp_id, link_id=body.link_id, after=after, limit=limit + 1)
    shapes: list[LinkCustomerShape] = []
    for _, external_userid, userid, messages, state in rows[:limit]:
        shape: LinkCustomerShape = {
            "external_userid": external_userid,
            "userid": userid,
            "chat_status": 1 if messages else 0,
        }
        if state:
            shape["state"] = state
        shapes.append(shape)
    cursor = make_cursor(call, body.link_id, [rows[limit - 1][0]]) if len(rows) > limit else ""
    return {"customer_list": shapes, "next_cursor": cursor}


# --- 查询剩余使用量 --------------------------------------------------------------------------------------


class QuotaLotShape(TypedDict):
    expire_date: int
    balance: int


class QuotaReply(TypedDict):
    total: int
    balance: int
    quota_list: list[QuotaLotShape]


@family.get(
    "/cgi-bin/externalcontact/customer_acquisition_quota",
    doc="97375",
    meter="customer.read",
    permission=Permission.ACQUISITION,
)
def customer_acquisition_quota(call: Call, query: RequestModel) -> QuotaReply:
    """查询剩余使用量 / Get the remaining quota

    Returns `total`, the units ever used, `balance`, the units left, and each lot with 0:00 of the day on
    which it expires.
    """
    lots = quota.lots(call.db, call.corp_id, call.now)
    return {
        "total": quota.used(call.db, call.corp_id),
        "balance": sum(left for _, _, left in lots),
        "quota_list": [
            {"expire_date": clock.start_of_day(expires_at), "balance": left} for _, expires_at, left in lots
        ],
    }


# --- 查询链接使用详情 ------------------------------------------------------------------------------------


class StatisticRequest(OneLink):
    start_time: int = required_number()
    end_time: int = required_number()


class StatisticReply(TypedDict):
    click_link_customer_cnt: int
    new_customer_cnt: int


@family.post(
    "/cgi-bin/externalcontact/customer_acquisition/statistic",
    doc="97375",
    meter="customer.read",
    permission=Permission.ACQUISITION,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER, ErrCode.INVALID_TIME_SPAN),
    also_get="three independent clients read it by GET",
    sample={"link_id": "caxxxxxxx", "start_time": 1688140800, "end_time": 1688486400},
)
def statistic(call: Call, body: StatisticRequest) -> StatisticReply:
    """查询链接使用详情 / Get the use of a link

    Returns how many distinct customers opened the link and how many were added from the first to the last
    day, both included (Asia/Shanghai): at most 30 days, none over 180 days ago.
    """
    the_link(call, body.link_id)
    first, after_last = span_of_days(call, body.start_time, body.end_time)
    within = LINK_CLICK.c.at.between(first, after_last - 1)
    of_link = (LINK_CLICK.c.corp_id == call.corp_id) & (LINK_CLICK.c.link_id == body.link_id)
    clicks = sa.select(sa.func.count(sa.distinct(LINK_CLICK.c.person))).where(of_link, within)
    added = sa.select(sa.func.count()).where(
        LINK_CUSTOMER.c.corp_id == call.corp_id,
        LINK_CUSTOMER.c.link_id == body.link_id,
        LINK_CUSTOMER.c.added_at.between(first, after_last - 1),
    )
    return {
        "click_link_customer_cnt": call.db.execute(clicks).scalar_one(),
        "new_customer_cnt": call.db.execute(added).scalar_one(),
    }


# --- 获取成员多次收消息详情 -------------------------------------------------------------------------------


class ChatInfoRequest(RequestModel):
    chat_key: str = required(ErrCode.INVALID_CHAT_KEY, doc="of a message_from_customer event")


class ChatInfo(TypedDict):
    recv_msg_cnt: int
    link_id: str
    state: str


class ChatInfoReply(TypedDict):
    userid: str
    external_userid: str
    chat_info: ChatInfo


@family.post(
    "/cgi-bin/externalcontact/customer_acquisition/get_chat_info",
    doc="100130",
    meter="customer.read",
    permission=Permission.ACQUISITION,
    errors=(ErrCode.INVALID_CHAT_KEY,),
    sample={"chat_key": "CHAT_KEY"},
)
def get_chat_info(call: Call, body: ChatInfoRequest) -> ChatInfoReply:
    """获取成员多次收消息详情 / Get the repeated messages of a member

    Returns customer, member and link of the message, and the number of messages at the event. The
    key works for the app that received it, for 30 minutes.
    """
    query = sa.select(CHAT_KEY).where(
        CHAT_KEY.c.corp_id == call.corp_id,
        CHAT_KEY.c.chat_key == body.chat_key,
        CHAT_KEY.c.agentid == call.agentid,
        CHAT_KEY.c.issued_at >= call.now - CHAT_KEY_SECONDS,
    )
    row = call.db.execute(query).first()
    if row is None:
        raise Refusal(ErrCode.INVALID_CHAT_KEY, detail="no such key of this app, or it is too old")
    return {
        "userid": row.userid,
        "external_userid": row.external_userid,
        "chat_info": {"recv_msg_cnt": row.recv_msg_cnt, "link_id": row.link_id, "state": row.state},
    }


# --- 获取客户可建联成员 ----------------------------------------------------------------------------------


class PermitReply(TypedDict):
    user_list: list[str]
    department_list: list[int]
    tag_list: list[int]


@family.get(
    "/cgi-bin/externalcontact/customer_acquisition_app/get_permit",
    doc="101146",
    checked=None,
    meter="customer.read",
    permission=Permission.MARKETING,
)
def get_permit(call: Call, query: RequestModel) -> PermitReply:
    """获取客户可建联成员 / List members whom a customer may add

    Returns the members, departments and member tags for whom a 营销获客 app may acquire customers, as set by
    the corp's admin; if none are set, the app's visible range. The whole corp is department 1.
    """
    permitted = contactable(call) or call.visible_range or {"partyid": [1]}
    return {
        "user_list": permitted.get("userid", []),
        "department_list": permitted.get("partyid", []),
        "tag_list": permitted.get("tagid", []),
    }
