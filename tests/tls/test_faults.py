"""Faults through the HTTPS port and the proxy: a product meets them as it would over plain HTTP."""

import http.client
import json
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Corp
from tests.faults.faulty import faulty_calls, fired, plan
from tests.tls.conftest import Front
from wecom_tollbooth.tls.hosts import API_HOST

TAG = "externalcontact/add_corp_tag"
LIST = "externalcontact/get_follow_user_list"

Connect = Callable[[Front], http.client.HTTPSConnection]


def _context(front: Front) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(front.authority.ca_file))


def through_the_proxy(front: Front) -> http.client.HTTPSConnection:
    made = http.client.HTTPSConnection("127.0.0.1", front.proxy_port, timeout=10, context=_context(front))
    made.set_tunnel(API_HOST, 443)
    return made


def to_the_port(front: Front) -> http.client.HTTPSConnection:
    # The certificate is valid for loopback too.
    return http.client.HTTPSConnection("127.0.0.1", front.tls_port, timeout=10, context=_context(front))


@pytest.fixture
def corp(front: Front) -> Corp:
    return front.server.make_corp(seed="demo")


@pytest.fixture(params=[to_the_port, through_the_proxy])
def connection(front: Front, request: pytest.FixtureRequest) -> http.client.HTTPSConnection:
    connect: Connect = request.param
    return connect(front)


def post(
    connection: http.client.HTTPSConnection, corp: Corp, path: str, body: Any
) -> http.client.HTTPResponse:
    connection.request("POST", f"/cgi-bin/{path}?access_token={corp.client().token}", json.dumps(body))
    return connection.getresponse()


def tag(name: str) -> dict[str, Any]:
    return {"group_name": name, "tag": [{"name": "金卡"}]}


def groups(corp: Corp) -> list[str]:
    listed = corp.client().post("externalcontact/get_corp_tag_list")["tag_group"]
    return [group["group_name"] for group in listed]


def test_answers_in_place_of_the_operation(connection: http.client.HTTPSConnection, corp: Corp) -> None:
    corp.client()
    plan(corp, TAG, {"errcode": -1}, times=1)
    plan(corp, TAG, {"http_status": 502, "body": "<html>坏网关</html>"}, times=1)
    plan(corp, TAG, {"delay_ms": 5}, times=1)
    busy = json.load(post(connection, corp, TAG, tag("等级")))
    assert busy["errcode"] == -1
    failed = post(connection, corp, TAG, tag("等级"))
    assert (failed.status, failed.read().decode()) == (502, "<html>坏网关</html>")
    assert "等级" not in groups(corp)
    assert json.load(post(connection, corp, TAG, tag("等级")))["errcode"] == 0
    assert fired(corp) == [1, 1, 1]
    connection.close()


def test_a_connection_that_closes_before_anything_is_done(
    connection: http.client.HTTPSConnection, corp: Corp
) -> None:
    fault = plan(corp, TAG, {"disconnect": "before"}, times=1)
    with pytest.raises((http.client.RemoteDisconnected, ssl.SSLEOFError)):
        post(connection, corp, TAG, tag("等级"))
    connection.close()
    assert "等级" not in groups(corp)
    assert len(faulty_calls(corp, fault)) == 1


def test_an_answer_that_breaks_off(connection: http.client.HTTPSConnection, corp: Corp) -> None:
    plan(corp, TAG, {"disconnect": "mid_body"}, times=1)
    answer = post(connection, corp, TAG, tag("等级"))
    with pytest.raises((http.client.IncompleteRead, ssl.SSLEOFError)):
        answer.read()
    connection.close()
    assert "等级" in groups(corp)


def test_an_answer_that_is_lost_after_the_commit(connection: http.client.HTTPSConnection, corp: Corp) -> None:
    plan(corp, TAG, {"disconnect": "after_commit"}, times=1)
    with pytest.raises((http.client.RemoteDisconnected, ssl.SSLEOFError)):
        post(connection, corp, TAG, tag("等级"))
    # The same client connects again by itself.
    again = json.load(post(connection, corp, TAG, tag("等级")))
    assert again["errcode"] == 40071
    connection.close()


def test_a_token_that_expires_early(connection: http.client.HTTPSConnection, corp: Corp) -> None:
    token = corp.client().token
    plan(corp, LIST, {"expire_token": True}, times=1)
    for errcode in (42001, 42001):
        connection.request("GET", f"/cgi-bin/{LIST}?access_token={token}")
        assert json.load(connection.getresponse())["errcode"] == errcode
    connection.close()
