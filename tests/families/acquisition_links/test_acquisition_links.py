"""获客助手: links, the customers who come through them, the quota, and the events to the corp."""

import threading
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.providers import Provider

DAY = 86_400
NAMES = "externalcontact/customer_acquisition/"


def act(corp: Corp, name: str, /, **fields: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refused(corp: Corp, name: str, /, **fields: Any) -> str:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 422, answer.text
    return str(answer.json()["error"])


def make_link(wecom: WeCom, **fields: Any) -> str:
    body = {"link_name": "门店海报", "range": {"user_list": ["zhangsan", "lisi"]}, **fields}
    reply = wecom.post(NAMES + "create_link", body)
    assert reply["errcode"] == 0, reply
    return str(reply["link"]["link_id"])


def told(corp: Corp, agentid: int | None = None) -> list[str]:
    callbacks = corp.sim("callbacks", agentid=agentid or corp.apps[0]["agentid"])["callbacks"]
    return [callback["change_type"] for callback in callbacks]


@pytest.fixture
def rich(corp: Corp) -> Corp:
    """The corp with 100 units of quota; its earlier callbacks are skipped."""
    act(corp, "admin_buys_acquisition_quota", amount=100)
    return corp


def test_a_link_is_made_read_changed_listed_and_deleted(wecom: WeCom) -> None:
    created = wecom.post(
        NAMES + "create_link",
        link_name="门店海报",
        range={"user_list": ["zhangsan"], "department_list": [2]},
        skip_verify=False,
        priority_option={"priority_type": 2, "priority_userid_list": ["lisi"]},
    )
    link = created["link"]
    assert list(created) == ["errcode", "errmsg", "link"]
    assert link["url"] == f"https://work.weixin.qq.com/ca/{link['link_id']}"
    assert link["link_id"].startswith("ca")
    read = wecom.post(NAMES + "get", link_id=link["link_id"])
    assert read["link"]["skip_verify"] is False
    assert read["range"] == {"user_list": ["zhangsan"], "department_list": [2]}
    assert read["priority_option"] == {"priority_type": 2, "priority_userid_list": ["lisi"]}
    wecom.post(
        NAMES + "update_link", link_id=link["link_id"], link_name="新名", range={"user_list": ["wangwu"]}
    )
    read = wecom.post(NAMES + "get", link_id=link["link_id"])
    assert read["link"]["link_name"] == "新名"
    assert read["range"] == {"user_list": ["wangwu"], "department_list": []}
    assert read["link"]["skip_verify"] is False, "absent fields keep their value"
    assert wecom.post(NAMES + "list_link")["link_id_list"] == [link["link_id"]]
    assert wecom.post(NAMES + "delete_link", link_id=link["link_id"])["errcode"] == 0
    assert wecom.post(NAMES + "list_link") == {
        "errcode": 0,
        "errmsg": "ok",
        "link_id_list": [],
        "next_cursor": "",
    }
    assert wecom.post(NAMES + "get", link_id=link["link_id"])["errcode"] == 40058
    assert told(wecom.corp) == [], "a deletion through the API raises no event"


def test_skip_verify_is_on_unless_said_otherwise(wecom: WeCom) -> None:
    assert wecom.post(NAMES + "get", link_id=make_link(wecom))["link"]["skip_verify"] is True


def test_an_app_sees_its_own_links_only(corp: Corp) -> None:
    link_id = make_link(corp.client())
    other = corp.client(corp.apps[1])
    assert other.post(NAMES + "list_link")["link_id_list"] == []
    for operation in ("get", "update_link", "delete_link", "customer"):
        assert other.post(NAMES + operation, link_id=link_id)["errcode"] == 40058


def test_links_come_in_pages(wecom: WeCom) -> None:
    links = [make_link(wecom) for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = wecom.post(NAMES + "list_link", limit=2, cursor=cursor)
        seen += page["link_id_list"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == links
    assert wecom.post(NAMES + "list_link", cursor="nonsense")["errcode"] == 50100


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"link_name": ""}, 40063),
        ({"link_name": "字" * 31}, 40058),
        ({"range": None}, 40063),
        ({"range": {}}, 40058),
        ({"range": {"user_list": ["nobody"]}}, 40003),
        ({"range": {"department_list": [999]}}, 60123),
        ({"range": {"user_list": ["zhangsan"] * 501}}, 40058),
        ({"priority_option": {"priority_type": 3}}, 40058),
        ({"priority_option": {"priority_type": 2}}, 40058),
        ({"priority_option": {"priority_type": 2, "priority_userid_list": ["nobody"]}}, 40003),
    ],
)
def test_a_wrong_link_is_refused(wecom: WeCom, body: dict[str, Any], errcode: int) -> None:
    whole = {"link_name": "门店海报", "range": {"user_list": ["zhangsan"]}, **body}
    assert wecom.post(NAMES + "create_link", whole)["errcode"] == errcode
    assert wecom.post(NAMES + "list_link")["link_id_list"] == []


