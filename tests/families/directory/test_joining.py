"""corp/get_join_qrcode, the page behind the code, and who joins by it."""

from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.directory.test_events import events_of
from tests.families.factories import act, act_error
from wecom_tollbooth.families.directory.joining import join_code
from wecom_tollbooth.world import qr


def page_of(sync: WeCom, **params: Any) -> str:
    reply = sync.get("corp/get_join_qrcode", **params)
    assert reply["errcode"] == 0, reply
    address = reply["join_qrcode"]
    name = address.rpartition("/")[2].removesuffix(".png")
    return qr.text_of(name, address.partition("/_sim")[0])


def code_of(sync: WeCom) -> str:
    return page_of(sync).rpartition("/")[2]


@pytest.mark.parametrize(
    ("params", "pixels"),
    [({}, 171), ({"size_type": 1}, 171), ({"size_type": 2}, 399), ({"size_type": 3}, 741)],
)
def test_the_code_is_an_image_of_the_wanted_size(sync: WeCom, params: dict[str, Any], pixels: int) -> None:
    image = httpx.get(sync.get("corp/get_join_qrcode", **params)["join_qrcode"])
    assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
    assert int.from_bytes(image.content[16:20], "big") == pixels


def test_the_largest_image_is_one_too() -> None:
    assert int.from_bytes(qr.png("https://example.com", 2052)[16:20], "big") == 2052


def test_other_sizes_and_other_apps_are_refused(sync: WeCom, wecom: WeCom) -> None:
    assert sync.get("corp/get_join_qrcode", size_type=5)["errcode"] == 40058
    assert sync.get("corp/get_join_qrcode", size_type=0)["errcode"] == 40058
    assert wecom.get("corp/get_join_qrcode")["errcode"] == 48002


def test_the_page_shows_how_to_join(corp: Corp, sync: WeCom) -> None:
    address = page_of(sync)
    page = httpx.get(address)
    assert page.status_code == 200
    code = address.rpartition("/")[2]
    assert f'{{"act": "person_joins_corp", "code": "{code}", "userid": "newcomer"' in page.text
    pages = f"{corp.server.base_url}/_sim/scan/join_corp"
    for place in (f"{corp.corpid}/none", f"{corp.corpid}/%00", f"ww0/{code}"):
        assert httpx.get(f"{pages}/{place}").status_code == 404


def test_who_joins_is_an_active_member(corp: Corp, sync: WeCom, wecom: WeCom) -> None:
    joined = {"userid": "Newcomer", "name": "新成员", "mobile": "+86 13800138000"}
    act(corp, "person_joins_corp", code=code_of(sync), **joined)
    member = wecom.get("user/get", userid="newcomer")
    assert (member["name"], member["status"], member["department"]) == ("新成员", 1, [1])
    assert wecom.post("user/getuserid", mobile="13800138000")["userid"] == "Newcomer"
    assert events_of(corp, sync.agentid) == [
        (
            "create_user",
            "<ChangeType>create_user</ChangeType><UserID><![CDATA[Newcomer]]></UserID>"
            "<Department><![CDATA[1]]></Department>",
        )
    ]


def test_who_left_may_come_back(corp: Corp, sync: WeCom, wecom: WeCom) -> None:
    act(corp, "member_leaves_corp", userid="lisi")
    act(corp, "person_joins_corp", code=code_of(sync), userid="lisi", name="李四")
    assert wecom.get("user/get", userid="lisi")["status"] == 1


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"code": "0" * 28}, "seven days"),
        ({"code": "nonsense"}, "seven days"),
        ({"userid": "ZhangSan"}, "a member has it"),
        ({"userid": "新成员"}, "is no userid"),
        ({"mobile": "138"}, "is no number"),
    ],
)
def test_who_cannot_join(corp: Corp, sync: WeCom, fields: dict[str, Any], why: str) -> None:
    body = {"code": code_of(sync), "userid": "newcomer", "name": "新成员", **fields}
    assert why in act_error(corp, "person_joins_corp", **body)


def test_another_corps_code_does_not_count(server: RunningServer, corp: Corp, sync: WeCom) -> None:
    other = server.make_corp()
    why = act_error(other, "person_joins_corp", code=code_of(sync), userid="newcomer", name="x")
    assert "seven days" in why


def test_a_code_is_valid_for_seven_days(server: RunningServer, corp: Corp, sync: WeCom) -> None:
    now = int(server.sim.get("/clock").json()["now"])
    seed = server.settings.seed
    for end, status in ((now, 404), (now + 100, 200)):
        code = join_code(seed, corp.corpid, end)
        page = f"{server.base_url}/_sim/scan/join_corp/{corp.corpid}/{code}"
        assert httpx.get(page).status_code == status
    end = int(code_of(sync)[:8], 16)
    assert 7 * 86_400 <= end - now <= 7 * 86_400 + 60
