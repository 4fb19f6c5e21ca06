"""What a call meets: each effect on the wire, in the journal and in the ledger."""

import json
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.faults.faulty import faulty_calls, fired, ledger, plan
from wecom_tollbooth.corps.tables import Corp as CorpRow
from wecom_tollbooth.coverage.error_list import error_list
from wecom_tollbooth.db import DatabaseBusy
from wecom_tollbooth.gateway.steps import planned_faults

LIST = "externalcontact/get_follow_user_list"
TAG = "externalcontact/add_corp_tag"
NEW_TAG = {"group_name": "等级", "tag": [{"name": "金卡"}]}


def tags(wecom: WeCom) -> list[str]:
    groups = wecom.post("externalcontact/get_corp_tag_list")["tag_group"]
    return [tag["name"] for group in groups for tag in group["tag"]]


def raw(corp: Corp, wecom: WeCom, path: str, body: Any) -> bytes:
    """All that comes over the connection until it is closed."""
    address = urlsplit(corp.server.base_url)
    content = json.dumps(body).encode()
    head = f"POST /cgi-bin/{path}?access_token={wecom.token} HTTP/1.1\r\nHost: {address.netloc}\r\n"
    head += f"Content-Length: {len(content)}\r\n\r\n"
    with socket.create_connection((address.hostname or "", address.port or 0), 10) as connection:
        connection.sendall(head.encode() + content)
        received = b""
        while some := connection.recv(65536):
            received += some
        return received


# --- in place of the operation ---------------------------------------------------------------------------


def test_an_errcode_is_answered_as_the_platform_answers_it(corp: Corp, wecom: WeCom) -> None:
    fault = plan(corp, TAG, {"errcode": -1}, times=1)
    reply = wecom.post(TAG, NEW_TAG)
    assert reply["errcode"] == -1
    assert reply["errmsg"].startswith("system error, hint: [")
    assert tags(wecom).count("金卡") == 0
    assert wecom.post(TAG, NEW_TAG)["errcode"] == 0
    (call,) = faulty_calls(corp, fault)
    assert call["answer"]["errcode"] == -1
    assert f"planned fault {fault}: it answered -1" in call["detail"]


def test_states_of_the_platform_are_answered_by_planned_faults(corp: Corp, wecom: WeCom) -> None:
    states = next(one for one in error_list().reasons if "planned fault" in one.en)
    assert states.codes >= {6000, 40201, 45036, 48004, 610024}
    for code in sorted(states.codes):
        plan(corp, LIST, {"errcode": code}, times=1)
        assert wecom.get(LIST)["errcode"] == code
    assert wecom.get(LIST)["errcode"] == 0


def test_an_errmsg_of_ones_own_is_answered_before_the_hint(corp: Corp, wecom: WeCom) -> None:
    plan(corp, LIST, {"errcode": 987654321, "errmsg": "maintenance"})
    reply = wecom.get(LIST)
    assert reply["errcode"] == 987654321
    assert reply["errmsg"].startswith("maintenance, hint: [")
    assert reply["follow_user"] == []