def test_zero_values_of_an_sdk_count_as_unset(wecom: WeCom) -> None:
    link_id = make_link(wecom, priority_option={"priority_type": None, "priority_userid_list": None})
    assert "priority_option" not in wecom.post(NAMES + "get", link_id=link_id)
    empty = {"user_list": None, "department_list": None}
    assert wecom.post(NAMES + "update_link", link_id=link_id, range=empty)["errcode"] == 0
    assert wecom.post(NAMES + "get", link_id=link_id)["range"]["user_list"] == ["zhangsan", "lisi"]


def test_members_outside_the_visible_range_are_refused(corp: Corp) -> None:
    narrow = corp.client(corp.new_app(name="只看张三", visible={"userid": ["zhangsan"]}))
    assert make_link(narrow, range={"user_list": ["zhangsan"]})
    reply = narrow.post(NAMES + "create_link", link_name="x", range={"user_list": ["lisi"]})
    assert reply["errcode"] == 60011
    assert (
        narrow.post(NAMES + "create_link", link_name="x", range={"department_list": [2]})["errcode"] == 60011
    )


def test_the_settings_cap_links_and_switch_the_priority_off(start_server: Any) -> None:
    corp = start_server(acquisition_links_cap=1, acquisition_priority=False).make_corp(seed="demo")
    wecom = corp.client()
    body = {"link_name": "x", "range": {"user_list": ["zhangsan"]}}
    assert (
        wecom.post(NAMES + "create_link", {**body, "priority_option": {"priority_type": 1}})["errcode"]
        == 41200
    )
    make_link(wecom)
    assert wecom.post(NAMES + "create_link", body)["errcode"] == 41095


def test_a_customer_comes_through_a_link_with_its_channel(rich: Corp) -> None:
    wecom = rich.client()
    link_id = make_link(wecom, range={"user_list": ["zhangsan"]})
    url = f"https://work.weixin.qq.com/ca/{link_id}?customer_channel=ignored"
    came = act(rich, "open_acquisition_link", url=url, customer_channel="海报A", name="韩梅梅")
    assert came["added"] is True
    follow = wecom.get("externalcontact/get", external_userid=came["external_userid"])["follow_user"][0]
    assert (follow["userid"], follow["add_way"], follow["state"]) == ("zhangsan", 16, "海报A")
    (row,) = wecom.post(NAMES + "customer", link_id=link_id)["customer_list"]
    assert row == {
        "external_userid": came["external_userid"],
        "userid": "zhangsan",
        "chat_status": 0,
        "state": "海报A",
    }
    quota = wecom.get("externalcontact/customer_acquisition_quota")
    assert (quota["total"], quota["balance"]) == (1, 99)
    assert told(rich)[-2:] == ["friend_request", "add_external_contact"]


def test_a_channel_is_cut_after_64_bytes_and_never_inside_a_character(rich: Corp) -> None:
    link_id = make_link(rich.client())
    came = act(rich, "open_acquisition_link", link_id=link_id, customer_channel="渠" * 30)
    follow = rich.client().get("externalcontact/get", external_userid=came["external_userid"])["follow_user"]
    assert follow[0]["state"] == "渠" * 21


