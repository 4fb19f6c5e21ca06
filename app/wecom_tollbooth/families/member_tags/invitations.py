"""邀请成员 (page 90975, 2026-02): an operation on members that also takes tags."""

from typing import NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.tables import MEMBER_TAG
from wecom_tollbooth.families.member_tags.lookup import departments_seen, members_seen
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional

MOST_USERS, MOST_PARTIES, MOST_TAGS = 1000, 100, 100


class InviteRequest(RequestModel):
    user: list[str] | None = optional(max_items=MOST_USERS, too_long=ErrCode.USERID_LIST_TOO_LONG)
    party: list[int] | None = optional(max_items=MOST_PARTIES, too_long=ErrCode.TOO_MANY_PARTIES)
    tag: list[int] | None = optional(max_items=MOST_TAGS, too_long=ErrCode.TOO_MANY_TAGS)


class InviteReply(TypedDict):
    invaliduser: NotRequired[list[str]]
    invalidparty: NotRequired[list[int]]
    invalidtag: NotRequired[list[int]]


@family.post(
    "/cgi-bin/batch/invite",
    doc="90975",
    meter="directory.write",
    permission=Permission.DIRECTORY_IDS,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.USERID_LIST_TOO_LONG,
        ErrCode.TOO_MANY_PARTIES,
        ErrCode.TOO_MANY_TAGS,
        ErrCode.ALL_RECEIVERS_INVALID,
    ),
    sample={"user": ["zhangsan", "lisi"], "party": [1, 2], "tag": [101]},
)
def invite(call: Call, body: InviteRequest) -> InviteReply:
    """邀请成员 / Invite members

    Names the members, departments and tags that don't exist or that the app doesn't see; the others would be
    invited, but the simulator sends no invitations.
    """
    if not body.user and not body.party and not body.tag:
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="user, party and tag are all empty")
    users, no_users = members_seen(call, list(dict.fromkeys(body.user or [])))
    parties, no_parties = departments_seen(call, list(dict.fromkeys(body.party or [])))
    known = set(
        call.db.execute(sa.select(MEMBER_TAG.c.tagid).where(MEMBER_TAG.c.corp_id == call.corp_id)).scalars()
        if body.tag
        else ()
    )
    no_tags = [one for one in dict.fromkeys(body.tag or []) if one not in known]
    if not users and not parties and known.isdisjoint(body.tag or []):
        raise Refusal(ErrCode.ALL_RECEIVERS_INVALID, detail="nobody who was named exists and is visible")
    reply: InviteReply = {}
    if no_users:
        reply["invaliduser"] = no_users
    if no_parties:
        reply["invalidparty"] = no_parties
    if no_tags:
        reply["invalidtag"] = no_tags
    return reply
