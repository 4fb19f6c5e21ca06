"""Requests, well formed or not: none is answered with HTTP 5xx or errcode -1."""

import json
import os
import socket
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Corp, RunningServer, WeCom

WARNING = "Warning: wrong json format. "
REMARK = "externalcontact/remark"
TAG_LIST = "externalcontact/get_corp_tag_list"
ADD_TAG = "externalcontact/add_corp_tag"
CHECK = "externalcontact/check_follow_user"


def add_tag(wecom: WeCom, **fields: Any) -> dict[str, Any]:
    return wecom.post(ADD_TAG, **{"group_name": "等级", **fields})


def customer_of(wecom: WeCom, userid: str = "zhangsan") -> str:
    return str(wecom.get("externalcontact/list", userid=userid)["external_userid"][0])


def follow_of(wecom: WeCom, external_userid: str, userid: str = "zhangsan") -> dict[str, Any]:
    shown = wecom.get("externalcontact/get", external_userid=external_userid)
    return next(follow for follow in shown["follow_user"] if follow["userid"] == userid)


# --- broken JSON is not fatal ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"{bad",
        b'{"tag_id": [}',
        b"[]",
        b'"text"',
        b"7",
        b"null",
        b"\x00",
        b"\xff\xfe",
        b'{"tag_id": NaN}',
        b"access_token=x&tag_id=y",
        b'{"tag_id": "\\ud800"}',
        b'{"tag_id": ["\xed\xa0\x80"]}',
        b'{"tag_id": 1e999}',
        b"{}{}",
    ],
)
def test_a_body_that_is_not_a_json_object_counts_as_empty_with_a_warning(
    wecom: WeCom, content: bytes
) -> None:
    listed = wecom.post(TAG_LIST, content=content)
    assert listed["errcode"] == 0
    assert listed["errmsg"] == "ok. " + WARNING
    assert len(listed["tag_group"]) == 3
    refused = wecom.post(REMARK, content=content)
    assert refused["errcode"] == 40003
    assert refused["errmsg"].startswith(WARNING + "invalid userid, hint: [")


@pytest.mark.parametrize(
    "slip", [",}", "", ",", ',"remark_company":"B', ',"remark_mobiles":["1380", ]}', "}}", " //"]
)
def test_what_stands_before_a_slip_is_done_and_charged(wecom: WeCom, slip: str) -> None:
    customer = customer_of(wecom)
    fields = {"userid": "zhangsan", "external_userid": customer, "remark": "A", "description": "采购"}
    done = wecom.post(REMARK, content=json.dumps(fields).encode()[:-1] + slip.encode())
    assert done == {"errcode": 0, "errmsg": "ok. " + WARNING}
    follow = follow_of(wecom, customer)
    assert (follow["remark"], follow["description"]) == ("A", "采购")
    assert follow["remark_mobiles"] == []
    assert "remark_corp_name" not in follow
    (call,) = wecom.corp.sim("calls", warned=True)["calls"]
    assert call["detail"].endswith("read before it: userid, external_userid, remark, description")
    used = wecom.corp.sim("usage")["calls"]["by_operation"][f"/cgi-bin/{REMARK}"]
    assert used == {"charged": 1, "refused": 0}


def test_a_list_with_the_slip_in_it_is_absent(wecom: WeCom) -> None:
    made = add_tag(wecom, tag=[{"name": "金"}])["tag_group"]
    cut = f'{{"tag_id":["{made["tag"][0]["id"]}",],"group_id":["{made["group_id"]}"]}}'
    listed = wecom.post(TAG_LIST, content=cut.encode())
    assert listed["errmsg"] == "ok. " + WARNING
    assert len(listed["tag_group"]) == 4, "as if nothing had been asked for"


def test_a_form_is_no_json_and_harms_nothing(wecom: WeCom) -> None:
    params = {"access_token": wecom.token}
    for form in ({"userid": "zhangsan"}, {"": ""}, {"userid": ["a", "b"], "中文": "值"}):
        listed = wecom.http.post(TAG_LIST, params=params, data=form).json()
        assert listed["errmsg"] == "ok. " + WARNING
        assert wecom.http.post(REMARK, params=params, data=form).json()["errcode"] == 40003
    upload = wecom.http.post(TAG_LIST, params=params, files={"media": b"\x00\xff"}).json()
    assert upload["errmsg"] == "ok. " + WARNING


@pytest.mark.parametrize("content", [b"", b"  \r\n", b"{}"])
def test_an_empty_body_is_an_empty_object_without_a_warning(wecom: WeCom, content: bytes) -> None:
    assert wecom.post(TAG_LIST, content=content)["errmsg"] == "ok"
    assert not wecom.post(REMARK, content=content)["errmsg"].startswith("Warning")