def test_members_are_served_in_turn(rich: Corp) -> None:
    link_id = make_link(rich.client())
    came = [act(rich, "open_acquisition_link", link_id=link_id)["userid"] for _ in range(4)]
    assert sorted(came) == ["lisi", "lisi", "zhangsan", "zhangsan"]


def test_with_a_priority_a_friend_keeps_its_member_and_costs_nothing(rich: Corp) -> None:
    wecom = rich.client()
    friend = wecom.get("externalcontact/list", userid="wangwu")["external_userid"][0]
    link_id = make_link(wecom, priority_option={"priority_type": 1})
    came = act(rich, "open_acquisition_link", link_id=link_id, external_userid=friend)
    assert came["added"] is False
    assert came["userid"]
    assert wecom.get("externalcontact/customer_acquisition_quota")["balance"] == 100


def test_a_link_whose_members_are_all_gone_says_so(rich: Corp) -> None:
    link_id = make_link(rich.client())
    act(rich, "member_leaves_corp", userid="zhangsan")
    act(rich, "admin_sets_follow_right", userid="lisi", may_follow=False)
    came = act(rich, "open_acquisition_link", link_id=link_id)
    assert came["added"] is False
    assert told(rich)[-1] == "link_unavailable"


def test_an_unconfirmed_customer_costs_nothing(rich: Corp) -> None:
    link_id = make_link(rich.client(), skip_verify=False)
    assert act(rich, "open_acquisition_link", link_id=link_id, accepted=False)["added"] is False
    assert rich.client().get("externalcontact/customer_acquisition_quota")["balance"] == 100
    assert told(rich)[-1] == "friend_request"


def test_the_corp_is_told_when_the_quota_is_low_and_when_it_is_gone(corp: Corp) -> None:
    act(corp, "admin_buys_acquisition_quota", amount=21)
    link_id = make_link(corp.client())
    heard = []
    for _ in range(21):
        before = len(told(corp))
        assert act(corp, "open_acquisition_link", link_id=link_id)["added"] is True
        heard.append([kind for kind in told(corp)[before:] if kind.startswith("balance")])
    assert heard[1] == ["balance_low"]
    assert heard[20] == ["balance_exhausted"]
    assert sum(map(len, heard)) == 2
    came = act(corp, "open_acquisition_link", link_id=link_id)
    assert came["added"] is False
    assert "used up" in came["why"]
    act(corp, "admin_buys_acquisition_quota", amount=1)
    assert told(corp)[-1] == "balance_increased"


def test_lots_are_used_in_the_order_of_their_expiry_and_expire(start_server: Any) -> None:
    server: RunningServer = start_server()
    server.sim.post("/clock", json={"freeze": True})
    now = server.sim.get("/clock").json()["now"]
    corp = server.make_corp(seed="demo")
    act(corp, "admin_buys_acquisition_quota", amount=5, expires_at=now + 30 * DAY)
    act(corp, "admin_buys_acquisition_quota", amount=3, expires_at=now + 16 * DAY)
    link_id = make_link(corp.client())
    act(corp, "open_acquisition_link", link_id=link_id)
    reply = corp.client().get("externalcontact/customer_acquisition_quota")
    assert [lot["balance"] for lot in reply["quota_list"]] == [2, 5]
    midnight = reply["quota_list"][0]["expire_date"]
    assert (midnight + 8 * 3600) % DAY == 0
    server.sim.post("/clock", json={"advance_seconds": 16 * DAY})
    reply = corp.client().get("externalcontact/customer_acquisition_quota")
    assert (reply["total"], reply["balance"]) == (1, 5)
    soon = [kind for kind in told(corp) if kind == "quota_expire_soon"]
    assert len(soon) == 5 + 1, "five times for the first lot, once so far for the second"
    server.sim.post("/clock", json={"advance_seconds": 20 * DAY})
    assert told(corp)[-1] == "balance_exhausted"


