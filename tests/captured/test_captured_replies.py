"""What the real host was seen to answer, the simulator answers too, or replies.toml says why it doesn't."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.families.factories import act
from tests.families.sheets import Sheet
from tests.families.smart_sheets.webhooks import webhook_of

REPLIES: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("replies.toml").read_text(encoding="utf-8")
)["replies"]
HINT = (
    r", hint: \[\d+\], from ip: [\d.]+, more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e={}"
)


# --- states that a reply needs ---------------------------------------------------------------------------

State = Callable[[Corp], dict[str, Any]]
STATES: dict[str, State] = {}


def state(name: str) -> Callable[[State], State]:
    def keep(make: State) -> State:
        STATES[name] = make
        return make

    return keep


@state("a mobile in use")
def a_mobile_in_use(corp: Corp) -> dict[str, Any]:
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    owner = {"userid": "owner", "name": "号主", "department": [1], "mobile": "13800001234"}
    assert sync.post("user/create", owner)["errcode"] == 0
    return {"mobile": "13800001234"}


@state("a member without customers")
def a_member_without_customers(corp: Corp) -> dict[str, Any]:
    sync = corp.client(corp.app_of_kind("contacts_sync"))
    new = {"userid": "newcomer", "name": "新人", "department": [1], "mobile": "13800004321"}
    assert sync.post("user/create", new)["errcode"] == 0
    act(corp, "admin_sets_member_status", userid="newcomer", status=1)
    act(corp, "admin_sets_follow_right", userid="newcomer", may_follow=True)
    return {"member": "newcomer"}


@state("a former customer")
def a_former_customer(corp: Corp) -> dict[str, Any]:
    customer = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    act(corp, "member_deletes_customer", userid="zhangsan", external_userid=customer)
    return {"customer": customer}


@state("a tag")
def a_tag(corp: Corp) -> dict[str, Any]:
    made = corp.client().post("externalcontact/add_corp_tag", group_name="渠道", tag=[{"name": "甲"}])
    assert made["errcode"] == 0
    return {"group": "渠道", "tag": "甲"}


@state("yesterday")
def yesterday(corp: Corp) -> dict[str, Any]:
    return {"yesterday": int(corp.server.sim.get("/clock").json()["now"]) - 86_400}


@state("another app")
def another_app(corp: Corp) -> dict[str, Any]:
    return {"other": corp.new_app()["agentid"]}


@state("a chat of another app")
def a_chat_of_another_app(corp: Corp) -> dict[str, Any]:
    made = corp.client(corp.new_app()).post("appchat/create", userlist=["zhangsan", "lisi"])
    assert made["errcode"] == 0, made
    return {"chat": made["chatid"]}


@state("a long text")
def a_long_text(corp: Corp) -> dict[str, Any]:
    return {"long": "x" * 5121}


@state("an open archive")
def an_open_archive(corp: Corp) -> dict[str, Any]:
    act(corp, "admin_opens_message_archive", userids=["zhangsan"])
    return {}


@state("a customer group in an open archive")
def a_customer_group(corp: Corp) -> dict[str, Any]:
    an_open_archive(corp)
    return {"group": act(corp, "member_creates_group", userid="zhangsan")["chat_id"]}


@state("a document of another app")
def a_document_of_another_app(corp: Corp) -> dict[str, Any]:
    return {"docid": Sheet(corp.client(corp.new_app())).docid}


@state("a new smart sheet")
def a_new_smart_sheet(corp: Corp) -> dict[str, Any]:
    sheet = Sheet(corp.client())
    return {"docid": sheet.docid, "sheet": sheet.sheet_id, "field": sheet.primary}


@state("a webhook")
def a_webhook(corp: Corp) -> dict[str, Any]:
    return {"key": webhook_of(Sheet(corp.client(), 日="DATE_TIME")).key}


# --- the replies -----------------------------------------------------------------------------------------


def filled_in(given: Any, values: dict[str, Any]) -> Any:
    """The request with values in the place of {words}; a text that is one word becomes the value itself."""
    if isinstance(given, dict):
        return {name: filled_in(value, values) for name, value in given.items()}
    if isinstance(given, list):
        return [filled_in(value, values) for value in given]
    if isinstance(given, str):
        for name, value in values.items():
            if given == f"{{{name}}}":
                return value
            given = given.replace(f"{{{name}}}", str(value))
    return given


def answer_to(corp: Corp, reply: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Makes the call that was seen; returns the answer, and what it should have beside the code."""
    app: dict[str, Any] = {}
    query: dict[str, Any] = {}
    caller = reply["as"]
    if caller == "robot":
        query["key"] = act(corp, "member_adds_group_robot", userid="zhangsan", members=["lisi"])["key"]
    elif caller != "nobody":
        kind = "self_built" if caller == "untrusted" else caller
        known = [one for one in corp.apps if one["kind"] == kind]
        app = known[0] if known else corp.new_app(kind=kind)
        query["access_token"] = corp.client(app).token
    values = {"corpid": corp.corpid, **({"agentid": app["agentid"]} if app else {})}
    if "where" in reply:
        values |= STATES[reply["where"]](corp)
    query |= filled_in(reply.get("query", {}), values)
    method, operation = reply["call"].split()
    body = filled_in(reply.get("body"), values)
    if method == "GET":
        answer = corp.server.api.get(operation, params=query)
    elif "file" in reply:
        parts = (
            b'--cut\r\nContent-Disposition: form-data; name="media"; filename="a.txt"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n%b\r\n--cut--\r\n" % reply["file"].encode()
        )
        multipart = {"Content-Type": "multipart/form-data; boundary=cut"}
        answer = corp.server.api.post(operation, params=query, content=parts, headers=multipart)
    else:
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        answer = corp.server.api.post(operation, params=query, content=content)
    assert answer.status_code == 200
    return dict(answer.json()), filled_in(reply.get("also", {}), values)


@pytest.mark.parametrize("reply", REPLIES, ids=[f"{one['date']} {one['asked']}" for one in REPLIES])
def test_the_simulator_answers_what_the_real_host_was_seen_to_answer(
    reply: dict[str, Any], server: RunningServer, start_server: Callable[..., RunningServer]
) -> None:
    running = start_server(trusted_ips=True) if reply["as"] == "untrusted" else server
    corp = running.make_corp(seed="demo", activity=False)
    answer, also = answer_to(corp, reply)
    text = str(answer["errmsg"])
    if answer["errcode"]:
        text, hint = text.partition(", hint")[0], re.search(HINT.format(answer["errcode"]) + "$", text)
        assert hint is not None, answer["errmsg"]
    same = (
        answer["errcode"] == reply["errcode"]
        and text == reply["errmsg"]
        and all(answer.get(name) == value for name, value in also.items())
    )
    assert same is ("differs" not in reply), (answer, reply.get("differs"))


def test_each_reply_says_when_and_where_it_was_seen() -> None:
    for reply in REPLIES:
        assert re.fullmatch(r"20\d\d(-\d\d){0,2}", reply["date"]), reply["asked"]
        assert reply["source"], reply["asked"]
    assert {reply["where"] for reply in REPLIES if "where" in reply} == set(STATES)