def test_a_http_status_is_answered_with_its_body(corp: Corp, wecom: WeCom) -> None:
    fault = plan(corp, TAG, {"http_status": 502, "body": "<html>坏网关</html>"}, times=1)
    answer = corp.server.api.post(TAG, params={"access_token": wecom.token}, json=NEW_TAG)
    assert (answer.status_code, answer.text) == (502, "<html>坏网关</html>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "error-code" not in answer.headers
    assert "金卡" not in tags(wecom)
    (call,) = faulty_calls(corp, fault)
    assert call["answer"] == {"http_status": 502, "errcode": None, "errmsg": None}


def test_a_refusal_is_recorded_free_and_names_the_fault(corp: Corp, wecom: WeCom) -> None:
    before = corp.sim("statement")["total"]
    fault = plan(corp, LIST, {"errcode": 60011})
    wecom.get(LIST)
    record = ledger(corp)[-1]
    assert (record["errcode"], record["reason"]) == (60011, f"planned fault {fault}")
    assert corp.sim("statement")["total"] == before


def test_disconnect_before_does_nothing_and_answers_nothing(corp: Corp, wecom: WeCom) -> None:
    fault = plan(corp, TAG, {"disconnect": "before"}, times=1)
    assert raw(corp, wecom, TAG, NEW_TAG) == b""
    assert "金卡" not in tags(wecom)
    (call,) = faulty_calls(corp, fault)
    assert call["answer"] == {"http_status": 0, "errcode": None, "errmsg": None}
    assert [record["errcode"] for record in ledger(corp) if record["reason"]] == [-1]


# --- after the operation ---------------------------------------------------------------------------------


def test_after_commit_keeps_the_effect_and_charges_and_answers_nothing(corp: Corp, wecom: WeCom) -> None:
    fault = plan(corp, TAG, {"disconnect": "after_commit"}, times=1)
    assert raw(corp, wecom, TAG, NEW_TAG) == b""
    assert tags(wecom).count("金卡") == 1
    (call,) = faulty_calls(corp, fault)
    assert (call["answer"]["http_status"], call["answer"]["errcode"]) == (200, 0)
    assert [record["errcode"] for record in ledger(corp) if record["reason"]] == [0]


def test_mid_body_keeps_the_effect_and_sends_half_of_the_answer(corp: Corp, wecom: WeCom) -> None:
    fault = plan(corp, TAG, {"disconnect": "mid_body"}, times=1)
    received = raw(corp, wecom, TAG, NEW_TAG)
    head, _, body = received.partition(b"\r\n\r\n")
    announced = int(head.lower().partition(b"content-length: ")[2].split()[0])
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) == announced // 2
    assert body.startswith(b'{"errcode":0')
    assert tags(wecom).count("金卡") == 1
    assert fired(corp) == [1]
    assert len(faulty_calls(corp, fault)) == 1


def test_a_call_refused_by_its_operation_still_counts_the_fault(corp: Corp, wecom: WeCom) -> None:
    fault = plan(corp, "externalcontact/get", {"delay_ms": 1}, times=2)
    for _ in range(3):
        assert wecom.get("externalcontact/get", external_userid="nobody")["errcode"] == 40096
    assert fired(corp) == [2]
    assert [call["fault"] for call in corp.sim("calls", path="/cgi-bin/externalcontact/get")["calls"]] == [
        None,
        fault,
        fault,
    ]


