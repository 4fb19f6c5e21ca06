"""Bodies of any size, depth and content: none is answered with HTTP 5xx or errcode -1."""

import json
import socket
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import RunningServer, WeCom
from tests.gateway.bodies import ADD_TAG, CHECK, REMARK, TAG_LIST, WARNING, add_tag, customer_of
from tests.savings import examples

# --- size, depth, numbers --------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_and_the_connection_stays_open(wecom: WeCom) -> None:
    big = b'{"group_name":"' + b"a" * 10_000_000 + b'"}'
    for _ in range(2):
        refused = wecom.post(ADD_TAG, content=big)
        assert refused["errcode"] == 40206
        assert refused["errmsg"].startswith("request body too large, hint: [")
    assert add_tag(wecom, tag=[{"name": "金"}])["errcode"] == 0


def test_a_connection_stays_open_after_a_body_that_was_too_large(wecom: WeCom) -> None:
    server = wecom.corp.server.base_url.removeprefix("http://").split(":")
    query = f"/cgi-bin/{ADD_TAG}?access_token={wecom.token}"

    def request(body: bytes) -> bytes:
        return f"POST {query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    with socket.create_connection((server[0], int(server[1])), timeout=30) as connection:
        connection.sendall(request(b" " * 3_000_000))
        assert b'"errcode":40206' in _answer(connection)
        connection.sendall(request(b'{"group_name":"g","tag":[{"name":"t"}]}'))
        assert b'"errcode":0' in _answer(connection)


def _answer(connection: socket.socket) -> bytes:
    """One answer: head and as many bytes as its content-length says."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return body


def test_the_limit_of_a_body_is_a_setting_and_counts_bytes(start_server: Any) -> None:
    server: RunningServer = start_server(max_body_bytes=1024)
    wecom = server.make_corp(seed="demo").client()
    assert wecom.post(TAG_LIST, content=b"{" + b" " * 1022 + b"}")["errmsg"] == "ok"
    assert wecom.post(TAG_LIST, content=b"{" + b" " * 1023 + b"}")["errcode"] == 40206


def test_a_body_in_chunks_is_one_body(wecom: WeCom) -> None:
    answer = wecom.http.post(
        ADD_TAG,
        params={"access_token": wecom.token},
        content=iter([b'{"group_name":', b'"g","tag":[{"na', b'me":"t"}]}']),
    )
    assert answer.json()["errmsg"] == "ok"


@pytest.mark.parametrize("depth", [60, 250, 500, 1000, 1020, 1024, 5_000, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_of_any_depth_is_answered(wecom: WeCom, depth: int, opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    nest = (opening * depth + "1" + closing * depth).encode()
    for field in (b"tag_id", b"unknown"):
        assert wecom.post(TAG_LIST, content=b'{"' + field + b'":' + nest + b"}")["errcode"] >= 0
        refused = wecom.post(REMARK, content=b'{"userid":"zhangsan","' + field + b'":' + nest + b"}")
        assert refused["errcode"] > 0


@pytest.mark.parametrize(
    "number",
    [
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "1e30",
        "-1e30",
        "9" * 4_000,
        '"%s"' % ("9" * 30),
        '"-%s"' % ("9" * 30),
        "0.5",
        '"0x10"',
        '"1e3"',
        "true",
        "-1",
    ],
)
def test_numbers_of_any_size_are_answered(wecom: WeCom, number: str) -> None:
    """Beyond 64 bits it is no number to WeCom: the field is left out, with the warning."""
    for operation, body in (
        (CHECK, '{"userid":["zhangsan"],"partyid":[%s]}'),
        ("externalcontact/contact_list", '{"limit":%s}'),
        ("externalcontact/batch/get_by_user", '{"userid_list":["zhangsan"],"limit":%s}'),
        (ADD_TAG, '{"group_name":"g","order":%s,"tag":[{"name":"t","order":%s}]}'),
        (ADD_TAG, '{"group_name":"h","tag":[{"name":"t"}],"agentid":%s}'),
    ):
        reply = wecom.post(operation, content=body.replace("%s", number).encode())
        assert reply["errcode"] >= 0, (operation, reply)


def test_a_number_beyond_64_bits_counts_as_absent(wecom: WeCom) -> None:
    for number in (2**63, 2**64, -(2**63) - 1, str(2**63)):
        reply = wecom.post(CHECK, userid=["zhangsan"], partyid=[number, 1])
        assert reply["errmsg"] == "ok. " + WARNING
        assert reply["authorized"] == {"userid": ["zhangsan"], "partyid": [1]}
    assert wecom.post(CHECK, userid=["zhangsan"], partyid=[2**63 - 1])["errmsg"] == "ok"


@pytest.mark.parametrize("count", [1_000, 40_000, 100_000])
def test_lists_of_any_length_are_answered(wecom: WeCom, count: int) -> None:
    """More than a corp can have is 40058 or the cap's own code; else the first unknown id is named."""
    ids = [f"et{number}" for number in range(count)]
    pair = {"userid": "zhangsan", "external_userid": customer_of(wecom)}
    for operation, fields in (
        (TAG_LIST, {"tag_id": ids}),
        (TAG_LIST, {"group_id": ids}),
        ("externalcontact/del_corp_tag", {"tag_id": ids}),
        ("externalcontact/del_corp_tag", {"group_id": ids}),
        ("externalcontact/mark_tag", {**pair, "add_tag": ids}),
        ("externalcontact/mark_tag", {**pair, "remove_tag": ids}),
        ("externalcontact/batch/get_by_user", {"userid_list": ids}),
    ):
        assert wecom.post(operation, fields)["errcode"] in (40068, 40058), operation
    assert wecom.post(ADD_TAG, group_name="g", tag=[{"name": id_} for id_ in ids])["errcode"] in (0, 40126)
    assert wecom.post(CHECK, partyid=list(range(count)))["errcode"] == 0
    assert wecom.post(CHECK, userid=ids)["errcode"] == 0
    assert wecom.post(REMARK, **pair, remark_mobiles=ids)["errcode"] >= 0


