"""用户跟进: lists and boards."""

from typing import Any, Literal, NotRequired, cast

import orjson
from pydantic import model_validator
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.follow_ups.family import family
from wecom_tollbooth.families.follow_ups.operations.shapes import (
    PRIORITY_AT_MOST,
    USERID_CHARS,
    FollowUpShape,
    page_size,
    shape,
    the_owner,
)
from wecom_tollbooth.families.follow_ups.store import cards, queries
from wecom_tollbooth.families.follow_ups.store.board_cache import CachedBoard, board_cache
from wecom_tollbooth.families.follow_ups.store.pipeline import Pipeline, refuse_unknown_stage, stored_custom
from wecom_tollbooth.families.follow_ups.store.text_index import SHORTEST, folded
from wecom_tollbooth.families.follow_ups.store.unit_of_work import read_corp, read_pipeline
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world.clock import LATEST
from wecom_tollbooth.world.keyed_corps import is_keyed

LIST_DEFAULT, LIST_AT_MOST = 50, 500
CARDS_DEFAULT, CARDS_AT_MOST = 50, 100
TEXT_CHARS = 50


# --- 获取跟进列表 ----------------------------------------------------------------------------------------


class CustomFilter(RequestModel):
    field_id: str = required(ErrCode.UNKNOWN_FIELD)
    value: Any = optional(doc="the field's value")