def test_the_event_before_an_expiry_says_when_and_how_much(start_server: Any) -> None:
    server: RunningServer = start_server()
    server.sim.post("/clock", json={"freeze": True})
    expires_at = server.sim.get("/clock").json()["now"] + 3 * DAY
    corp = server.make_corp(seed="demo")
    act(corp, "admin_buys_acquisition_quota", amount=30, expires_at=expires_at)
    act(corp, "open_acquisition_link", link_id=make_link(corp.client()))
    server.sim.post("/clock", json={"advance_seconds": DAY})
    callbacks = corp.sim("callbacks", agentid=corp.apps[0]["agentid"])["callbacks"]
    (soon,) = [one["xml"] for one in callbacks if one["change_type"] == "quota_expire_soon"]
    assert soon.endswith(f"<ExpireTime>{expires_at}</ExpireTime><ExpireQuotaNum>29</ExpireQuotaNum></xml>")


def test_sixty_four_customers_at_once_share_one_unit(corp: Corp) -> None:
    act(corp, "admin_buys_acquisition_quota", amount=1)
    link_id = make_link(corp.client())
    added: list[bool] = []

    def come() -> None:
        added.append(act(corp, "open_acquisition_link", link_id=link_id)["added"])

    threads = [threading.Thread(target=come) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(added), sum(added)) == (64, 1)
    assert corp.client().get("externalcontact/customer_acquisition_quota")["balance"] == 0
    assert len(corp.client().post(NAMES + "customer", link_id=link_id)["customer_list"]) == 1


def test_messages_of_a_new_customer_are_told_and_opened_by_their_key(rich: Corp) -> None:
    wecom = rich.client()
    link_id = make_link(wecom, range={"user_list": ["zhangsan"]})
    came = act(rich, "open_acquisition_link", link_id=link_id, customer_channel="A")
    pair = {"userid": "zhangsan", "external_userid": came["external_userid"]}
    act(rich, "customer_sends_message", **pair, count=10)
    kinds = [kind for kind in told(rich) if "chat" in kind or "message" in kind]
    assert kinds == ["customer_start_chat"] + ["message_from_customer"] * 3
    last = rich.sim("callbacks", agentid=wecom.agentid)["callbacks"][-1]["xml"]
    key = last.split("<ChatKey><![CDATA[")[1].split("]]>")[0]
    assert "UserID" not in last
    reply = wecom.post(NAMES + "get_chat_info", chat_key=key)
    assert reply["chat_info"] == {"recv_msg_cnt": 10, "link_id": link_id, "state": "A"}
    assert (reply["userid"], reply["external_userid"]) == ("zhangsan", came["external_userid"])
    assert wecom.post(NAMES + "get_chat_info", chat_key="x")["errcode"] == 41201
    assert rich.client(rich.apps[1]).post(NAMES + "get_chat_info", chat_key=key)["errcode"] == 41201
    assert wecom.post(NAMES + "customer", link_id=link_id)["customer_list"][0]["chat_status"] == 1


def test_a_chat_key_lives_half_an_hour(start_server: Any) -> None:
    server: RunningServer = start_server()
    corp = server.make_corp(seed="demo")
    act(corp, "admin_buys_acquisition_quota", amount=5)
    wecom = corp.client()
    link_id = make_link(wecom, range={"user_list": ["zhangsan"]})
    came = act(corp, "open_acquisition_link", link_id=link_id)
    act(corp, "customer_sends_message", userid="zhangsan", external_userid=came["external_userid"], count=3)
    xml = corp.sim("callbacks", agentid=wecom.agentid)["callbacks"][-1]["xml"]
    key = xml.split("<ChatKey><![CDATA[")[1].split("]]>")[0]
    assert wecom.post(NAMES + "get_chat_info", chat_key=key)["errcode"] == 0
    server.sim.post("/clock", json={"advance_seconds": 1801})
    assert wecom.post(NAMES + "get_chat_info", chat_key=key)["errcode"] == 41201


