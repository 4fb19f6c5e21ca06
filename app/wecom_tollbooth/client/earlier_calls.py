"""What a page signed earlier: it may have used that again."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.client.signatures import Suspects
from wecom_tollbooth.client.tables import WEBVIEW_CALL
from wecom_tollbooth.world.context import Context

SIGNED_CALLS = ("preVerifyJSAPI", "agentConfig")
MOST = 10


def earlier(context: Context, webview: int, suspects: Suspects) -> Suspects:
    """`suspects`, with the addresses, noncestrs and timestamps of the webview's last signed calls."""
    query = (
        sa.select(WEBVIEW_CALL.c.url, WEBVIEW_CALL.c.params)
        .where(
            WEBVIEW_CALL.c.corp_id == context.corp_id,
            WEBVIEW_CALL.c.webview == webview,
            WEBVIEW_CALL.c.name.in_(SIGNED_CALLS),
        )
        .order_by(WEBVIEW_CALL.c.id.desc())
        .limit(MOST)
    )
    rows = context.db.execute(query).all()
    return replace(
        suspects,
        addresses=[row.url for row in rows],
        noncestrs=_given(rows, "nonceStr", "verifyNonceStr"),
        timestamps=_given(rows, "timestamp", "verifyTimestamp"),
    )


def _given(rows: Any, *names: str) -> list[str]:
    values = [str(row.params[name]) for row in rows for name in names if row.params.get(name)]
    return list(dict.fromkeys(values))
