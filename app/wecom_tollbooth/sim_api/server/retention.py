"""What retention keeps, and how much it has removed."""

from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.retention import bounds_of
from wecom_tollbooth.retention.tables import REMOVED_ROWS
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()


class KeptKind(TypedDict):
    kind: Annotated[
        str,
        Field(description="数据的种类，如 callbacks、journal、phones / Kind of rows, such as callbacks"),
    ]
    kept: Annotated[
        int | None,
        Field(description="每企业保留的条数，null 为不限 / Rows kept per corp; null: any number"),
    ]
    days: Annotated[int, Field(description="保留的天数，按模拟器时钟 / Days, by the simulator's clock")]
    removed: Annotated[int, Field(description="已删除的条数 / Rows removed so far")]
    last_removed_at: Annotated[
        int | None, Field(description="最近一次删除的时间 / When rows were last removed; null: never")
    ]


class RetentionReply(TypedDict):
    kinds: list[KeptKind]


@router.get("/retention")
async def get_server_retention(server: TheServer) -> RetentionReply:
    """查看数据保留 / Show what is kept

    回调、投递记录、业务动作记录、调用日志与消息的保留上限，以及全部企业已删除的条数；不含已删除企业的条数。

    The bounds of callbacks, attempts, act records, the call journal and messages, and how many rows were
    removed from all existing corps and from the calls that named none.
    """
    return {"kinds": await server.run(lambda tx: kinds_kept(tx, server.settings))}


def kinds_kept(tx: Transaction, settings: Settings, corpid: str | None = None) -> list[KeptKind]:
    """Each kind with what was removed, from one corp or from all."""
    query = sa.select(
        REMOVED_ROWS.c.kind,
        sa.func.sum(REMOVED_ROWS.c.removed).label("removed"),
        sa.func.max(REMOVED_ROWS.c.last_at).label("last_at"),
    )
    if corpid is not None:
        query = query.where(REMOVED_ROWS.c.corp_id == corpid)
    rows: list[Any] = list(tx.execute(query.group_by(REMOVED_ROWS.c.kind)))
    counted = {row.kind: (int(row.removed), int(row.last_at)) for row in rows}
    kinds: list[KeptKind] = []
    for bound in bounds_of(settings):
        total, last = counted.get(bound.kind, (0, None))
        kinds.append(
            {
                "kind": bound.kind,
                "kept": bound.kept,
                "days": bound.days,
                "removed": total,
                "last_removed_at": last,
            }
        )
    return kinds
