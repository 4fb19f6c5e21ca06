"""What all answers have in common: the envelope, paths and methods, tokens, addresses."""

import re
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import Corp, RunningServer, WeCom
from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.db import table_of
from wecom_tollbooth.gateway.tables import AccessToken

HINT = re.compile(
    r"^(?P<text>.+), hint: \[(?P<hint>\d{25})\], from ip: 127\.0\.0\.1, "
    r"more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=(?P<errcode>\d+)$"
)
StartServer = Callable[..., RunningServer]


def advance(server: RunningServer, seconds: int) -> None:
    """Moves the clock of a server that only this test uses."""
    assert server.sim.post("/clock", json={"advance_seconds": seconds}).status_code == 200


def freeze(server: RunningServer) -> None:
    """Freezes the clock of a server that only this test uses; `advance` still moves it."""
    assert server.sim.post("/clock", json={"freeze": True}).status_code == 200


def change_app(corp: Corp, app: dict[str, Any], **values: Any) -> None:
    """Sets columns of the app that no operation of the API sets."""
    table = table_of(App)
    with corp.server.server.database.transaction() as tx:
        this = (table.c.corp_id == corp.corpid) & (table.c.agentid == app["agentid"])
        tx.execute(sa.update(table).where(this).values(**values))


def get(server: RunningServer, path: str, **params: Any) -> dict[str, Any]:
    """A plain GET, without a token unless given."""
    answer = httpx.get(f"{server.base_url}/cgi-bin/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# --- the envelope ----------------------------------------------------------------------------------------


def test_a_served_call_says_ok_in_body_and_headers(wecom: WeCom) -> None:
    answer = wecom.http.get("externalcontact/get_follow_user_list", params={"access_token": wecom.token})
    assert list(answer.json()) == ["errcode", "errmsg", "follow_user"]
    assert answer.json()["errmsg"] == "ok"
    assert answer.headers["error-code"] == "0"
    assert answer.headers["error-msg"] == "ok"
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_refusal_is_http_200_with_hint_address_and_link_and_its_lists_empty(wecom: WeCom) -> None:
    answer = wecom.http.get("externalcontact/list", params={"access_token": wecom.token, "userid": "nobody"})
    body = answer.json()
    assert answer.status_code == 200
    assert list(body) == ["errcode", "errmsg", "external_userid"]
    assert (body["errcode"], body["external_userid"]) == (40003, [])
    found = HINT.match(body["errmsg"])
    assert found is not None, body["errmsg"]
    assert (found["text"], found["errcode"]) == ("invalid userid", "40003")
    assert answer.headers["error-code"] == "40003"
    assert answer.headers["error-msg"] == body["errmsg"]


def test_the_hint_begins_with_the_second_of_the_call_and_leads_to_it_in_the_journal(
    corp: Corp, wecom: WeCom
) -> None:
    refused = wecom.get("externalcontact/list", userid="nobody")
    found = HINT.match(refused["errmsg"])
    assert found is not None
    (call,) = corp.sim("calls", hint=found["hint"])["calls"]
    assert found["hint"].startswith(str(call["at"]))
    assert call["request"]["path"] == "/cgi-bin/externalcontact/list"
    assert call["answer"]["errcode"] == 40003
    assert "nobody" in call["detail"]


def test_each_refusal_has_its_own_hint(wecom: WeCom) -> None:
    messages = [wecom.get("externalcontact/list", userid="nobody")["errmsg"] for _ in range(3)]
    assert len(set(messages)) == 3


# --- paths and methods -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "externalcontact/no_such_operation",
        "externalcontact",
        "",
        "externalcontact/list/",
        "externalcontact//list",
        "EXTERNALCONTACT/LIST",
        "externalcontact/list%00",
        "%F0%9F%8D%B5",
        "a" * 5_000,
    ],
)
def test_an_unknown_path_answers_404_with_an_empty_body(wecom: WeCom, path: str) -> None:
    for method in ("GET", "POST"):
        answer = wecom.http.request(method, path, params={"access_token": wecom.token, "userid": "zhangsan"})
        assert (answer.status_code, answer.content) == (404, b"")
        assert "error-code" not in answer.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_other_methods_answer_404_as_an_unknown_path_does(wecom: WeCom, method: str) -> None:
    answer = wecom.http.request(
        method, "externalcontact/list", params={"access_token": wecom.token, "userid": "zhangsan"}
    )
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_get_operation_may_be_called_by_post(wecom: WeCom) -> None:
    by_post = wecom.http.post(
        "externalcontact/list", params={"access_token": wecom.token, "userid": "zhangsan"}, content=b"ignored"
    ).json()
    assert by_post == wecom.get("externalcontact/list", userid="zhangsan")