def test_the_warning_is_in_the_header_too(wecom: WeCom) -> None:
    answer = wecom.http.post(REMARK, params={"access_token": wecom.token}, content=b"{bad")
    assert answer.headers["error-msg"] == answer.json()["errmsg"]
    answer = wecom.http.post(TAG_LIST, params={"access_token": wecom.token}, content=b"{bad")
    assert answer.headers["error-msg"].strip() == answer.json()["errmsg"].strip()


def test_a_scalar_where_a_list_belongs_is_taken_as_a_list_of_one(wecom: WeCom) -> None:
    made = add_tag(wecom, tag=[{"name": "金"}])["tag_group"]
    found = wecom.post(TAG_LIST, tag_id=made["tag"][0]["id"])
    assert found["errmsg"] == "ok. " + WARNING
    assert [group["group_id"] for group in found["tag_group"]] == [made["group_id"]]


def test_a_field_of_a_wrong_type_is_left_out_and_the_rest_is_done(wecom: WeCom) -> None:
    customer = customer_of(wecom)
    done = wecom.post(
        REMARK, userid="zhangsan", external_userid=customer, remark={"text": "A"}, description="采购"
    )
    assert done == {"errcode": 0, "errmsg": "ok. " + WARNING}
    follow = follow_of(wecom, customer)
    assert follow["description"] == "采购"
    assert follow["remark"] != "A"


def test_an_item_of_a_wrong_type_is_left_out_of_its_list(wecom: WeCom) -> None:
    made = add_tag(wecom, tag=[5, {"name": "金"}, "x", {"name": "银"}, [], None])
    assert made["errmsg"] == "ok. " + WARNING
    assert [tag["name"] for tag in made["tag_group"]["tag"]] == ["金", "银"]


def test_a_required_field_of_a_wrong_type_is_missing(wecom: WeCom) -> None:
    refused = wecom.post(REMARK, userid=["a", "b"], external_userid=customer_of(wecom), remark="A")
    assert refused["errcode"] == 40003
    assert refused["errmsg"].startswith(WARNING)


# --- leniency that real clients rely on ------------------------------------------------------------------


def test_numbers_may_come_as_text_and_text_as_numbers(wecom: WeCom) -> None:
    made = add_tag(wecom, order="7", tag=[{"name": 618, "order": "4294967295"}])
    assert made["errmsg"] == "ok"
    assert made["tag_group"]["order"] == 7
    assert made["tag_group"]["tag"][0]["name"] == "618"
    assert made["tag_group"]["tag"][0]["order"] == 4294967295


def test_a_null_is_an_absent_field_and_clears_nothing(wecom: WeCom) -> None:
    customer = customer_of(wecom)
    wecom.post(
        REMARK, userid="zhangsan", external_userid=customer, remark="旧", remark_mobiles=["13800000001"]
    )
    done = wecom.post(
        REMARK,
        userid="zhangsan",
        external_userid=customer,
        remark=None,
        remark_mobiles=None,
        description="新",
        remark_company=None,
    )
    assert done == {"errcode": 0, "errmsg": "ok"}
    follow = follow_of(wecom, customer)
    assert (follow["remark"], follow["remark_mobiles"], follow["description"]) == (
        "旧",
        ["13800000001"],
        "新",
    )