def test_the_statistic_counts_different_people_and_new_customers(rich: Corp) -> None:
    wecom = rich.client()
    link_id = make_link(wecom)
    first = act(rich, "open_acquisition_link", link_id=link_id, adds=False)
    for _ in range(2):
        act(
            rich,
            "open_acquisition_link",
            link_id=link_id,
            external_userid=first["external_userid"],
            adds=False,
        )
    act(rich, "open_acquisition_link", link_id=link_id)
    now = rich.server.sim.get("/clock").json()["now"]
    reply = wecom.post(NAMES + "statistic", link_id=link_id, start_time=now, end_time=now)
    assert (reply["click_link_customer_cnt"], reply["new_customer_cnt"]) == (2, 1)
    yesterday = wecom.post(NAMES + "statistic", link_id=link_id, start_time=now - DAY, end_time=now - DAY)
    assert yesterday["click_link_customer_cnt"] == 0
    for start, end in ((now, now - DAY), (now - 31 * DAY, now), (now - 200 * DAY, now - 190 * DAY)):
        refusal = wecom.post(NAMES + "statistic", link_id=link_id, start_time=start, end_time=end)
        assert refusal["errcode"] == 600018


def test_a_link_deleted_in_the_console_is_told_to_its_app_only(rich: Corp) -> None:
    link_id = make_link(rich.client(rich.apps[1]))
    before = len(told(rich))
    act(rich, "admin_deletes_acquisition_link", link_id=link_id)
    assert told(rich, rich.apps[1]["agentid"])[-1] == "delete_link"
    assert len(told(rich)) == before
    assert "no acquisition link" in refused(rich, "open_acquisition_link", link_id=link_id)


def test_only_marketing_apps_ask_whom_they_may_bring_customers_to(corp: Corp) -> None:
    operation = "externalcontact/customer_acquisition_app/get_permit"
    assert corp.client().get(operation)["errcode"] == 48002
    app = Provider(corp.server).app_in(corp, "marketing", visible={"userid": ["lisi"], "partyid": [2]})
    reply = app.get(operation)
    assert (reply["user_list"], reply["department_list"], reply["tag_list"]) == (["lisi"], [2], [])


def test_the_open_callback_is_for_categories_that_have_it(start_server: Any) -> None:
    corp = start_server(acquisition_open_callback=True).make_corp(seed="demo")
    act(corp, "admin_buys_acquisition_quota", amount=5)
    act(corp, "open_acquisition_link", link_id=make_link(corp.client()), adds=False)
    assert told(corp)[-1] == "open_profile"


@pytest.mark.parametrize(
    ("range_", "errcode"),
    [
        ({"user_list": ["nobody"]}, 40003),
        ({"department_list": [999]}, 60123),
        ({"user_list": ["wangwu"]}, 60011),
        ({"department_list": [3]}, 60011),
    ],
)
def test_an_update_refuses_a_range_as_the_making_does(
    corp: Corp, range_: dict[str, Any], errcode: int
) -> None:
    narrow = corp.client(corp.new_app(visible={"userid": ["zhangsan", "lisi"], "partyid": [2]}))
    link_id = make_link(narrow)
    assert narrow.post(NAMES + "update_link", link_id=link_id, range=range_)["errcode"] == errcode


def test_an_update_gives_no_priority_where_the_corp_may_not_have_one(start_server: Any) -> None:
    wecom = start_server(acquisition_priority=False).make_corp(seed="demo").client()
    body = {"link_id": make_link(wecom), "priority_option": {"priority_type": 1}}
    assert wecom.post(NAMES + "update_link", body)["errcode"] == 41200


def test_a_made_up_cursor_of_a_links_customers_is_refused(wecom: WeCom) -> None:
    reply = wecom.post(NAMES + "customer", link_id=make_link(wecom), cursor="CURSOR")
    assert reply["errcode"] == 50100
    assert reply["customer_list"] == []