def test_a_post_operation_called_by_get_lacks_its_body(wecom: WeCom) -> None:
    assert wecom.get("externalcontact/batch/get_by_user", userid_list="zhangsan")["errcode"] == 40063
    assert wecom.get("externalcontact/get_corp_tag_list")["errcode"] == 40063
    assert wecom.get("externalcontact/mark_tag")["errcode"] == 40003


# --- the old paths under /cgi-bin/crm --------------------------------------------------------------------


def test_old_paths_are_still_answered(wecom: WeCom) -> None:
    listed = wecom.get("crm/get_external_contact_list", userid="zhangsan")
    assert listed == wecom.get("externalcontact/list", userid="zhangsan")
    customer = listed["external_userid"][0]
    assert wecom.get("crm/get_external_contact", external_userid=customer) == wecom.get(
        "externalcontact/get", external_userid=customer
    )


def test_the_old_path_of_the_followers_answers_the_old_field(wecom: WeCom) -> None:
    now = wecom.get("externalcontact/get_follow_user_list")["follow_user"]
    reply = wecom.get("crm/get_customer_contacts")
    assert reply == {"errcode": 0, "errmsg": "ok", "customer_contacts": now}
    wecom.token = "nonsense"
    assert wecom.get("crm/get_customer_contacts") == {
        "errcode": 40014,
        "errmsg": "invalid access_token",
        "customer_contacts": [],
    }


# --- tokens ----------------------------------------------------------------------------------------------


def test_a_token_has_at_most_512_bytes_and_no_character_that_an_address_must_escape(wecom: WeCom) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{100,512}", wecom.token)


def test_the_token_is_read_only_from_the_query(wecom: WeCom) -> None:
    answer = wecom.http.post(
        "externalcontact/get_corp_tag_list",
        json={"access_token": wecom.token},
        headers={"Authorization": f"Bearer {wecom.token}"},
    )
    assert answer.json()["errcode"] == 41001


@pytest.mark.parametrize(
    "token",
    ["nonsense", "💥", "%", "\x00", "a" * 600, "===", "EHd3", "\ud800".encode("utf-8", "replace").decode()],
)
def test_a_token_that_was_never_issued_is_invalid(wecom: WeCom, token: str) -> None:
    wecom.token = token
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 40014


@pytest.mark.parametrize("tail", ["\x00", "=", "!", " ", "A", "\n"])
def test_a_token_with_a_suffix_is_invalid(wecom: WeCom, tail: str) -> None:
    wecom.token += tail
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 40014
    assert wecom.http.get("no_such_path", params={"access_token": wecom.token}).status_code == 404


def test_a_token_expires_by_the_simulators_clock_and_is_renewed(start_server: StartServer) -> None:
    server = start_server()
    freeze(server)
    corp = server.make_corp(seed="demo")
    app = corp.apps[0]
    first = get(server, "gettoken", corpid=corp.corpid, corpsecret=app["secret"])
    assert first["expires_in"] == 7200
    advance(server, 7000)
    again = get(server, "gettoken", corpid=corp.corpid, corpsecret=app["secret"])
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] == 200
    advance(server, 199)
    assert get(server, "getcallbackip", access_token=first["access_token"])["errcode"] == 0
    advance(server, 1)
    late = get(server, "externalcontact/get_follow_user_list", access_token=first["access_token"])
    assert (late["errcode"], late["follow_user"]) == (42001, [])
    assert late["errmsg"].startswith("access_token expired, hint: [")
    renewed = get(server, "gettoken", corpid=corp.corpid, corpsecret=app["secret"])
    assert renewed["access_token"] != first["access_token"]
    assert renewed["expires_in"] == 7200
    assert get(server, "getcallbackip", access_token=renewed["access_token"])["errcode"] == 0


def test_a_long_expired_token_answers_40014(start_server: StartServer) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    old = corp.client()
    advance(server, 7200 + 2 * 86_400)
    corp.client()  # a new token sweeps the old ones
    assert old.get("externalcontact/get_follow_user_list")["errcode"] == 40014


def test_errcode_and_lifetime_of_tokens_are_settings(start_server: StartServer) -> None:
    server = start_server(expired_token_errcode=40014, token_expires_in=30)
    corp = server.make_corp(seed="demo")
    wecom = corp.client()
    assert get(server, "gettoken", corpid=corp.corpid, corpsecret=corp.apps[0]["secret"])["expires_in"] <= 30
    advance(server, 31)
    assert wecom.get("externalcontact/get_follow_user_list") == {
        "errcode": 40014,
        "errmsg": "invalid access_token",
        "follow_user": [],
    }


