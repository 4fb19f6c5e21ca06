"""Clients that ask for HTTP/2 on plain HTTP, on a real socket: curl --http2, the JDK's HttpClient."""

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.http_protocol.test_upgrade import JDK

REMARK = "externalcontact/remark"


@pytest.fixture
def customer(wecom: WeCom) -> str:
    found: str = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    return found


def remark_body(customer: str, remark: str) -> str:
    return json.dumps({"userid": "zhangsan", "external_userid": customer, "remark": remark})


def remark_of(wecom: WeCom, customer: str) -> str:
    follow_users = wecom.get("externalcontact/get", external_userid=customer)["follow_user"]
    return next(str(follow["remark"]) for follow in follow_users if follow["userid"] == "zhangsan")


def remark_address(wecom: WeCom) -> str:
    return f"{wecom.corp.server.base_url}/cgi-bin/{REMARK}?access_token={wecom.token}"


def bodies_of(corp: Corp, path: str) -> list[str]:
    """The bodies of the operation in the journal, the latest first."""
    calls: list[dict[str, Any]] = corp.sim("calls", path=f"/cgi-bin/{path}")["calls"]
    return [call["request"]["body"] for call in calls]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize("chunked", [False, True])
def test_curl_with_http2(corp: Corp, wecom: WeCom, customer: str, chunked: bool) -> None:
    body = remark_body(customer, "curl")
    command = ["curl", "-sS", "--http2", "--noproxy", "*", "--data-binary", body, remark_address(wecom)]
    command += ["-H", "Transfer-Encoding: chunked"] if chunked else []
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(answer.stdout)["errcode"] == 0
    assert remark_of(wecom, customer) == "curl"
    assert bodies_of(corp, REMARK) == [body]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("javac") is None, reason="there is no JDK")
def test_the_http_client_of_the_jdk(corp: Corp, wecom: WeCom, customer: str) -> None:
    body = remark_body(customer, "JDK")
    server = corp.server
    endpoint, callback = f"{server.base_url}/_sim/corps/{corp.corpid}/acts", json.dumps({"act": "no_such"})
    program = Path(__file__).with_name("JdkClient.java")
    answers = subprocess.run(
        ["java", str(program), remark_address(wecom), body, endpoint, callback],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout.splitlines()
    assert [json.loads(answer)["errcode"] for answer in answers[:2]] == [0, 0]
    assert ["no_such" in answer for answer in answers[2:]] == [True, True]
    assert remark_of(wecom, customer) == "JDK"
    assert bodies_of(corp, REMARK) == [body, body]


def test_calls_and_control_calls_on_one_connection(
    server: RunningServer, corp: Corp, wecom: WeCom, customer: str
) -> None:
    host, port = server.base_url.removeprefix("http://").split(":")

    def request(start: str, body: str) -> bytes:
        head = f"{start} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        return head.encode() + JDK + f"Content-Length: {len(body)}\r\n\r\n{body}".encode()

    called = remark_address(wecom).removeprefix(server.base_url)
    parts = [
        request(f"POST {called}", remark_body(customer, "first")),
        request(f"POST /_sim/corps/{corp.corpid}/acts", '{"act": "no_such"}'),
        request(f"POST {called}", remark_body(customer, "last")).replace(b"Upgrade, ", b"Upgrade, close, "),
    ]
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"".join(parts))
        received = b""
        while part := connection.recv(65_536):  # until the server closes, as it was asked to
            received += part
    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"200", b"422", b"200"]
    assert b"no_such" in received
    assert remark_of(wecom, customer) == "last"
