"""Members open apps, use menus and report where they are: one event each, to that app alone."""

from typing import Any

import pytest

from tests.callbacks.steps import act
from tests.conftest import Corp
from tests.families.app_events.conftest import Phone
from tests.families.app_events.wechatpy_app import WechatpyApp

PLACE = {"latitude": 23.104, "longitude": 113.32}

ACTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("member_opens_app", {}, "enter_agent", "<EventKey><![CDATA[]]></EventKey>"),
    (
        "member_reports_location",
        PLACE,
        "LOCATION",
        "<Latitude>23.104</Latitude><Longitude>113.32</Longitude><Precision>65.000</Precision>",
    ),
    ("member_clicks_menu", {"key": "今日推荐"}, "click", "<EventKey><![CDATA[今日推荐]]></EventKey>"),
    (
        "member_opens_menu_link",
        {"url": "http://127.0.0.1/menu"},
        "view",
        "<EventKey><![CDATA[http://127.0.0.1/menu]]></EventKey>",
    ),
    (
        "member_opens_menu_mini_program",
        {"pagepath": "pages/index"},
        "view_miniprogram",
        "<EventKey><![CDATA[pages/index]]></EventKey>",
    ),
    (
        "member_scans_by_menu",
        {"key": "6", "result": "门店 1"},
        "scancode_push",
        "<EventKey><![CDATA[6]]></EventKey><ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType>"
        "<ScanResult><![CDATA[门店 1]]></ScanResult></ScanCodeInfo>",
    ),
    (
        "member_scans_by_menu",
        {"key": "6", "result": "2", "waits": True},
        "scancode_waitmsg",
        "<ScanResult><![CDATA[2]]></ScanResult></ScanCodeInfo>",
    ),
    *(
        (
            "member_sends_pictures_by_menu",
            {"key": "6", "menu_type": menu_type, "md5": ["1b5f", "5a75"]},
            menu_type,
            "<SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum><![CDATA[1b5f]]></PicMd5Sum></item>"
            "<item><PicMd5Sum><![CDATA[5a75]]></PicMd5Sum></item></PicList></SendPicsInfo>",
        )
        for menu_type in ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")
    ),
    (
        "member_picks_location_by_menu",
        {**PLACE, "key": "6", "label": "广州市海珠区客村艺苑路 106号"},
        "location_select",
        "<SendLocationInfo><Location_X><![CDATA[23.104]]></Location_X>"
        "<Location_Y><![CDATA[113.32]]></Location_Y><Scale><![CDATA[15]]></Scale>"
        "<Label><![CDATA[广州市海珠区客村艺苑路 106号]]></Label><Poiname><![CDATA[]]></Poiname>"
        "</SendLocationInfo>",
    ),
]

TAKE_REPLIES = {"enter_agent", "LOCATION", "click", "view", "view_miniprogram", "scancode_waitmsg"}


@pytest.mark.parametrize(("name", "fields", "event", "xml"), ACTS, ids=[one[2] for one in ACTS])
def test_an_act_raises_its_event_and_takes_a_reply_where_the_page_says_so(
    app: WechatpyApp, phone: Phone, name: str, fields: dict[str, Any], event: str, xml: str
) -> None:
    app.replies = lambda message: "欢迎光临"
    made = act(app.corp, name, agentid=app.agentid, userid="zhangsan", **fields)
    outcome = app.outcome()
    (callback,) = app.callbacks()
    assert callback["id"] == made["callbacks"][0]
    assert (callback["event"], callback["change_type"]) == (event, "")
    assert f"<Event><![CDATA[{event}]]></Event>" in callback["xml"]
    assert f"{xml}<AgentID>{app.agentid}</AgentID>" in callback["xml"]
    (received,) = app.messages
    assert received.source == "zhangsan"
    if event != "view_miniprogram":  # which wechatpy doesn't know
        assert (received.type, received.agent) == ("event", app.agentid)
    assert outcome["shown"] is (event in TAKE_REPLIES)
    assert len(phone("zhangsan")) == (event in TAKE_REPLIES)


@pytest.mark.parametrize("name", sorted({one[0] for one in ACTS}))
def test_a_member_uses_only_apps_that_see_them(corp: Corp, name: str) -> None:
    narrow = corp.new_app(name="只看李四", visible={"userid": ["lisi"]})["agentid"]
    fields = next(one[1] for one in ACTS if one[0] == name)
    answer = corp.server.sim.post(
        f"/corps/{corp.corpid}/acts", json={"act": name, "agentid": narrow, "userid": "zhangsan", **fields}
    )
    assert answer.status_code == 422
    assert f"zhangsan is outside the visible range of app {narrow}" in answer.json()["error"]
    made = act(corp, name, agentid=narrow, userid="lisi", **fields)
    assert made["agentid"] == narrow
    assert len(made["callbacks"]) == 1


def test_an_app_turns_two_events_off_and_on(corp: Corp) -> None:
    wecom = corp.client()
    use = {"agentid": wecom.agentid, "userid": "zhangsan"}
    for flag, raised in ((1, 1), (0, 0), (1, 1)):
        wecom.post("agent/set", agentid=wecom.agentid, isreportenter=flag, report_location_flag=flag)
        assert len(act(corp, "member_opens_app", **use)["callbacks"]) == raised
        assert len(act(corp, "member_reports_location", **use, **PLACE)["callbacks"]) == raised
    wecom.post("agent/set", agentid=wecom.agentid, isreportenter=0)
    assert len(act(corp, "member_clicks_menu", **use, key="6")["callbacks"]) == 1
