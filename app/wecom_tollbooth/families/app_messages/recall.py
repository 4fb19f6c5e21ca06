"""Taking back a message of an app, and how many an app has sent (pages 94867 and 92369)."""

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.app_messages.cards.versions import versions_of
from wecom_tollbooth.families.app_messages.family import family
from wecom_tollbooth.families.app_messages.tables import APP_MESSAGE, MESSAGES_OF_DAY
from wecom_tollbooth.families.phones.screens import RECALLED, set_state
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required
from wecom_tollbooth.world.clock import DAY, start_of_day

TODAY, YESTERDAY = 0, 1

_SENT = CompiledStatement(
    sa.select(APP_MESSAGE.c.message_id, APP_MESSAGE.c.agentid, APP_MESSAGE.c.sent_at).where(
        APP_MESSAGE.c.corp_id == bindparam("corp"), APP_MESSAGE.c.msgid == bindparam("given")
    )
)


class RecallRequest(RequestModel):
    msgid: str = required(doc="of the reply of message/send")


@family.post(
    "/cgi-bin/message/recall",
    doc="94867",
    checked="2026-02",
    meter="message.write",
    permission=Permission.APP_MESSAGE,
    errors=(ErrCode.MSGID_EXPIRED,),
    sample={"msgid": "vcT8gGc-7dFb4bxT35ONjBDz901sLlXPZw1DAMC_Gc26qRpK-AK5sTJkkb0128t"},
)
def recall(call: Call, body: RecallRequest) -> Done:
    """撤回应用消息 / Recall an app message

    The message is recalled on all phones. The app must have sent it in the last 24 hours.
    """
    row = _SENT.one(call.db, corp=call.corp_id, given=body.msgid)
    if row is None or row[1] != call.agentid:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "msgid invalid", detail=f"app {call.agentid} has sent no such message"
        )
    message_id, _, sent_at = row
    if call.now - sent_at > DAY:
        raise Refusal(ErrCode.MSGID_EXPIRED, detail=f"sent at {sent_at}, over 24 hours ago")
    for shown in versions_of(call, message_id):
        set_state(call, shown, RECALLED)
    return {}


# --- 查询应用消息发送统计 ---------------------------------------------------------------------------------


class StatisticsRequest(RequestModel):
    time_type: int | None = optional(ge=TODAY, le=YESTERDAY, doc="0, the default: today; 1: yesterday")


class OfApp(TypedDict):
    agentid: int
    app_name: str
    count: int


class StatisticsReply(TypedDict):
    statistics: list[OfApp]


@family.post(
    "/cgi-bin/message/get_statistics",
    doc="92369",
    checked=None,
    meter="message.read",
    permission=Permission.APP_MESSAGE,
    sample={"time_type": 0},
)
def get_statistics(call: Call, body: StatisticsRequest) -> StatisticsReply:
    """查询应用消息发送统计 / Get statistics of app messages

    How many receivers the messages of each app had on the day; an app that sent nothing is left out.
    """
    day = start_of_day(call.now) - (body.time_type or TODAY) * DAY
    of_app = (APP.c.corp_id == MESSAGES_OF_DAY.c.corp_id) & (APP.c.agentid == MESSAGES_OF_DAY.c.agentid)
    query = (
        sa.select(APP.c.agentid, APP.c.name, sa.func.sum(MESSAGES_OF_DAY.c.count).label("receivers"))
        .join(MESSAGES_OF_DAY, of_app)
        .where(APP.c.corp_id == call.corp_id, MESSAGES_OF_DAY.c.day == day)
        .group_by(APP.c.agentid, APP.c.name)
        .order_by(APP.c.agentid)
    )
    return {
        "statistics": [
            {"agentid": row.agentid, "app_name": row.name, "count": int(row.receivers)}
            for row in call.db.execute(query)
        ]
    }
