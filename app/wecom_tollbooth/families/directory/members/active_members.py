"""获取企业活跃成员数 (page 92714, known from SDKs: it is no longer among WeCom's pages)."""

import re
from datetime import datetime

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.tables import ACTIVE, MEMBER
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required
from wecom_tollbooth.world import clock
from wecom_tollbooth.world.clock import DAY

OLDEST_DAYS = 30
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class ActiveRequest(RequestModel):
    date: str = required(doc="YYYY-MM-DD, within the last 30 days")


class ActiveReply(TypedDict):
    active_cnt: int


@family.post(
    "/cgi-bin/user/get_active_stat",
    doc="92714",
    checked=None,
    meter="directory.read",
    permission=Permission.DIRECTORY_SYNC,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PARAMETER),
    sample={"date": "2020-03-27"},
)
def get_active_stat(call: Call, body: ActiveRequest) -> ActiveReply:
    """获取企业活跃成员数 / Count active members

    How many members were active on a day: those activated, from the day on which they joined. For the
    通讯录同步 secret.
    """
    end = _start(call, body.date) + DAY
    query = sa.select(sa.func.count()).where(
        MEMBER.c.corp_id == call.corp_id, MEMBER.c.status == ACTIVE, MEMBER.c.created_at < end
    )
    return {"active_cnt": call.db.execute(query).scalar_one()}


def _start(call: Call, date: str) -> int:
    """The first second of the day; raises 40058 for what is no date, the future and over 30 days ago."""
    today = clock.start_of_day(call.now)
    try:
        if not _DATE.fullmatch(date):
            raise ValueError
        start = int(datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=clock.SHANGHAI).timestamp())
    except ValueError:
        start = -1
    if not today - OLDEST_DAYS * DAY <= start <= today:
        detail = f"date: {date[:60]!r} is not YYYY-MM-DD of the last {OLDEST_DAYS} days"
        raise Refusal(ErrCode.INVALID_PARAMETER, detail=detail)
    return start
