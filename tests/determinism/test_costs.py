"""A corp with a key costs its calls at most one statement: the one that takes its next numbers."""

import json
import threading
from typing import Any

import pytest

from tests.conftest import ON_POSTGRESQL, RunningServer
from tests.in_process import InProcess

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="it counts what SQLite's driver runs")

CALLS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "externalcontact/get_follow_user_list": ("reads", None),
    "externalcontact/list?userid=zhangsan": ("reads", None),
    "department/list": ("reads", None),
    "externalcontact/get_corp_tag_list": ("reads", {}),
    "externalcontact/batch/get_by_user": ("reads", {"userid_list": ["zhangsan"]}),
    "externalcontact/follow_up/board": ("reads", {}),
    "externalcontact/remark": ("reads", {"userid": "nobody", "external_userid": "wm"}),
    "externalcontact/add_contact_way": ("draws", {"type": 1, "scene": 2, "user": ["zhangsan"]}),
    "externalcontact/add_corp_tag": ("draws", {"group_name": "{n}", "tag": [{"name": "a"}, {"name": "b"}]}),
    "wedoc/create_doc": ("draws", {"doc_type": 10, "doc_name": "表"}),
    "message/send": ("draws", {"touser": "lisi", "msgtype": "text", "text": {"content": "{n}"}}),
}


def test_a_call_runs_at_most_one_statement_more(server: RunningServer) -> None:
    api, this_thread = InProcess(server), threading.get_ident()
    ran: list[str] = []

    def note(sql: str) -> None:
        if threading.get_ident() == this_thread:
            ran.append(sql)

    def statements(**wanted: Any) -> dict[str, int]:
        corp = server.make_corp(seed="demo", customers=5, **wanted)
        query, counts = {"access_token": corp.client().token}, {}
        for number, (asked, (_, body)) in enumerate((*CALLS.items(), *CALLS.items())):
            path, _, more = asked.partition("?")
            text = json.dumps({"agentid": corp.apps[0]["agentid"], **(body or {})})
            content = text.replace("{n}", f"{number}").encode() if body is not None else b""
            method = "GET" if body is None else "POST"
            given = query | dict([more.split("=")] if more else [])
            with server.server.database.transaction() as tx:
                tx.driver.set_trace_callback(note)
            ran.clear()
            api.request(method, f"/cgi-bin/{path}", given, content)
            counts[asked] = len(ran)
            with server.server.database.transaction() as tx:
                tx.driver.set_trace_callback(None)
        return counts

    usual, keyed = statements(), statements(key="costs")
    more = {asked: keyed[asked] - usual[asked] for asked in CALLS}
    most = {"reads": 0, "draws": 1}
    assert {asked: n for asked, n in more.items() if n > most[CALLS[asked][0]]} == {}
    api.close()
