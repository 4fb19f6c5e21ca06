"""Members by mobile, email and openid."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.directory.members import new_member
from tests.families.factories import act

StartServer = Callable[..., RunningServer]


@pytest.fixture
def hua(corp: Corp, sync: WeCom) -> Corp:
    """The corp with the member hua."""
    new_member(
        sync,
        "hua",
        mobile="13800138000",
        email="Hua@qq.com",
        biz_mail="hua@tea.example.com",
        department=[2],
    )
    aliases = {"item": ["lihua@tea.example.com"]}
    assert sync.post("user/update", userid="hua", biz_mail_alias=aliases)["errcode"] == 0
    return corp


def narrow(corp: Corp) -> WeCom:
    return corp.client(corp.new_app(kind="self_built", visible={"userid": ["zhangsan"], "partyid": []}))


@pytest.mark.parametrize("mobile", ["13800138000", "+86 138-0013-8000", 13800138000])
def test_a_member_by_mobile(hua: Corp, sync: WeCom, mobile: Any) -> None:
    for app in (hua.client(), sync):
        assert app.post("user/getuserid", mobile=mobile) == {
            "errcode": 0,
            "errmsg": "ok",
            "userid": "hua",
        }


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"mobile": "13800138001"}, 46004),
        ({"mobile": "1380"}, 60103),
        ({"mobile": "+1" + "3" * 31}, 60103),
        ({"mobile": "number"}, 60103),
        ({}, 60103),
    ],
)
def test_a_mobile_of_nobody(hua: Corp, fields: dict[str, Any], errcode: int) -> None:
    assert hua.client().post("user/getuserid", fields)["errcode"] == errcode


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"email": "HUA@tea.example.com"}, 0),
        ({"email": "lihua@tea.example.com", "email_type": 1}, 0),
        ({"email": "hua@qq.com", "email_type": 2}, 0),
        ({"email": "hua@qq.com"}, 46004),
        ({"email": "hua@tea.example.com", "email_type": 2}, 46004),
        ({"email": "hua@tea.example.com", "email_type": 3}, 40058),
        ({"email": "hua"}, 60105),
        ({"email_type": 1}, 60105),
    ],
)
def test_a_member_by_email(hua: Corp, fields: dict[str, Any], errcode: int) -> None:
    reply = hua.client().post("user/get_userid_by_email", fields)
    assert (reply["errcode"], reply.get("userid")) == (errcode, None if errcode else "hua")


def test_nobody_is_found_outside_the_visible_range_or_after_leaving(hua: Corp, sync: WeCom) -> None:
    asked = (
        ("user/getuserid", {"mobile": "13800138000"}),
        ("user/get_userid_by_email", {"email": "hua@qq.com", "email_type": 2}),
    )
    for operation, body in asked:
        assert narrow(hua).post(operation, body)["errcode"] == 46004
    sync.get("user/delete", userid="hua")
    for operation, body in asked:
        assert sync.post(operation, body)["errcode"] == 46004


def test_too_many_wrong_guesses_close_the_operation_until_the_next_day(start_server: StartServer) -> None:
    server = start_server(member_cap=10)
    wecom = server.make_corp(seed="demo", members=2, customers=0).client()
    wrong = [wecom.post("user/getuserid", mobile=f"1380013800{one}")["errcode"] for one in range(4)]
    assert wrong == [46004, 46004, 46004, 45009]
    wrong = [wecom.post("user/get_userid_by_email", email=f"{one}@a.com")["errcode"] for one in range(4)]
    assert wrong == [46004, 46004, 46004, 45009]
    server.sim.post("/clock", json={"advance_seconds": 86_400})
    wecom = wecom.corp.client()
    assert wecom.post("user/getuserid", mobile="13800138000")["errcode"] == 46004


def test_openids_lead_back_to_their_members(hua: Corp) -> None:
    wecom = hua.client()
    openids = [wecom.post("user/convert_to_openid", userid=one)["openid"] for one in ("zhangsan", "LISI")]
    assert openids[0] != openids[1]
    assert [(len(one), one[0]) for one in openids] == [(28, "o"), (28, "o")]
    assert wecom.post("user/convert_to_openid", userid="zhangsan")["openid"] == openids[0]
    found = [wecom.post("user/convert_to_userid", openid=one)["userid"] for one in openids]
    assert found == ["zhangsan", "lisi"]
    assert narrow(hua).post("user/convert_to_userid", openid=openids[0])["userid"] == "zhangsan"
    assert narrow(hua).post("user/convert_to_userid", openid=openids[1])["errcode"] == 60011
    act(hua, "member_leaves_corp", userid="lisi")
    assert wecom.post("user/convert_to_userid", openid=openids[1])["errcode"] == 40073


@pytest.mark.parametrize(
    ("operation", "fields", "errcode"),
    [
        ("user/convert_to_openid", {}, 41009),
        ("user/convert_to_openid", {"userid": "nobody"}, 60111),
        ("user/convert_to_openid", {"userid": "hua"}, 43004),
        ("user/convert_to_userid", {}, 40073),
        ("user/convert_to_userid", {"openid": "oNobody"}, 40073),
    ],
)
def test_what_cannot_be_converted(hua: Corp, operation: str, fields: dict[str, Any], errcode: int) -> None:
    assert hua.client().post(operation, fields)["errcode"] == errcode


def test_who_was_ever_active_has_an_openid(hua: Corp, sync: WeCom) -> None:
    for userid in ("hua", "lisi"):
        assert sync.post("user/update", userid=userid, enable=0)["errcode"] == 0
    assert hua.client().post("user/convert_to_openid", userid="hua")["errcode"] == 43004
    assert hua.client().post("user/convert_to_openid", userid="lisi")["errcode"] == 0
    assert narrow(hua).post("user/convert_to_openid", userid="lisi")["errcode"] == 60011
