"""用户跟进: lists and boards."""

from typing import Any, Literal, NotRequired, cast

import orjson
from pydantic import model_validator
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import THIRD_PARTY_APPS
from wecom_tollbooth.families.directory.visibility import visible_userids
from wecom_tollbooth.families.follow_ups.family import PREFIX, family
from wecom_tollbooth.families.follow_ups.operations.logs import limited
from wecom_tollbooth.families.follow_ups.operations.shapes import (
    PRIORITY_AT_MOST,
    USERID_CHARS,
    CardShape,
    FollowUpShape,
    shape,
    the_owner,
)
from wecom_tollbooth.families.follow_ups.store import cards, queries
from wecom_tollbooth.families.follow_ups.store.board_cache import KeptBoard, kept_boards
from wecom_tollbooth.families.follow_ups.store.pipeline import Pipeline, kept_custom, refuse_unknown_stage
from wecom_tollbooth.families.follow_ups.store.text_index import SHORTEST, folded
from wecom_tollbooth.families.follow_ups.store.unit_of_work import read_corp, read_pipeline
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required
from wecom_tollbooth.world.clock import LATEST

LIST, LIST_AT_MOST = 50, 500
CARDS, CARDS_AT_MOST = 50, 100
TEXT_CHARS = 50


# --- 获取跟进列表 ----------------------------------------------------------------------------------------


class CustomFilter(RequestModel):
    field_id: str = required(ErrCode.UNKNOWN_FIELD)
    value: Any = optional(doc="that the field has")


class ListRequest(RequestModel):
    userid: str | None = optional(max_chars=USERID_CHARS, doc="the member who follows up")
    stage_id: str | None = optional()
    external_userid: str | None = optional()
    priority: int | None = optional(ge=0, le=PRIORITY_AT_MOST)
    due_after: int | None = optional(ge=0, le=LATEST, doc="next_time from here on")
    due_before: int | None = optional(ge=0, le=LATEST, doc="next_time up to here")
    overdue: bool | None = optional(doc="true: next_time is past")
    closed: bool | None = optional(doc="true: closed records only; false: open ones only")
    tag_id: str | None = optional(doc="of the customer, put there by the record's member")
    text: str | None = optional(max_chars=TEXT_CHARS, doc="in title, note or a log; from 2 characters on")
    custom: CustomFilter | None = optional(doc="records whose own field has this value")
    sort: Literal["next_time", "last_time", "created", "updated", "amount"] | None = optional(
        doc="created unless told; next_time where a due filter is given"
    )
    order: Literal["asc", "desc"] | None = optional(doc="asc by next_time, else desc, unless told")
    cursor: str | None = optional(doc="of the page before, with the same arguments")
    limit: int | None = optional(doc="50 unless told, 500 at most")

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown_filters(cls, given: dict[str, Any]) -> dict[str, Any]:
        """990005: a filter that is left out would answer records that nobody asked for."""
        unknown = given.keys() - cls.model_fields.keys()
        if unknown:
            raise Refusal(ErrCode.UNKNOWN_FIELD, detail=f"list has no field {min(unknown)!r}")
        return given


class ListReply(TypedDict):
    follow_ups: list[FollowUpShape]
    next_cursor: NotRequired[str]


@family.post(
    PREFIX + "list",
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
    """获取跟进列表

    The records that fit all filters, sorted, page by page. A page may hold fewer than `limit`, even none, and
    still have a `next_cursor`: one call looks at 5,000 records at most. Errors: 40003, 60011, 990006, 990005
    (a filter that is none, `custom` of a field that is not defined), 40058 (`text` under 2 or over 50
    characters, an unknown sort, a `custom` value of a wrong type), 50100 (a cursor of other arguments).
    """
    pipeline, _ = read_pipeline(call.db, call.corp_id)
    wanted = _wanted(call, pipeline, body)
    query = body.model_dump(exclude={"cursor", "limit"}, exclude_none=True)
    after: tuple[int, int] | None = None
    if body.cursor:
        value, seq = position_of(call, query, body.cursor)
        after = (value, seq)
    page = queries.page(call.db, call.corp_id, wanted, after, limited(body.limit, LIST, LIST_AT_MOST))
    found = [shape(row) for row in page.rows]
    if page.next is None:
        return {"follow_ups": found}
    return {"follow_ups": found, "next_cursor": make_cursor(call, query, list(page.next))}


def _wanted(call: Call, pipeline: Pipeline, body: ListRequest) -> queries.Wanted:
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
    return queries.Wanted(
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


def _custom(pipeline: Pipeline, asked: CustomFilter | None) -> tuple[str, str] | None:
    if asked is None:
        return None
    kept = kept_custom(pipeline, {asked.field_id: asked.value})
    return asked.field_id, orjson.dumps(kept[asked.field_id]).decode()


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
    stage_id: str | None = optional(doc="only this stage: with `cursor` its next cards")
    cursor: str | None = optional(doc="of the stage, from the reply before; needs stage_id")
    limit: int | None = optional(doc="cards a stage: 50 unless told, 100 at most")


class BoardStage(TypedDict):
    stage_id: str
    name: str
    color: str
    kind: str
    count: int
    amount: int
    cards: list[CardShape]
    next_cursor: NotRequired[str]


class BoardReply(TypedDict):
    stages: list[BoardStage]


@family.post(
    PREFIX + "board",
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
    """获取跟进看板

    All stages in their order, each with its number of cards, their amount in fen, and the first cards. Where
    a stage has more, its `next_cursor` together with `stage_id` asks for the next ones. Errors: 40003, 60011,
    990006, 40058 (a cursor without a stage), 50100.
    """
    pipeline, version, last_change = read_corp(call.db, call.corp_id)
    if body.stage_id:
        refuse_unknown_stage(pipeline, body.stage_id)
    elif body.cursor:
        raise Refusal(ErrCode.INVALID_PARAMETER, "cursor invalid", detail="a cursor goes with its stage_id")
    userid, visible = the_owner(call, body.userid), visible_userids(call)
    counts = queries.counts(call.db, call.corp_id, userid, visible)
    limit = limited(body.limit, CARDS, CARDS_AT_MOST)
    asked = (call.corp_id, userid, visible, body.stage_id, body.cursor, limit)
    # Read before the cards: what is committed meanwhile raises the one or the other for whoever comes next.
    state = (version, last_change, counts)
    boards = kept_boards(call.db.database)
    shown = boards.get(asked, state)
    if shown is None:
        shown = KeptBoard(state, _stages(call, body, pipeline, userid, visible, counts, limit))
        boards.keep(asked, shown)
    if call.app_kind in THIRD_PARTY_APPS:  # which are told other ids
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
        )
        shown["cards"] = page.cards
        if page.next is not None:
            shown["next_cursor"] = make_cursor(call, query, list(page.next))
    return stages