def test_a_client_of_http_sees_a_closed_connection(corp: Corp, wecom: WeCom) -> None:
    plan(corp, LIST, {"disconnect": "after_commit"}, times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        wecom.http.get(LIST, params={"access_token": wecom.token})
    assert wecom.http.get(LIST, params={"access_token": wecom.token}).json()["errcode"] == 0


# --- tokens ----------------------------------------------------------------------------------------------


def test_an_expired_token_stays_expired_and_a_new_one_works(corp: Corp, wecom: WeCom) -> None:
    plan(corp, LIST, {"expire_token": True}, times=1)
    assert wecom.get(LIST)["errcode"] == 42001
    assert wecom.get(LIST)["errcode"] == 42001
    assert fired(corp) == [1]
    renewed = corp.client()
    assert renewed.token != wecom.token
    assert renewed.get(LIST)["errcode"] == 0


def test_an_expired_token_answers_the_errcode_of_the_setting(start_server: Any) -> None:
    server: RunningServer = start_server(expired_token_errcode=40014)
    corp = server.make_corp(seed="demo")
    plan(corp, "*", {"expire_token": True}, times=1)
    wecom = corp.client()
    assert wecom.get(LIST)["errcode"] == 40014


def test_every_operation_leaves_out_those_that_have_no_token(corp: Corp) -> None:
    plan(corp, "*", {"expire_token": True}, times=1)
    wecom = corp.client()
    assert fired(corp) == [0]
    assert wecom.get(LIST)["errcode"] == 42001


def test_a_fault_of_gettoken_is_met_by_its_corp_and_app_alone(corp: Corp, server: RunningServer) -> None:
    first, second = corp.apps[0], corp.apps[1]
    plan(corp, "gettoken", {"errcode": -1}, agentid=first["agentid"])

    def errcode(of: Corp, app: dict[str, Any]) -> int:
        params = {"corpid": of.corpid, "corpsecret": app["secret"]}
        return int(server.api.get("gettoken", params=params).json()["errcode"])

    other = server.make_corp()
    assert [errcode(corp, first), errcode(corp, second), errcode(other, other.apps[0])] == [-1, 0, 0]


def test_a_provider_meets_faults_of_its_own(server: RunningServer) -> None:
    provider = server.sim.post("/providers", json={"name": "连锁软件"}).json()
    corpid = provider["corpid"] if "corpid" in provider else provider["provider_id"]
    path = f"/corps/{corpid}/faults"
    body = {"path": "service/get_provider_token", "then": {"errcode": -1}, "times": 1}
    assert server.sim.post(path, json=body).status_code == 200
    sent = {"corpid": corpid, "provider_secret": provider["provider_secret"]}
    replies = [server.api.post("service/get_provider_token", json=sent).json() for _ in range(2)]
    assert [reply.get("errcode", 0) for reply in replies] == [-1, 0]


# --- rate limits -----------------------------------------------------------------------------------------


def test_a_rate_limit_blocks_until_its_window_has_passed(start_server: Any) -> None:
    server: RunningServer = start_server()
    corp = server.make_corp(seed="demo")
    wecom = corp.client()
    server.sim.post("/clock", json={"freeze": True})
    fault = plan(corp, LIST, {"rate_limit": "minute"}, times=1)
    assert [wecom.get(LIST)["errcode"] for _ in range(3)] == [45009] * 3
    assert wecom.get("externalcontact/list", userid="zhangsan")["errcode"] == 0
    (shown,) = corp.sim("faults")["faults"]
    assert (shown["fired"], shown["seen"]) == (1, 1)
    assert "blocked until" in faulty_calls(corp, fault)[0]["detail"]
    server.sim.post("/clock", json={"advance_seconds": 59})
    assert wecom.get(LIST)["errcode"] == 45009
    server.sim.post("/clock", json={"advance_seconds": 1})
    assert wecom.get(LIST)["errcode"] == 0
    assert len(faulty_calls(corp, fault)) == 4


def test_a_window_from_before_the_clock_was_set_back_ends(start_server: Any) -> None:
    server: RunningServer = start_server()
    corp = server.make_corp(seed="demo")
    wecom = corp.client()
    plan(corp, LIST, {"rate_limit": "hour"}, times=1)
    assert wecom.get(LIST)["errcode"] == 45009
    earlier = server.sim.get("/clock").json()["now"] - 7200
    assert server.sim.post("/clock", json={"set": earlier}).status_code == 200
    assert corp.client().get(LIST)["errcode"] == 0


# --- which calls -----------------------------------------------------------------------------------------


def test_times_and_skip_are_counted_exactly(corp: Corp, wecom: WeCom) -> None:
    plan(corp, LIST, {"errcode": -1}, times=3, skip=2)
    assert [wecom.get(LIST)["errcode"] for _ in range(7)] == [0, 0, -1, -1, -1, 0, 0]
    (shown,) = corp.sim("faults")["faults"]
    assert (shown["seen"], shown["fired"]) == (5, 3)


def test_of_overlapping_faults_the_first_planned_fires_first(corp: Corp, wecom: WeCom) -> None:
    plan(corp, LIST, {"errcode": -1}, times=1)
    plan(corp, "*", {"errcode": 45033}, times=2)
    plan(corp, LIST, {"errcode": 60011}, skip=1)
    assert [wecom.get(LIST)["errcode"] for _ in range(5)] == [-1, 45033, 45033, 0, 60011]
    assert fired(corp) == [1, 2, 1]


def test_a_fault_of_one_app_lets_the_others_pass(corp: Corp) -> None:
    first, second = corp.client(), corp.client(corp.apps[1])
    plan(corp, LIST, {"errcode": -1}, agentid=second.agentid)
    assert [first.get(LIST)["errcode"], second.get(LIST)["errcode"]] == [0, -1]


def test_another_corp_meets_nothing(corp: Corp, server: RunningServer) -> None:
    plan(corp, "*", {"errcode": -1})
    assert server.make_corp(seed="demo").client().get(LIST)["errcode"] == 0


def test_an_alias_meets_the_fault_of_its_operation(corp: Corp, wecom: WeCom) -> None:
    plan(corp, "/cgi-bin/crm/get_external_contact_list", {"errcode": -1})
    assert corp.sim("faults")["faults"][0]["path"] == "externalcontact/list"
    for name in ("externalcontact/list", "crm/get_external_contact_list"):
        assert wecom.get(name, userid="zhangsan")["errcode"] == -1


def test_probability_repeats_with_the_seed_and_is_near_its_share(start_server: Any) -> None:
    def run() -> list[int]:
        server: RunningServer = start_server(seed=7)
        corp = server.make_corp(seed="demo")
        wecom = corp.client()
        plan(corp, LIST, {"errcode": -1}, probability=0.3)
        return [wecom.get(LIST)["errcode"] for _ in range(100)]

    once = run()
    assert once == run()
    assert 15 <= once.count(-1) <= 45


def test_a_bad_token_uses_up_no_fault(corp: Corp, wecom: WeCom) -> None:
    plan(corp, LIST, {"errcode": -1}, times=1)
    wecom.token += "x"
    assert wecom.get(LIST)["errcode"] == 40014
    assert fired(corp) == [0]


def test_a_deleted_fault_is_met_no_more(corp: Corp, wecom: WeCom) -> None:
    first, second = plan(corp, LIST, {"errcode": -1}), plan(corp, LIST, {"errcode": 45033})
    path = f"/corps/{corp.corpid}/faults"
    assert wecom.get(LIST)["errcode"] == -1
    assert corp.server.sim.delete(f"{path}/{first}").json() == {"deleted": [first]}
    assert wecom.get(LIST)["errcode"] == 45033
    assert corp.server.sim.delete(path).json() == {"deleted": [second]}
    assert wecom.get(LIST)["errcode"] == 0
    assert corp.sim("faults") == {"faults": []}
    assert corp.server.sim.delete(f"{path}/{first}").status_code == 404


def test_a_database_that_is_busy_after_the_last_fault_repeats_no_call(
    corp: Corp, wecom: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(context: Any) -> None:
        raise DatabaseBusy("another program has locked the file")

    plan(corp, TAG, {"delay_ms": 1}, times=1)
    with monkeypatch.context() as patched:
        patched.setattr(planned_faults, "note_faulty_paths", busy)
        assert wecom.post(TAG, NEW_TAG)["errcode"] == 0
    assert tags(wecom).count("金卡") == 1
    assert len([record for record in ledger(corp) if record["operation"].endswith(TAG)]) == 1
    assert fired(corp) == [1]
    assert wecom.post(TAG, {**NEW_TAG, "group_name": "意向"})["errcode"] == 0
    with corp.server.server.database.transaction() as tx:
        row = tx.session.get(CorpRow, corp.corpid)
        assert row is not None
        assert row.faulty_paths is None


def test_a_request_sent_behind_one_that_is_cut_off_is_not_answered(corp: Corp, wecom: WeCom) -> None:
    fault = plan(corp, LIST, {"disconnect": "after_commit"}, times=1)
    address = urlsplit(corp.server.base_url)
    request = f"GET /cgi-bin/{LIST}?access_token={wecom.token} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n"
    with socket.create_connection((address.hostname or "", address.port or 0), 10) as connection:
        connection.sendall(request.encode() * 2)
        received = b""
        with suppress(ConnectionResetError):
            while some := connection.recv(65536):
                received += some
    assert received == b""
    assert len(faulty_calls(corp, fault)) == 1
    assert wecom.get(LIST)["errcode"] == 0
