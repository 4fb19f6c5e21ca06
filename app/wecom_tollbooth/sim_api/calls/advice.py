"""Strict mode: what a corp's calls could do better."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.advice import noting
from wecom_tollbooth.advice.codes import CODES
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.envelope import hint_of
from wecom_tollbooth.gateway.operation import Registry
from wecom_tollbooth.sim_api.dependencies import TheGateway, TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes

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
        str, Field(description="最近一次所在调用，见 …/calls?hint= / The call where it was last noticed")
    ]
    doc: Annotated[str, Field(description="文档页 / The documentation page")]


class AdviceReply(TypedDict):
    strict: bool
    advice: list[AdviceEntry]


class DeletedAdviceReply(TypedDict):
    deleted: int


@router.get("/corps/{corpid}/advice")
async def list_advice(corpid: str, gateway: TheGateway) -> AdviceReply:
    """列出接入建议 / List the advice

    严格模式（PATCH /_sim/corps/{corpid}）开启期间，从企业的调用中发现的问题。按建议、接口、字段合并计数；时间
    为企业时钟的 Unix 秒。

    What was noticed about the corp's calls while strict mode (PATCH /_sim/corps/{corpid}) was on, counted by
    code, operation and field. Times are unix seconds of the corp's clock.
    """

    def work(tx: Transaction) -> AdviceReply:
        strict = the_corp(tx, corpid).strict
        return {"strict": strict, "advice": _shown(tx, corpid, gateway.operations)}

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


def _shown(tx: Transaction, corpid: str, operations: Registry) -> list[AdviceEntry]:
    shown: list[AdviceEntry] = []
    for row in noting.advice_of(tx, corpid):
        operation = operations.find(row.operation)
        name = noting.short(row.operation)
        zh, en = CODES[row.code].sentences(operation=name, field=row.field, **row.about)
        shown.append(
            {
                "code": row.code,
                "operation": name,
                "field": row.field,
                "meant": row.about.get("meant", []),
                "zh": zh,
                "en": en,
                "count": row._mapping["count"],
                "first_at": row.first_at,
                "last_at": row.last_at,
                "hint": hint_of(row.called_at, row.usage_id),
                "doc": operation.doc_url if operation is not None else "",
            }
        )
    return shown