def test_one_call_can_create_rows_up_to_the_cap(wecom: WeCom) -> None:
    made = add_tag(wecom, tag=[{"name": f"标签{number}"} for number in range(4_000)])
    assert made["errcode"] == 0
    assert len({tag["id"] for tag in made["tag_group"]["tag"]}) == 4_000
    again = add_tag(wecom, tag=[{"name": f"其他{number}"} for number in range(4_000)])
    assert again["tag_group"]["group_id"] == made["tag_group"]["group_id"]


# --- random requests -------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["userid", "external_userid", "remark", "remark_mobiles", "tag_id", "group_id", "tag", "group_name",
     "order", "add_tag", "remove_tag", "id", "name", "cursor", "limit", "userid_list", "partyid"]
)  # fmt: skip
OPERATIONS = st.sampled_from(
    [REMARK, TAG_LIST, ADD_TAG, CHECK, "externalcontact/mark_tag", "externalcontact/edit_corp_tag",
     "externalcontact/del_corp_tag", "externalcontact/batch/get_by_user", "externalcontact/contact_list"]
)  # fmt: skip
MANY = settings(
    max_examples=examples(60),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@MANY
@given(operation=OPERATIONS, fields=st.dictionaries(FIELDS, JSON, max_size=5))
def test_any_json_in_any_field_is_answered(wecom: WeCom, operation: str, fields: dict[str, Any]) -> None:
    content = json.dumps(fields).encode()  # NaN, infinities and lone surrogates as escapes, too
    assert wecom.post(operation, content=content)["errcode"] >= 0


@MANY
@given(operation=OPERATIONS, content=st.binary(max_size=200))
def test_any_bytes_as_a_body_are_answered(wecom: WeCom, operation: str, content: bytes) -> None:
    assert wecom.post(operation, content=content)["errcode"] >= 0


@MANY
@given(
    path=st.sampled_from(["externalcontact/list", "externalcontact/get", "gettoken", "no_such_path"]),
    params=st.dictionaries(
        st.sampled_from(["userid", "external_userid", "cursor", "corpid", "corpsecret", "x"]),
        st.binary(max_size=40),
    ),
)
def test_any_bytes_in_the_query_are_answered(wecom: WeCom, path: str, params: dict[str, bytes]) -> None:
    query = "&".join(f"{key}={quote(value)}" for key, value in params.items())
    answer = wecom.http.get(f"{path}?access_token={wecom.token}&{query}")
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert answer.json()["errcode"] >= 0
