"""获取访问用户身份: who logged in with a code (page 91023, 2026-08)."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.visibility import sees, visible_userids
from wecom_tollbooth.families.id_conversion.known_customers import followed_customers
from wecom_tollbooth.families.identity.codes import PRIVATE_INFO, take_code
from wecom_tollbooth.families.identity.details import TICKET_SECONDS
from wecom_tollbooth.families.identity.family import family
from wecom_tollbooth.families.identity.tables import LoginCode, UserTicket
from wecom_tollbooth.families.relations.openids import openid_of
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required

TICKET_LENGTH = 86
DEVICE_ID = "tollbooth"
"""DeviceId of the old path: the simulated client has no hardware."""


class CodeRequest(RequestModel):
    code: str = required(ErrCode.MISSING_OAUTH_CODE, doc="of a login page; good once, for 5 minutes")


class VisitorReply(TypedDict):
    userid: NotRequired[str]
    user_ticket: NotRequired[str]
    user_doc_ticket: NotRequired[str]
    openid: NotRequired[str]
    external_userid: NotRequired[str]


class OldVisitorReply(TypedDict):
    UserId: NotRequired[str]
    DeviceId: NotRequired[str]
    user_ticket: NotRequired[str]
    expires_in: NotRequired[int]
    OpenId: NotRequired[str]
    external_userid: NotRequired[str]


@family.get(
    "/cgi-bin/auth/getuserinfo",
    doc="91023",
    meter="directory.read",
    permission=Permission.VISITORS,
    errors=(ErrCode.MISSING_OAUTH_CODE, ErrCode.INVALID_OAUTH_CODE, ErrCode.UNTRUSTED_REDIRECT_DOMAIN),
    sample={"code": "CODE"},
)
def getuserinfo(call: Call, query: CodeRequest) -> VisitorReply:
    """获取访问用户身份 / Get who visits

    Who logged in: a member by userid, with a `user_ticket` (30 minutes) where the page asked for
    snsapi_privateinfo and the member is in the visible range; anybody else by openid, and by external_userid
    if a member in the visible range follows them; an app with the right on documents of the data zone gets a
    `user_doc_ticket`, which nothing here takes. A code is good once, for 5 minutes, for the app that asked.
    """
    return _visitor(call, query.code)


@family.get(
    "/cgi-bin/user/getuserinfo",
    doc="91023",
    checked=None,
    meter="directory.read",
    permission=Permission.VISITORS,
    errors=(ErrCode.MISSING_OAUTH_CODE, ErrCode.INVALID_OAUTH_CODE, ErrCode.UNTRUSTED_REDIRECT_DOMAIN),
    sample={"code": "CODE"},
)
def old_getuserinfo(call: Call, query: CodeRequest) -> OldVisitorReply:
    """获取访问用户身份（旧路径） / Get who visits (old path)

    The same under the path and names of before 2022, which SDKs still use: UserId, OpenId, DeviceId.
    """
    visitor = _visitor(call, query.code)
    reply: OldVisitorReply = {"DeviceId": DEVICE_ID}
    if "userid" in visitor:
        reply["UserId"] = visitor["userid"]
    if "user_ticket" in visitor:
        reply["user_ticket"], reply["expires_in"] = visitor["user_ticket"], TICKET_SECONDS
    if "openid" in visitor:
        reply["OpenId"] = visitor["openid"]
    if "external_userid" in visitor:
        reply["external_userid"] = visitor["external_userid"]
    return reply


def _visitor(call: Call, given: str) -> VisitorReply:
    code = take_code(call, given)
    _refuse_another_apps(call, code)
    if not code.is_member:
        return _outsider(call, code.person)
    reply: VisitorReply = {"userid": code.person}
    asked = code.scope == PRIVATE_INFO and code.agentid is not None
    if asked and find_member(call, code.person) is not None and sees(call, code.person):
        reply["user_ticket"] = _new_ticket(call, code.person)
    if _keeps_documents(call):
        reply["user_doc_ticket"] = call.draw("user_doc_ticket", TICKET_LENGTH)
    return reply


def _keeps_documents(call: Call) -> bool:
    query = sa.select(APP.c.keeps_documents).where(
        APP.c.corp_id == call.corp_id, APP.c.agentid == call.agentid
    )
    return bool(call.db.execute(query).scalar())


def _refuse_another_apps(call: Call, code: LoginCode) -> None:
    """Raises 50001 where the page's host is not of this app, 40029 for a code of another app."""
    query = sa.select(APP.c.trusted_domains).where(
        APP.c.corp_id == call.corp_id, APP.c.agentid == call.agentid
    )
    trusted = call.db.execute(query).scalar_one()
    if trusted and code.host not in trusted:
        raise Refusal(
            ErrCode.UNTRUSTED_REDIRECT_DOMAIN,
            detail=f"the code went to {code.host}; the trusted domains of app {call.agentid} are "
            f"{', '.join(trusted)}",
        )
    if code.agentid is not None and code.agentid != call.agentid:
        raise Refusal(
            ErrCode.INVALID_OAUTH_CODE, detail=f"the code is for app {code.agentid}, not {call.agentid}"
        )


def _outsider(call: Call, external_userid: str) -> VisitorReply:
    reply: VisitorReply = {"openid": openid_of(call.corp_id, external_userid)}
    if followed_customers(call.db, call.corp_id, [external_userid], visible_userids(call)):
        reply["external_userid"] = external_userid
    return reply


def _new_ticket(call: Call, userid: str) -> str:
    ticket = call.draw("user_ticket", TICKET_LENGTH)
    call.db.session.add(
        UserTicket(
            corp_id=call.corp_id, ticket=ticket, agentid=call.agentid, userid=userid, issued_at=call.now
        )
    )
    return ticket
