"""GET /_sim/corps/{corpid}/calls: the journal of a corp's calls."""

import re
from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.sim_api.usage import FOLLOWERS, GETTOKEN, LIST, StartServer, move


def hint_in(reply: dict[str, Any]) -> str:
    found = re.search(r"hint: \[(\d{25})\]", reply["errmsg"])
    assert found, reply
    return found[1]


# --- the journal -----------------------------------------------------------------------------------------


def test_the_journal_shows_request_answer_reason_and_duration_newest_first(corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/get_follow_user_list")
    refused = wecom.get("externalcontact/list", userid="nobody")
    newest, older, oldest = corp.sim("calls")["calls"]

    assert newest["hint"] == hint_in(refused)
    assert newest["agentid"] == wecom.agentid
    assert newest["request"] == {
        "method": "GET",
        "path": LIST,
        "query": f"access_token={wecom.token[:8]}…&userid=nobody",
        "body": "",
        "ip": "127.0.0.1",
    }
    assert newest["answer"] == {"http_status": 200, "errcode": 40003, "errmsg": refused["errmsg"]}
    assert newest["detail"] == "there is no member 'nobody' in this corp"
    assert newest["warned"] is False
    assert 0 < newest["duration_us"] < 60_000_000
    assert abs(newest["at"] - corp.server.sim.get("/clock").json()["now"]) < 60

    assert (older["request"]["path"], older["answer"]["errcode"], older["detail"]) == (FOLLOWERS, 0, "")
    assert oldest["request"]["path"] == GETTOKEN


def test_the_hint_of_an_errmsg_finds_its_call(corp: Corp, wecom: WeCom) -> None:
    refused = [wecom.get("externalcontact/list", userid=name) for name in ("one", "two", "three")]
    found = corp.sim("calls", hint=hint_in(refused[1]))["calls"]
    assert [call["detail"] for call in found] == ["there is no member 'two' in this corp"]


def test_a_call_without_a_corp_is_found_by_its_hint(server: RunningServer) -> None:
    reply = httpx.get(
        server.base_url + GETTOKEN, params={"corpid": "ww0", "corpsecret": "secret0123456"}
    ).json()
    (call,) = server.sim.get("/calls", params={"hint": hint_in(reply)}).json()["calls"]
    assert call["answer"]["errcode"] == 40013
    assert call["detail"] == "there is no corp 'ww0' on this server"
    assert call["request"]["query"] == "corpid=ww0&corpsecret=secret01…"


def test_calls_are_found_by_path_and_by_alias(corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/list", userid="zhangsan")
    wecom.get("crm/get_external_contact_list", userid="zhangsan")
    wecom.get("externalcontact/get_follow_user_list")
    alias = "/cgi-bin/crm/get_external_contact_list"
    for path in (LIST, alias):
        found = corp.sim("calls", path=path)["calls"]
        assert [call["request"]["path"] for call in found] == [alias, LIST]


def test_filters_are_combined(corp: Corp, wecom: WeCom) -> None:
    other = corp.client(corp.apps[1])
    wecom.get("externalcontact/list", userid="nobody")
    wecom.get("externalcontact/list", userid="zhangsan")
    other.get("externalcontact/list", userid="nobody")
    wecom.get("externalcontact/get", external_userid="wmnobody")
    broken = wecom.post("externalcontact/remark", content=b"{")
    assert broken["errmsg"].startswith("Warning: wrong json format. ")

    def count(**filters: Any) -> int:
        return len(corp.sim("calls", **filters)["calls"])

    assert count() == 7
    assert count(refused=True) == 4
    assert count(refused=False) == 3
    assert count(errcode=40003) == 3
    assert count(errcode=0) == 3
    assert count(agentid=other.agentid) == 2
    assert count(warned=True) == 1
    assert count(warned=False) == 6
    assert count(path=LIST) == 3
    assert count(path=LIST, refused=True) == 2
    assert count(path=LIST, refused=True, agentid=other.agentid) == 1
    assert count(path="/cgi-bin/nothing") == 0


def test_since_uses_the_simulated_time(start_server: StartServer) -> None:
    server = start_server()
    move(server, set="2026-08-01T09:00:00", freeze=True)
    corp = server.make_corp()
    wecom = corp.client()
    for _ in range(3):
        move(server, advance_seconds=600)
        wecom.get("externalcontact/get_follow_user_list")
    assert len(corp.sim("calls")["calls"]) == 4
    assert len(corp.sim("calls", since="2026-08-01T09:10:00")["calls"]) == 3
    assert len(corp.sim("calls", since="2026-08-01T01:10:01Z")["calls"]) == 2
    assert len(corp.sim("calls", since=1785546000 + 1800)["calls"]) == 1


def test_a_path_that_wecom_does_not_have_is_journaled_without_an_errcode(corp: Corp, wecom: WeCom) -> None:
    assert wecom.http.get("externalcontact/lsit", params={"access_token": wecom.token}).status_code == 404
    (call,) = corp.sim("calls", path="/cgi-bin/externalcontact/lsit")["calls"]
    assert call["answer"] == {"http_status": 404, "errcode": None, "errmsg": None}
    assert "no such path" in call["detail"]
    assert call in corp.sim("calls", refused=True)["calls"]
    assert call not in corp.sim("calls", errcode=0)["calls"]
    assert "/cgi-bin/externalcontact/lsit" not in corp.sim("usage")["calls"]["by_operation"]


def test_paging_returns_each_call_once_despite_new_calls(corp: Corp, wecom: WeCom) -> None:
    for _ in range(9):
        wecom.get("externalcontact/get_follow_user_list")
    whole = [call["hint"] for call in corp.sim("calls")["calls"]]
    assert len(whole) == 10
    paged: list[str] = []
    cursor = ""
    for _ in range(4):
        page = corp.sim("calls", limit=3, cursor=cursor)
        paged += [call["hint"] for call in page["calls"]]
        cursor = page["next_cursor"]
        wecom.get("externalcontact/get_follow_user_list")
    assert paged == whole
    assert cursor == ""


def test_neither_token_nor_secret_can_be_read_from_the_journal(corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/get_follow_user_list")
    text = corp.server.sim.get(f"/corps/{corp.corpid}/calls").text
    assert wecom.token[:8] in text
    assert wecom.token not in text
    assert all(app["secret"] not in text for app in corp.apps)


def test_the_journal_keeps_the_last_calls_and_the_ledger_all(start_server: StartServer) -> None:
    server = start_server(journal_capacity=10)
    corp = server.make_corp()
    wecom = corp.client()
    for number in range(25):
        wecom.get("externalcontact/list", userid=f"nobody{number}")
    details = [call["detail"] for call in corp.sim("calls")["calls"]]
    assert details == [f"there is no member 'nobody{number}' in this corp" for number in range(24, 14, -1)]
    assert corp.sim("usage")["calls"]["refused"] == 25


def test_a_corp_sees_its_own_calls_only(server: RunningServer, corp: Corp, wecom: WeCom) -> None:
    other = server.make_corp()
    other.client().get("externalcontact/list", userid="nobody")
    assert [call["request"]["path"] for call in corp.sim("calls")["calls"]] == [GETTOKEN]
    assert len(other.sim("calls")["calls"]) == 2


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"limit": 0}, "query.limit: Input should be greater than or equal to 1"),
        ({"limit": 1001}, "query.limit: Input should be less than or equal to 1000"),
        ({"hint": "25"}, "hint: '25' is not 25 digits, as in the hint of an errmsg"),
        ({"cursor": "CURSOR"}, "cursor: 'CURSOR' is not 25 digits, as in the hint of an errmsg"),
        ({"refused": "perhaps"}, "query.refused: Input should be a valid boolean, unable to interpret input"),
        (
            {"errcode": "many"},
            "query.errcode: Input should be a valid integer, unable to parse string as an integer",
        ),
        ({"agentid": 2**63}, f"query.agentid: Input should be less than or equal to {2**63 - 1}"),
        ({"pth": LIST}, "query.pth: Extra inputs are not permitted"),
        ({"path": "a\x00b"}, "the character NUL (U+0000) cannot be kept; leave it out"),
        (
            {"since": "yesterday"},
            "query.since: 'yesterday' is not a time from 2015 to 2099; "
            "write unix seconds, or ISO 8601 such as 2026-08-01T09:00:00+08:00",
        ),
    ],
)
def test_an_invalid_filter_is_refused_with_a_sentence(
    corp: Corp, filters: dict[str, Any], sentence: str
) -> None:
    answer = corp.server.sim.get(f"/corps/{corp.corpid}/calls", params=filters)
    assert (answer.status_code, answer.json()) == (422, {"error": sentence})


@pytest.mark.parametrize("path", ["calls", "usage", "statement"])
def test_an_unknown_corp_is_404(server: RunningServer, path: str) -> None:
    answer = server.sim.get(f"/corps/ww0000000000000000/{path}")
    assert answer.status_code == 404
    assert answer.json() == {"error": "there is no corp 'ww0000000000000000'; GET /_sim/corps lists them"}
