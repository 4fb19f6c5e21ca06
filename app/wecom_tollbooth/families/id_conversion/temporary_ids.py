"""tmp_external_userid: ids that an app receives for outsiders in meetings, forms and documents."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import CUSTOMER_APPS, PROVIDER_APPS, THIRD_PARTY_APPS
from wecom_tollbooth.families.corp_groups.groups import CIRCLE, DOWNSTREAM, LINKED, reachable_corps
from wecom_tollbooth.families.directory.tables import LEFT, MEMBER
from wecom_tollbooth.families.id_conversion.family import family
from wecom_tollbooth.families.id_conversion.known_customers import (
    CONTACTS,
    provider_of,
    to_scoped,
    visible_customers,
)
from wecom_tollbooth.families.id_conversion.tables import TEMPORARY_ID
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required, required_number

MEETING, FORM, DOCUMENT = 1, 2, 3
CUSTOMER, CIRCLES = 1, 4
GROUPS = {2: LINKED, 3: DOWNSTREAM, CIRCLES: CIRCLE}
"""The kind of corp group through which members of other corps are reached, by user_type."""


# --- tmp_external_userid的转换 -----------------------------------------------------------------------------


class TemporaryIdsRequest(RequestModel):
    business_type: int = required_number(ge=MEETING, le=DOCUMENT, doc="1 meeting, 2 form, 3 document")
    user_type: int = required_number(
        ge=CUSTOMER, le=CIRCLES, doc="1 customer, 2 linked corp, 3 upstream or downstream, 4 circle"
    )
    tmp_external_userid_list: list[str] = required(max_items=100, doc="up to 100")


class ConvertedId(TypedDict):
    tmp_external_userid: str
    external_userid: NotRequired[str]
    corpid: NotRequired[str]
    userid: NotRequired[str]


class TemporaryIdsReply(TypedDict):
    results: list[ConvertedId]
    invalid_tmp_external_userid_list: NotRequired[list[str]]


@family.post(
    "/cgi-bin/idconvert/convert_tmp_external_userid",
    doc="98729",
    meter="customer.list",
    permission=Permission.TEMPORARY_IDS,
    errors=(ErrCode.INVALID_PARAMETER, ErrCode.PARAMETERS_EMPTY, ErrCode.API_FORBIDDEN),
    sample={
        "business_type": 1,
        "user_type": 1,
        "tmp_external_userid_list": ["ouXXX1", "ouXXX2", "ouXXX3"],
    },
)
def convert_tmp_external_userid(call: Call, body: TemporaryIdsRequest) -> TemporaryIdsReply:
    """tmp_external_userid的转换 / Convert tmp_external_userid

    The people behind ids that the calling app received for this business_type. Ids that are unknown, another
    app's, or of another business_type or user_type are in `invalid_tmp_external_userid_list`, which is absent
    if empty. user_type 1 needs the permission 客户联系.
    """
    if body.user_type == CUSTOMER and call.app_kind not in CUSTOMER_APPS | PROVIDER_APPS:
        raise Refusal(ErrCode.API_FORBIDDEN, detail="user_type 1 needs the permission 客户联系")
    given = list(dict.fromkeys(body.tmp_external_userid_list))
    query = sa.select(TEMPORARY_ID).where(
        TEMPORARY_ID.c.corp_id == call.corp_id,
        TEMPORARY_ID.c.tmp_external_userid.in_(given),
        TEMPORARY_ID.c.agentid == call.agentid,
        TEMPORARY_ID.c.business_type == body.business_type,
    )
    rows = {row.tmp_external_userid: row for row in call.db.execute(query)}
    if body.user_type == CUSTOMER:
        found = _customers(call, {tmp: row.external_userid for tmp, row in rows.items()})
    else:
        found = _members(
            call, body.user_type, {tmp: (row.of_corp_id, row.userid) for tmp, row in rows.items()}
        )
    reply: TemporaryIdsReply = {"results": [found[tmp] for tmp in given if tmp in found]}
    invalid = [tmp for tmp in given if tmp not in found]
    if invalid:
        reply["invalid_tmp_external_userid_list"] = invalid
    return reply


def _customers(call: Call, plain: dict[str, str]) -> dict[str, ConvertedId]:
    """Customers with a follower in the visible range, by the ids that the app knows."""
    known = {id_: id_ for id_ in visible_customers(call, set(plain.values()))}
    if call.app_kind in THIRD_PARTY_APPS:
        known = to_scoped(call.db, call.corp_id, provider_of(call), CONTACTS, known)
    return {
        tmp: {"tmp_external_userid": tmp, "external_userid": known[id_]}
        for tmp, id_ in plain.items()
        if id_ in known
    }


def _members(call: Call, user_type: int, people: dict[str, tuple[str, str]]) -> dict[str, ConvertedId]:
    """Members of corps that the app reaches through groups of this kind."""
    corps = reachable_corps(call, GROUPS[user_type])
    found: dict[str, ConvertedId] = {}
    for tmp, (corp_id, userid) in people.items():
        there = sa.select(MEMBER.c.userid).where(
            MEMBER.c.corp_id == corp_id, MEMBER.c.userid == userid, MEMBER.c.status != LEFT
        )
        if corp_id in corps and call.db.execute(there).first() is not None:
            found[tmp] = {"tmp_external_userid": tmp, "corpid": corp_id, "userid": userid}
    return found
