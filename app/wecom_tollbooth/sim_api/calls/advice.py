"""Strict mode: what a corp's calls could do better."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.advice import noting
from wecom_tollbooth.advice.codes import CODES
from wecom_tollbooth.advice.noting import Noticed
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.advice.settling import settle, still_open
from wecom_tollbooth.gateway.envelope import hint_of
from wecom_tollbooth.gateway.operation import Registry
from wecom_tollbooth.sim_api.dependencies import TheGateway, TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest

router = control_routes()


class AdviceEntry(TypedDict):
    code: str
    operation: Annotated[str, Field(description="接口名 / Name of the operation")]
    field: Annotated[
        str,
        Field(description="所涉及的字段等，可为空 / The field or the like that it is about, if any"),
    ]
    meant: Annotated[list[str], Field(description="最接近的正确名称 / The nearest right names")]
    zh: str
    en: str
    count: int
    first_at: int
    last_at: int
    hint: Annotated[
        str,
        Field(description="最近一次所在的调用，见 …/calls?hint= / The call where it was last noticed"),
    ]
    callback: Annotated[int | None, Field(description="所涉及的回调 / The callback that it is about")]
    open: Annotated[
        bool,
        Field(description="尚未到期，仍可补上 / Not due yet: a call may still put it right"),
    ]
    doc: Annotated[str, Field(description="文档页 / The documentation page")]


class AdviceReply(TypedDict):
    strict: bool
    advice: list[AdviceEntry]


class DeletedAdviceReply(TypedDict):
    deleted: int


class AdviceQuery(ControlRequest):
    open: bool = Field(
        default=False,
        description="也列出尚未到期的：没有读完的分页、没有后续调用的回调 / Also what is not due yet: unread "
        "pages and callbacks without a call",
    )


@router.get("/corps/{corpid}/advice")
async def list_advice(
    corpid: str, wanted: Annotated[AdviceQuery, Query()], gateway: TheGateway
) -> AdviceReply:
    """列出接入建议 / List the advice

    严格模式（PATCH /_sim/corps/{corpid}）开启期间，从企业的调用中发现的问题。按建议、接口、字段合并计数；时间
    为企业时钟的 Unix 秒。

    What was noticed about the corp's calls while strict mode (PATCH /_sim/corps/{corpid}) was on, counted by
    code, operation and field. Times are unix seconds of the corp's clock.
    """

    def work(tx: Transaction) -> AdviceReply:
        strict = the_corp(tx, corpid).strict
        context = gateway.server.context(tx, corpid)
        settle(context)
        shown = [_entry(gateway.operations, **row._mapping) for row in noting.advice_of(tx, corpid)]
        if wanted.open:
            shown += [
                _open(gateway.operations, one, count, context.now)
                for one, count in _counted(still_open(context))
            ]
        return {"strict": strict, "advice": shown}

    return await gateway.server.run(work)


@router.delete("/corps/{corpid}/advice")
async def delete_advice(corpid: str, server: TheServer) -> DeletedAdviceReply:
    """删除接入建议 / Delete the advice

    重新开始；返回删除了几条。严格模式保持原状。

    Begins again and answers how many entries there were. Strict mode stays as it is.
    """

    def work(tx: Transaction) -> DeletedAdviceReply:
        the_corp(tx, corpid)
        return {"deleted": noting.forget(tx, corpid)}

    return await server.run(work)


def _counted(found: list[Noticed]) -> list[tuple[Noticed, int]]:
    """Each that differs, the last one of its like, with how many there are."""
    of_kind: dict[tuple[str, str, str], list[Noticed]] = {}
    for one in found:
        of_kind.setdefault((one.code.name, one.operation, one.field), []).append(one)
    return [(alike[-1], len(alike)) for _, alike in sorted(of_kind.items())]


def _open(operations: Registry, noticed: Noticed, count: int, now: int) -> AdviceEntry:
    called_at, usage_id = noticed.called or (0, 0)
    entry = _entry(
        operations,
        code=noticed.code.name,
        operation=noticed.operation,
        field=noticed.field,
        about=noticed.about,
        count=count,
        first_at=now,
        last_at=now,
        called_at=called_at,
        usage_id=usage_id,
    )
    entry["open"] = True
    return entry


def _entry(
    operations: Registry,
    *,
    code: str,
    operation: str,
    field: str,
    about: dict[str, Any],
    count: int,
    first_at: int,
    last_at: int,
    called_at: int,
    usage_id: int,
    **_: Any,
) -> AdviceEntry:
    declared = operations.find(operation)
    name = noting.short(operation)
    zh, en = CODES[code].sentences(operation=name, field=field, **about)
    callback = about.get("callback")
    return {
        "code": code,
        "operation": name,
        "field": field,
        "meant": about.get("meant", []),
        "zh": zh,
        "en": en,
        "count": count,
        "first_at": first_at,
        "last_at": last_at,
        "hint": hint_of(called_at, usage_id) if callback is None else "",
        "callback": callback,
        "open": False,
        "doc": declared.doc_url if declared is not None else "",
    }
