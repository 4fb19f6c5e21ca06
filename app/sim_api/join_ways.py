"""The page behind the code of a way into customer groups, open to all."""

import json
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.db import Transaction
from app.families.group_chats.join_ways import PAGE
from app.families.group_chats.tables import GroupJoinWay
from app.gateway.tables import Corp
from app.sim_api.contact_ways import PAGE_OF_A_CODE
from app.sim_api.server import TheServer

pages = APIRouter(prefix=PAGE, tags=["图片 Images"])

_HOW = """<p>这是模拟器里的「加入群聊」二维码。用下面的请求代替客户的扫描与入群：<br>
This is the code of simulated customer groups. The customer's scan is this request:</p>
<pre>curl -X POST {address} \\
  -H 'Content-Type: application/json' \\
  -d '{act}'</pre>
<p>控制接口的文档 / The control API: <a href="/docs">/docs</a></p>"""
_OVER = "<p>该入群方式不存在或已删除。<br>There is no such way into a group, or no longer.</p>"


@pages.get("/{corpid}/{config_id}", response_class=HTMLResponse)
async def join_way_page(corpid: str, config_id: str, request: Request, server: TheServer) -> HTMLResponse:
    """What a phone sees that scans the code: whose groups, and how to let a customer come into one."""

    def work(tx: Transaction) -> str | None:
        corp = tx.session.get(Corp, corpid)
        way = tx.session.get(GroupJoinWay, (corpid, config_id))
        return corp.name if corp is not None and way is not None else None

    name = None if "\x00" in corpid + config_id else await server.run(work)
    if name is None:
        return HTMLResponse(PAGE_OF_A_CODE.format(title="加入群聊", body=_OVER), 404)
    act = json.dumps({"act": "scan_join_way", "config_id": config_id})
    address = f"{request.base_url}_sim/corps/{corpid}/acts"
    body = _HOW.format(address=escape(address), act=escape(act, quote=False))
    return HTMLResponse(PAGE_OF_A_CODE.format(title=escape(name), body=body))
