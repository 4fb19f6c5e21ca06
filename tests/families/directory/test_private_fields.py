"""Private fields, which only self-built apps from before 2022-06-20 20:00 get; and to_invite."""

from typing import Any

import httpx
import pytest

from tests.conftest import Corp, WeCom
from tests.families.directory.members import new_member
from tests.families.uploads import png, upload

LAST_SECOND = 1_655_726_399
PRIVATE = {"gender", "mobile", "email", "biz_mail", "avatar", "thumb_avatar", "qr_code", "address"}
ADDRESSES = {"avatar", "thumb_avatar", "qr_code"}
FULL = {
    "mobile": "13912345678",
    "email": "Li@Example.com",
    "biz_mail": "li@corp.example.com",
    "gender": "2",
    "address": "广州市海珠区",
    "department": [2],
}


def test_self_built_apps_from_before_2022_06_20_get_private_fields(corp: Corp, sync: WeCom) -> None:
    new_member(sync, "li", **FULL)
    new_member(sync, "bare", mobile="13912345679", department=[2])
    old = corp.client(corp.new_app(created_at=LAST_SECOND))
    reply = old.get("user/get", userid="li")
    shown = {name: reply[name] for name in PRIVATE - ADDRESSES}
    assert shown == {
        "mobile": "13912345678",
        "email": "li@example.com",
        "biz_mail": "li@corp.example.com",
        "gender": "2",
        "address": "广州市海珠区",
    }
    listed = {member["userid"]: member for member in old.get("user/list", department_id=2)["userlist"]}
    assert {name: listed["li"][name] for name in shown} == shown
    assert [listed["bare"][name] for name in ("email", "biz_mail", "gender", "address")] == ["", "", "0", ""]


def test_a_members_avatar_is_the_uploaded_one_or_drawn(corp: Corp, sync: WeCom) -> None:
    media_id = upload(sync, "media/upload", ("头像.png", png()), type="image")["media_id"]
    new_member(sync, "li", mobile="13912345678", department=[2], avatar_mediaid=media_id)
    old = corp.client(corp.new_app(created_at=LAST_SECOND))
    shown = old.get("user/get", userid="li")
    assert httpx.get(shown["avatar"]).content == png()
    drawn = old.get("user/get", userid="zhangsan")
    assert drawn["avatar"].endswith("/0")
    assert drawn["thumb_avatar"] == drawn["avatar"].removesuffix("/0") + "/96"
    listed = {member["userid"]: member for member in old.get("user/list", department_id=2)["userlist"]}
    assert listed["li"]["thumb_avatar"] == shown["avatar"]


@pytest.mark.parametrize(
    "wanted",
    [{}, {"created_at": LAST_SECOND + 1}, {"created_at": 0, "kind": "customer_contact_legacy"}],
)
def test_no_other_app_gets_private_fields(corp: Corp, wanted: dict[str, Any]) -> None:
    app = corp.client(corp.new_app(**wanted))
    assert not PRIVATE & set(app.get("user/get", userid="zhangsan"))
    (first, *_) = app.get("user/list", department_id=2)["userlist"]
    assert not PRIVATE & set(first)


def test_a_members_qr_code_leads_to_a_page_about_adding_the_member(corp: Corp) -> None:
    old = corp.client(corp.new_app(kind="self_built_unlisted", created_at=LAST_SECOND))
    image = httpx.get(old.get("user/get", userid="zhangsan")["qr_code"])
    assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
    pages = f"{corp.server.base_url}/_sim/scan/member"
    page = httpx.get(f"{pages}/{corp.corpid}/zhangsan")
    assert page.status_code == 200
    assert '{"act": "customer_adds_member", "userid": "zhangsan"}' in page.text
    for place in (f"{corp.corpid}/nobody", f"{corp.corpid}/%00", "ww0/zhangsan"):
        assert httpx.get(f"{pages}/{place}").status_code == 404


def test_an_update_accepts_to_invite(sync: WeCom) -> None:
    for to_invite in (True, False):
        assert sync.post("user/update", userid="zhangsan", to_invite=to_invite)["errcode"] == 0
