"""What of a member only self-built apps of before 2022-06-20 20:00 are told, and invitations."""

from typing import Any

import httpx
import pytest

from tests.conftest import Corp, WeCom
from tests.families.test_directory_members import made

LAST_SECOND = 1_655_726_399
PRIVATE = {"gender", "mobile", "email", "biz_mail", "qr_code", "address"}
FULL = {
    "mobile": "13912345678",
    "email": "Li@Example.com",
    "biz_mail": "li@corp.example.com",
    "gender": "2",
    "address": "广州市海珠区",
    "department": [2],
}


@pytest.fixture
def sync(corp: Corp) -> WeCom:
    return corp.client(corp.app_of_kind("contacts_sync"))


def test_a_self_built_app_of_before_2022_06_20_is_told_how_to_reach_a_member(corp: Corp, sync: WeCom) -> None:
    made(sync, "li", **FULL)
    made(sync, "bare", mobile="13912345679", department=[2])
    old = corp.client(corp.new_app(created_at=LAST_SECOND))
    reply = old.get("user/get", userid="li")
    told = {name: reply[name] for name in PRIVATE - {"qr_code"}}
    assert told == {
        "mobile": "13912345678",
        "email": "li@example.com",
        "biz_mail": "li@corp.example.com",
        "gender": "2",
        "address": "广州市海珠区",
    }
    listed = {member["userid"]: member for member in old.get("user/list", department_id=2)["userlist"]}
    assert {name: listed["li"][name] for name in told} == told
    assert [listed["bare"][name] for name in ("email", "biz_mail", "gender", "address")] == ["", "", "0", ""]


@pytest.mark.parametrize(
    "wanted",
    [{}, {"created_at": LAST_SECOND + 1}, {"created_at": 0, "kind": "customer_contact_legacy"}],
)
def test_no_other_app_is_told_how_to_reach_a_member(corp: Corp, wanted: dict[str, Any]) -> None:
    app = corp.client(corp.new_app(**wanted))
    assert not PRIVATE & set(app.get("user/get", userid="zhangsan"))
    (first, *_) = app.get("user/list", department_id=2)["userlist"]
    assert not PRIVATE & set(first)


def test_the_qr_code_of_a_member_leads_to_how_a_customer_adds_the_member(corp: Corp) -> None:
    old = corp.client(corp.new_app(kind="self_built_unlisted", created_at=LAST_SECOND))
    image = httpx.get(old.get("user/get", userid="zhangsan")["qr_code"])
    assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
    pages = f"{corp.server.base_url}/_sim/scan/member"
    page = httpx.get(f"{pages}/{corp.corpid}/zhangsan")
    assert page.status_code == 200
    assert '{"act": "customer_adds_member", "userid": "zhangsan"}' in page.text
    for place in (f"{corp.corpid}/nobody", f"{corp.corpid}/%00", "ww0/zhangsan"):
        assert httpx.get(f"{pages}/{place}").status_code == 404


def test_an_update_may_say_whether_to_invite(sync: WeCom) -> None:
    for to_invite in (True, False):
        assert sync.post("user/update", userid="zhangsan", to_invite=to_invite)["errcode"] == 0