class ListRequest(RequestModel):
    userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who follows up")
    stage_id: str | None = optional()
    external_userid: str | None = optional()
    priority: int | None = optional(ge=0, le=PRIORITY_AT_MOST)
    due_after: int | None = optional(ge=0, le=LATEST, doc="next_time at or after this")
    due_before: int | None = optional(ge=0, le=LATEST, doc="next_time at or before this")
    overdue: bool | None = optional(doc="true: next_time has passed")
    closed: bool | None = optional(doc="true: closed records only; false: open ones only")
    tag_id: str | None = optional(doc="a tag that the record's member gave the customer")
    text: str | None = optional(
        max_chars=TEXT_CHARS, doc="in the title, the note or a log; at least 2 characters"
    )
    custom: CustomFilter | None = optional(doc="records with this value in a field of the corp's own")
    sort: Literal["next_time", "last_time", "created", "updated", "amount"] | None = optional(
        doc="default created; next_time with a due filter"
    )
    order: Literal["asc", "desc"] | None = optional(doc="default asc for next_time, else desc")
    cursor: str | None = optional(doc="next_cursor of the previous page; with the same arguments")
    limit: int | None = optional(doc="default 50, at most 500")

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown_filters(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Raises 990005: to ignore an unknown filter would return records that nobody asked for."""
        unknown = given.keys() - cls.model_fields.keys()
        if unknown:
            raise Refusal(ErrCode.UNKNOWN_FIELD, detail=f"list has no field {min(unknown)!r}")
        return given


class ListReply(TypedDict):
    follow_ups: list[FollowUpShape]
    next_cursor: NotRequired[str]


@family.post(
    "/cgi-bin/externalcontact/follow_up/list",
    doc="",
    checked=None,
    meter="follow_up.list",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_STAGE,
        ErrCode.UNKNOWN_FIELD,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_CURSOR,
    ),
    sample={"userid": "zhangsan", "overdue": True, "sort": "next_time", "limit": 50},
)
def list_follow_ups(call: Call, body: ListRequest) -> ListReply:
    """获取跟进列表 / List follow-ups

    The records that match all filters, sorted, page by page. One call scans at most 5,000 records, so a page
    can have fewer records than `limit`, or none, and still a `next_cursor`. Unknown filters are refused.
    """
    pipeline, _ = read_pipeline(call.db, call.corp_id)
    query = _list_query(call, pipeline, body)
    arguments = body.model_dump(exclude={"cursor", "limit"}, exclude_none=True)
    after: tuple[int, int] | None = None
    if body.cursor:
        value, seq = position_of(call, arguments, body.cursor)
        after = (value, seq)
    page = queries.page(
        call.db, call.corp_id, query, after, page_size(body.limit, LIST_DEFAULT, LIST_AT_MOST)
    )
    found = [shape(row) for row in page.rows]
    if page.next is None:
        return {"follow_ups": found}
    return {"follow_ups": found, "next_cursor": make_cursor(call, arguments, list(page.next))}


def _list_query(call: Call, pipeline: Pipeline, body: ListRequest) -> queries.ListQuery:
    if body.stage_id:
        refuse_unknown_stage(pipeline, body.stage_id)
    due = body.due_after is not None or body.due_before is not None or body.overdue is True
    sort = body.sort or ("next_time" if due else "created")
    before = body.due_before
    if body.overdue:
        before = call.now - 1 if before is None else min(before, call.now - 1)
    after = body.due_after
    if body.overdue is False:
        after = call.now if after is None else max(after, call.now)
    return queries.ListQuery(
        sort=sort,
        descending=(body.order or ("asc" if sort == "next_time" else "desc")) == "desc",
        userid=the_owner(call, body.userid),
        stage_id=body.stage_id or None,
        external_userid=body.external_userid or None,
        priority=body.priority,
        due_after=after,
        due_before=before,
        closed=body.closed,
        tag_id=body.tag_id or None,
        custom=_custom(pipeline, body.custom),
        text=_text(body.text),
        visible=visible_userids(call),
    )


def _custom(pipeline: Pipeline, given: CustomFilter | None) -> tuple[str, str] | None:
    if given is None:
        return None
    stored = stored_custom(pipeline, {given.field_id: given.value})
    return given.field_id, orjson.dumps(stored[given.field_id]).decode()


def _text(text: str | None) -> str | None:
    if not text:
        return None
    if len(folded(text)) < SHORTEST:
        raise Refusal(
            ErrCode.INVALID_PARAMETER, "text invalid", detail=f"text has at least {SHORTEST} characters"
        )
    return text


# --- 获取跟进看板 ----------------------------------------------------------------------------------------


class BoardRequest(RequestModel):
    userid: str | None = optional(max_chars=USERID_CHARS, doc="only this member's cards")
    stage_id: str | None = optional(doc="only this stage; with `cursor` its next cards")
    cursor: str | None = optional(doc="next_cursor of the stage; needs stage_id")
    limit: int | None = optional(doc="cards per stage; default 50, at most 100")


class BoardStage(TypedDict):
    stage_id: str
    name: str
    color: str
    kind: str
    count: int
    amount: int
    cards: list[cards.CardShape]
    next_cursor: NotRequired[str]


class BoardReply(TypedDict):
    stages: list[BoardStage]


@family.post(
    "/cgi-bin/externalcontact/follow_up/board",
    doc="",
    checked=None,
    meter="follow_up.list",
    permission=Permission.CUSTOMER,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_STAGE,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_CURSOR,
    ),
    sample={"userid": "zhangsan", "limit": 50},
)
def board(call: Call, body: BoardRequest) -> BoardReply:
    """获取跟进看板 / Get the follow-up board

    All stages in order, each with the number of its cards, their amount in fen, and the first cards. If a
    stage has more cards, pass its `next_cursor` with its `stage_id` to get the next ones.
    """
    pipeline, version, last_change = read_corp(call.db, call.corp_id)
    if body.stage_id:
        refuse_unknown_stage(pipeline, body.stage_id)
    elif body.cursor:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            "cursor invalid",
            detail="a cursor needs the stage_id that it belongs to",
        )
    userid, visible = the_owner(call, body.userid), visible_userids(call)
    counts = queries.counts(call.db, call.corp_id, userid, visible)
    limit = page_size(body.limit, CARDS_DEFAULT, CARDS_AT_MOST)
    key = (call.corp_id, call.generation, userid, visible, body.stage_id, body.cursor, limit)
    # Read before the cards: a change that is committed in between gives the next caller another state.
    state = (version, last_change, counts)
    cache = board_cache(call.db.database)
    may_cache = not is_keyed(call.corp_id)  # such a corp can begin again and come into the same state
    shown = cache.get(key, state) if may_cache else None
    if shown is None:
        shown = CachedBoard(state, _stages(call, body, pipeline, userid, visible, counts, limit))
        if may_cache:
            cache.put(key, shown)
    if call.app_kind in THIRD_PARTY_APPS:  # they get other ids, so the reply must stay a dict
        return {"stages": shown.stages}
    return {"stages": cast(list[BoardStage], shown.as_json)}


def _stages(
    call: Call,
    body: BoardRequest,
    pipeline: Pipeline,
    userid: str | None,
    visible: frozenset[str] | None,
    counts: dict[str, tuple[int, ...]],
    limit: int,
) -> list[BoardStage]:
    stages: list[BoardStage] = []
    for stage in pipeline.shown["stages"]:
        if body.stage_id and stage["stage_id"] != body.stage_id:
            continue
        number, amount = counts.get(stage["stage_id"], (0, 0))[:2]
        shown: BoardStage = {
            "stage_id": stage["stage_id"],
            "name": stage["name"],
            "color": stage["color"],
            "kind": stage["kind"],
            "count": number,
            "amount": amount,
            "cards": [],
        }
        stages.append(shown)
        query = [userid, stage["stage_id"]]
        after: cards.Place | None = None
        if body.cursor:
            rank, seq = position_of(call, query, body.cursor)
            after = (rank, seq)
        if not number:
            continue
        page = cards.page(
            call.db,
            call.corp_id,
            stage["stage_id"],
            userid=userid,
            visible=visible,
            after=after,
            limit=limit,
            generation=call.generation,
        )
        shown["cards"] = page.cards
        if page.next is not None:
            shown["next_cursor"] = make_cursor(call, query, list(page.next))
    return stages
