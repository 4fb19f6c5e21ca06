"""What a record looks like on the wire, and checks of the members, customers and records in a request."""

from typing import Any, cast

import orjson
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import find_member, the_follower, the_visible_member
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.families.follow_ups.store import record_store
from wecom_tollbooth.families.follow_ups.store.ids import follow_up_id
from wecom_tollbooth.families.follow_ups.store.unit_of_work import Row
from wecom_tollbooth.families.follow_ups.tables import NEVER
from wecom_tollbooth.families.relations.lookups import refuse_unless_related, the_customer
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

TITLE_CHARS, NOTE_CHARS, SOURCE_CHARS, USERID_CHARS = 64, 500, 32, 64
AMOUNT_AT_MOST = 10**12
"""In fen: ten billion yuan. The sum of nine million such records fits into 64 bits."""
PRIORITY_AT_MOST = 3


class FollowUpShape(TypedDict):
    follow_up_id: str
    external_userid: str
    userid: str
    stage_id: str
    title: str
    note: str
    priority: int
    amount: int
    source: str
    tag_id: list[str]
    custom: dict[str, Any]
    next_time: int
    last_time: int
    stage_time: int
    created_time: int
    updated_time: int
    closed_time: int
    close_reason: str
    creator: str
    updater: str
    version: int


def shape(row: Row) -> FollowUpShape:
    """The record with its tags, as get and list show it."""
    return {
        "follow_up_id": follow_up_id(row["seq"]),
        "external_userid": row["external_userid"],
        "userid": row["userid"],
        "stage_id": row["stage_id"],
        "title": row["title"],
        "note": row["note"],
        "priority": row["priority"],
        "amount": row["amount"],
        "source": row["source"],
        "tag_id": row["tag_id"],
        "custom": cast(dict[str, Any], orjson.Fragment(row["custom"])),
        "next_time": 0 if row["next_at"] == NEVER else row["next_at"],
        "last_time": row["last_at"],
        "stage_time": row["stage_since"],
        "created_time": row["created_at"],
        "updated_time": row["updated_at"],
        "closed_time": row["closed_at"],
        "close_reason": row["close_reason"],
        "creator": row["creator"],
        "updater": row["updater"],
        "version": row["version"],
    }


def next_at(time: int) -> int:
    """`next_time` of a request as stored: 0 means none."""
    return NEVER if time == 0 else time


def page_size(asked: int | None, default: int, at_most: int) -> int:
    """The limit of a request, by default and below 1 `default`, at most `at_most`."""
    return default if not asked or asked < 0 else min(asked, at_most)


# --- checks ----------------------------------------------------------------------------------------------


def done_by(call: Call, operator_userid: str | None) -> str:
    """Who the history shows: the member whom the app names as its user, else the app. Raises 40003, 60011."""
    return the_visible_member(call, operator_userid).userid if operator_userid else f"agent:{call.agentid}"


def checked_pair(call: Call, userid: str, external_userid: str) -> tuple[str, str]:
    """A member and a customer whom the member follows. Raises 40003, 60011, 40096, 84061."""
    found = the_follower(call, userid).userid
    the_customer(call, external_userid)
    refuse_unless_related(call, found, external_userid)
    return found, external_userid


def seen_record(call: Call, id_: str) -> Row:
    """The record; raises 990001 for an unknown one, 60011 for one outside the app's visible range."""
    row = record_store.the_record(call.db, call.corp_id, id_)
    refuse_unseen(call, row)
    return row


def refuse_unseen(call: Call, row: Row) -> None:
    """Raises 60011 for a record whose member is outside the app's visible range."""
    if not sees(call, row["userid"]):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{row['userid']} is outside the app's visible range")


def the_owner(call: Call, userid: str | None) -> str | None:
    """The userid as the directory spells it, or None; members who left but have records are known too."""
    if not userid:
        return None
    found = find_member(call, userid)
    if found is None:
        return _former_owner(call, userid)
    return the_visible_member(call, userid).userid


def _former_owner(call: Call, userid: str) -> str:
    if not record_store.has_records(call.db, call.corp_id, userid) or not sees(call, userid):
        raise Refusal(ErrCode.INVALID_USERID, detail=f"{userid!r} neither is nor was a member of this corp")
    return userid