def test_a_disabled_app_gets_no_token_and_its_calls_answer_50003(corp: Corp) -> None:
    app = corp.new_app()
    wecom = corp.client(app)
    change_app(corp, app, enabled=False)
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 50003
    refused = get(corp.server, "gettoken", corpid=corp.corpid, corpsecret=app["secret"])
    assert refused["errcode"] == 40001
    change_app(corp, app, enabled=True)
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 0


def test_a_revoked_token_is_invalid_and_a_new_one_is_issued(corp: Corp) -> None:
    app = corp.new_app()
    wecom = corp.client(app)
    table = table_of(AccessToken)
    with corp.server.server.database.transaction() as tx:
        tx.execute(sa.delete(table).where(table.c.corp_id == corp.corpid, table.c.token == wecom.token))
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 40014
    assert corp.client(app).token != wecom.token


def test_a_token_gives_no_access_to_another_corp(server: RunningServer) -> None:
    one, other = server.make_corp(seed="demo"), server.make_corp(seed="demo")
    customer = one.client().get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    assert other.client().get("externalcontact/get", external_userid=customer)["errcode"] == 40096


def test_concurrent_requests_for_the_first_token_get_the_same_one(corp: Corp) -> None:
    app = corp.new_app()
    params = {"corpid": corp.corpid, "corpsecret": app["secret"]}
    tokens: list[str] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        with httpx.Client(base_url=corp.server.base_url, timeout=60) as http:
            barrier.wait()
            tokens.append(http.get("/cgi-bin/gettoken", params=params).json().get("access_token", "none"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(tokens) == 8
    assert len(set(tokens)) == 1, tokens
    assert tokens[0] != "none"


# --- trusted addresses -----------------------------------------------------------------------------------


def test_only_trusted_addresses_are_served_when_the_setting_is_on(start_server: StartServer) -> None:
    server = start_server(trusted_ips=True)
    corp = server.make_corp(seed="demo")

    def errcode(**wanted: Any) -> int:
        return int(corp.client(corp.new_app(**wanted)).get("externalcontact/get_follow_user_list")["errcode"])

    assert errcode(trusted_ips=["127.0.0.1"]) == 0
    assert errcode(trusted_ips=["10.0.0.1", "127.0.0.0/8"]) == 0
    assert errcode(trusted_ips=["10.0.0.1"]) == 60020
    assert errcode(trusted_ips=["::1", "nonsense"]) == 60020
    assert errcode() == 60020
    refused = corp.client(corp.new_app()).get("getcallbackip")
    assert list(refused) == ["ip_list", "errcode", "errmsg"]
    assert refused["errmsg"].startswith("not allow to access from your ip, hint: [")


def test_an_app_with_a_list_accepts_only_it_while_the_setting_is_off(corp: Corp) -> None:
    for trusted, errcode in ((["10.0.0.1"], 60020), (["127.0.0.1"], 0), ([], 0)):
        wecom = corp.client(corp.new_app(trusted_ips=trusted))
        assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == errcode


# --- kinds of app ----------------------------------------------------------------------------------------


def test_the_order_of_the_checks_is_token_address_kind_then_body(start_server: StartServer) -> None:
    server = start_server(trusted_ips=True)
    corp = server.make_corp(seed="demo")
    unlisted = corp.client(corp.new_app(kind="self_built_unlisted"))
    assert unlisted.post("externalcontact/remark")["errcode"] == 60020
    unlisted = corp.client(corp.new_app(kind="self_built_unlisted", trusted_ips=["127.0.0.1"]))
    assert unlisted.post("externalcontact/remark")["errcode"] == 48002
    unlisted.token = "nonsense"
    assert unlisted.post("externalcontact/remark")["errcode"] == 40014


@pytest.mark.parametrize("kind", ["customer_contact", "self_built_unlisted", "contacts_sync"])
def test_other_kinds_of_app_cannot_read_customers(corp: Corp, kind: str) -> None:
    wecom = corp.client(corp.new_app(kind=kind))
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 48002
    assert wecom.post("externalcontact/add_corp_tag", group_name="g", tag=[{"name": "t"}])["errcode"] == 48002


def test_the_old_system_secret_reads_customers_but_not_served_contacts(corp: Corp) -> None:
    wecom = corp.client(corp.new_app(kind="customer_contact_legacy"))
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 0
    assert wecom.post("externalcontact/contact_list")["errcode"] == 48002
