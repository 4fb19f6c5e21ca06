"""Leniently read bodies: faults, wrong types, numbers as text, rare characters."""

import json
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.gateway.bodies import ADD_TAG, CHECK, REMARK, TAG_LIST, WARNING, add_tag, customer_of


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
def test_members_before_a_fault_are_applied_and_the_call_is_charged(wecom: WeCom, slip: str) -> None:
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


def test_the_journal_names_only_as_many_fields_as_fit(wecom: WeCom) -> None:
    names = [f"{'x' * 5_000}{number}" for number in range(30)]
    wecom.post(TAG_LIST, content=json.dumps(dict.fromkeys(names, "v")).encode()[:-1])
    (call,) = wecom.corp.sim("calls", warned=True)["calls"]
    assert call["detail"].endswith(", ".join(["x" * 40] * 20) + " and 10 more")


def test_a_list_with_a_fault_counts_as_absent(wecom: WeCom) -> None:
    made = add_tag(wecom, tag=[{"name": "金"}])["tag_group"]
    cut = f'{{"tag_id":["{made["tag"][0]["id"]}",],"group_id":["{made["group_id"]}"]}}'
    listed = wecom.post(TAG_LIST, content=cut.encode())
    assert listed["errmsg"] == "ok. " + WARNING
    assert len(listed["tag_group"]) == 4, "as if nothing had been asked for"


def test_a_form_body_counts_as_broken_json(wecom: WeCom) -> None:
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


def test_a_scalar_counts_as_a_list_of_one(wecom: WeCom) -> None:
    made = add_tag(wecom, tag=[{"name": "金"}])["tag_group"]
    found = wecom.post(TAG_LIST, tag_id=made["tag"][0]["id"])
    assert found["errmsg"] == "ok. " + WARNING
    assert [group["group_id"] for group in found["tag_group"]] == [made["group_id"]]


def test_a_field_of_a_wrong_type_is_left_out_and_the_rest_is_applied(wecom: WeCom) -> None:
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


# --- leniency that clients rely on -----------------------------------------------------------------------


def test_numbers_are_accepted_as_text_and_text_as_numbers(wecom: WeCom) -> None:
    made = add_tag(wecom, order="7", tag=[{"name": 618, "order": "4294967295"}])
    assert made["errmsg"] == "ok"
    assert made["tag_group"]["order"] == 7
    assert made["tag_group"]["tag"][0]["name"] == "618"
    assert made["tag_group"]["tag"][0]["order"] == 4294967295


def test_null_counts_as_absent_and_clears_nothing(wecom: WeCom) -> None:
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
def test_rare_characters_are_returned_unchanged(wecom: WeCom, text: str) -> None:
    customer = customer_of(wecom)
    assert wecom.post(REMARK, userid="zhangsan", external_userid=customer, remark=text)["errcode"] == 0
    assert follow_of(wecom, customer)["remark"] == text
    made = add_tag(wecom, tag=[{"name": text}])["tag_group"]
    (group,) = wecom.post(TAG_LIST, group_id=[made["group_id"]])["tag_group"]
    assert group["tag"][0]["name"] == text


def test_lengths_count_characters_not_bytes(wecom: WeCom) -> None:
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


def test_text_that_spells_a_null_character_is_accepted(wecom: WeCom) -> None:
    customer = customer_of(wecom)
    done = wecom.post(REMARK, userid="zhangsan", external_userid=customer, remark="\\u0000")
    assert done["errcode"] == 0
    assert follow_of(wecom, customer)["remark"] == "\\u0000"


@pytest.mark.parametrize(
    "raw", ["%ed%a0%80", "%ff", "%00", "%", "%u0041", "%E5%BC", "+", "%F0%9F%8D%B5", "a" * 9_000]
)
def test_malformed_query_bytes_cause_no_error(wecom: WeCom, raw: str) -> None:
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