def test_unknown_fields_are_ignored_without_a_warning(wecom: WeCom) -> None:
    made = add_tag(wecom, agent_id="", colour="red", tag=[{"name": "金", "icon": "💎"}])
    assert made["errmsg"] == "ok"


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/json; charset=gbk",
        "multipart/form-data",
    ],
)
def test_the_content_type_is_ignored(wecom: WeCom, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    body = json.dumps({"group_name": "等级", "tag": [{"name": "金"}]}, ensure_ascii=False).encode()
    answer = wecom.http.post(ADD_TAG, params={"access_token": wecom.token}, content=body, headers=headers)
    assert answer.json()["errmsg"] == "ok"


def test_the_last_value_of_a_repeated_key_counts(wecom: WeCom) -> None:
    answer = wecom.http.get(f"externalcontact/list?access_token={wecom.token}&userid=nobody&userid=zhangsan")
    assert answer.json()["errcode"] == 0
    made = wecom.post(ADD_TAG, content=b'{"group_name":"a","group_name":"b","tag":[{"name":"x"}]}')
    assert made["tag_group"]["group_name"] == "b"


# --- characters ------------------------------------------------------------------------------------------

RARE = [
    "👩‍👩‍👧‍👦",
    "𠮷野家",
    "ﷺ",
    "é",
    "\u202e倒",
    "\u2028",
    "\x7f",
    "'; DROP TABLE t; --",
    "%s%d",
    "{0}",
    "\\",
    '"',
    "\t\n",
]


@pytest.mark.parametrize("text", RARE)
def test_rare_characters_come_back_as_they_were_sent(wecom: WeCom, text: str) -> None:
    customer = customer_of(wecom)
    assert wecom.post(REMARK, userid="zhangsan", external_userid=customer, remark=text)["errcode"] == 0
    assert follow_of(wecom, customer)["remark"] == text
    made = add_tag(wecom, tag=[{"name": text}])["tag_group"]
    (group,) = wecom.post(TAG_LIST, group_id=[made["group_id"]])["tag_group"]
    assert group["tag"][0]["name"] == text


def test_a_character_is_one_unit_of_length_whatever_its_bytes(wecom: WeCom) -> None:
    customer = customer_of(wecom)
    fits = wecom.post(REMARK, userid="zhangsan", external_userid=customer, remark="🍵" * 20)
    assert fits["errcode"] == 0
    refused = wecom.post(REMARK, userid="zhangsan", external_userid=customer, remark="🍵" * 21)
    assert refused["errcode"] == 40058
    assert refused["errmsg"].startswith("remark exceed max utf8 words 20, hint: [")


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\x00" * 30])
def test_the_null_character_is_refused_in_every_place(wecom: WeCom, text: str) -> None:
    customer = customer_of(wecom)
    before = follow_of(wecom, customer)
    assert wecom.post(REMARK, userid="zhangsan", external_userid=customer, remark=text)["errcode"] == 40058
    assert wecom.post(REMARK, userid=text, external_userid=customer, remark="A")["errcode"] == 40058
    assert follow_of(wecom, customer) == before
    assert add_tag(wecom, tag=[{"name": "金"}, {"name": text}])["errcode"] == 40058
    assert wecom.post(CHECK, userid=["zhangsan", text])["errcode"] == 40058
    assert wecom.get("externalcontact/list", userid=text)["errcode"] == 40058
    refused = wecom.get("externalcontact/get", external_userid=customer, cursor=text)
    assert (refused["errcode"], refused["follow_user"]) == (40058, [])
    assert wecom.post(TAG_LIST, tag_id=[text])["errcode"] == 40058


def test_the_null_character_is_refused_without_a_token_too(corp: Corp) -> None:
    http = corp.client().http
    secret = corp.apps[0]["secret"]
    for params in (
        {"corpid": "\x00", "corpsecret": secret},
        {"corpid": corp.corpid + "\x00", "corpsecret": secret},
        {"corpid": corp.corpid, "corpsecret": "\x00"},
    ):
        assert http.get("gettoken", params=params).json()["errcode"] == 40058


def test_text_that_only_spells_the_null_character_is_fine(wecom: WeCom) -> None:
    customer = customer_of(wecom)
    done = wecom.post(REMARK, userid="zhangsan", external_userid=customer, remark="\\u0000")
    assert done["errcode"] == 0
    assert follow_of(wecom, customer)["remark"] == "\\u0000"


@pytest.mark.parametrize(
    "raw", ["%ed%a0%80", "%ff", "%00", "%", "%u0041", "%E5%BC", "+", "%F0%9F%8D%B5", "a" * 9_000]
)
def test_no_bytes_in_the_query_break_anything(wecom: WeCom, raw: str) -> None:
    for path in (
        f"externalcontact/list?access_token={wecom.token}&userid={raw}",
        f"externalcontact/get?access_token={wecom.token}&external_userid={raw}&cursor={raw}&{raw}={raw}",
        f"externalcontact/list?access_token={raw}",
        f"gettoken?corpid={raw}&corpsecret={raw}",
        f"no_such_path?access_token={raw}",
    ):
        answer = wecom.http.get(path)
        assert answer.status_code in (200, 404)
        if answer.status_code == 200:
            assert answer.json()["errcode"] > 0


# --- size, depth, magnitude ------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_and_the_connection_goes_on(wecom: WeCom) -> None:
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
def test_json_may_be_nested_as_deeply_as_one_likes(wecom: WeCom, depth: int, opening: str) -> None:
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
def test_no_number_is_too_large(wecom: WeCom, number: str) -> None:
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
def test_no_list_is_too_long_to_be_answered(wecom: WeCom, count: int) -> None:
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


def test_one_call_may_make_as_many_rows_as_the_corp_has_room_for(wecom: WeCom) -> None:
    made = add_tag(wecom, tag=[{"name": f"标签{number}"} for number in range(4_000)])
    assert made["errcode"] == 0
    assert len({tag["id"] for tag in made["tag_group"]["tag"]}) == 4_000
    again = add_tag(wecom, tag=[{"name": f"其他{number}"} for number in range(4_000)])
    assert again["tag_group"]["group_id"] == made["tag_group"]["group_id"]


# --- whatever may come -----------------------------------------------------------------------------------

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
    max_examples=int(os.environ.get("TOLLBOOTH_TEST_EXAMPLES", "150")),
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
