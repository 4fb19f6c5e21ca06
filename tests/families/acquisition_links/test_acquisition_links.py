"""获客助手: links, the customers who come through them, the quota, and the events to the corp."""

import threading
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act, act_error
from tests.providers import Provider

DAY = 86_400
NAMES = "externalcontact/customer_acquisition/"


def make_link(wecom: WeCom, **fields: Any) -> str:
    body = {"link_name": "门店海报", "range": {"user_list": ["zhangsan", "lisi"]}, **fields}
    reply = wecom.post(NAMES + "create_link", body)
    assert reply["errcode"] == 0, reply
    return str(reply["link"]["link_id"])


def change_types(corp: Corp, agentid: int | None = None) -> list[str]:
    callbacks = corp.sim("callbacks", agentid=agentid or corp.apps[0]["agentid"])["callbacks"]
    return [callback["change_type"] for callback in callbacks]


@pytest.fixture
def corp_with_quota(corp: Corp) -> Corp:
    """The corp with 100 units of quota; its earlier callbacks are skipped."""
    act(corp, "admin_buys_acquisition_quota", amount=100)
    return corp


def test_links_are_created_read_updated_listed_and_deleted(wecom: WeCom) -> None:
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
    assert change_types(wecom.corp) == [], "a deletion through the API raises no event"


def test_skip_verify_is_true_by_default(wecom: WeCom) -> None:
    assert wecom.post(NAMES + "get", link_id=make_link(wecom))["link"]["skip_verify"] is True


def test_an_app_sees_only_its_own_links(corp: Corp) -> None:
    link_id = make_link(corp.client())
    other = corp.client(corp.apps[1])
    assert other.post(NAMES + "list_link")["link_id_list"] == []
    for operation in ("get", "update_link", "delete_link", "customer"):
        assert other.post(NAMES + operation, link_id=link_id)["errcode"] == 40058


def test_links_are_listed_in_pages(wecom: WeCom) -> None:
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
def test_invalid_links_answer_their_errcodes(wecom: WeCom, body: dict[str, Any], errcode: int) -> None:
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


def test_settings_limit_links_and_disable_priority(start_server: Any) -> None:
    corp = start_server(acquisition_links_cap=1, acquisition_priority=False).make_corp(seed="demo")
    wecom = corp.client()
    body = {"link_name": "x", "range": {"user_list": ["zhangsan"]}}
    assert (
        wecom.post(NAMES + "create_link", {**body, "priority_option": {"priority_type": 1}})["errcode"]
        == 41200
    )
    make_link(wecom)
    assert wecom.post(NAMES + "create_link", body)["errcode"] == 41095


def test_the_customers_of_a_link_come_in_pages(corp_with_quota: Corp) -> None:
    wecom = corp_with_quota.client()
    asked = {"link_id": make_link(wecom), "limit": 2}
    opened = [act(corp_with_quota, "open_acquisition_link", link_id=asked["link_id"]) for _ in range(3)]
    first = wecom.post(NAMES + "customer", **asked)
    rest = wecom.post(NAMES + "customer", **asked, cursor=first["next_cursor"])
    assert (len(first["customer_list"]), rest["next_cursor"]) == (2, "")
    seen = {row["external_userid"] for row in first["customer_list"] + rest["customer_list"]}
    assert seen == {one["external_userid"] for one in opened}


def test_opening_a_link_adds_a_customer_with_its_channel(corp_with_quota: Corp) -> None:
    wecom = corp_with_quota.client()
    link_id = make_link(wecom, range={"user_list": ["zhangsan"]})
    url = f"https://work.weixin.qq.com/ca/{link_id}?customer_channel=ignored"
    result = act(corp_with_quota, "open_acquisition_link", url=url, customer_channel="海报A", name="韩梅梅")
    assert result["added"] is True
    follow = wecom.get("externalcontact/get", external_userid=result["external_userid"])["follow_user"][0]
    assert (follow["userid"], follow["add_way"], follow["state"]) == ("zhangsan", 16, "海报A")
    (row,) = wecom.post(NAMES + "customer", link_id=link_id)["customer_list"]
    assert row == {
        "external_userid": result["external_userid"],
        "userid": "zhangsan",
        "chat_status": 0,
        "state": "海报A",
    }
    quota = wecom.get("externalcontact/customer_acquisition_quota")
    assert (quota["total"], quota["balance"]) == (1, 99)
    assert change_types(corp_with_quota)[-2:] == ["friend_request", "add_external_contact"]


def test_a_channel_is_cut_to_64_bytes_between_characters(corp_with_quota: Corp) -> None:
    link_id = make_link(corp_with_quota.client())
    result = act(corp_with_quota, "open_acquisition_link", link_id=link_id, customer_channel="渠" * 30)
    follow = corp_with_quota.client().get("externalcontact/get", external_userid=result["external_userid"])[
        "follow_user"
    ]
    assert follow[0]["state"] == "渠" * 21


def test_members_of_a_link_take_turns(corp_with_quota: Corp) -> None:
    link_id = make_link(corp_with_quota.client())
    result = [act(corp_with_quota, "open_acquisition_link", link_id=link_id)["userid"] for _ in range(4)]
    assert sorted(result) == ["lisi", "lisi", "zhangsan", "zhangsan"]


def test_with_priority_an_existing_contact_is_not_added_again_and_uses_no_quota(
    corp_with_quota: Corp,
) -> None:
    wecom = corp_with_quota.client()
    friend = wecom.get("externalcontact/list", userid="wangwu")["external_userid"][0]
    link_id = make_link(wecom, priority_option={"priority_type": 1})
    result = act(corp_with_quota, "open_acquisition_link", link_id=link_id, external_userid=friend)
    assert result["added"] is False
    assert result["userid"]
    assert wecom.get("externalcontact/customer_acquisition_quota")["balance"] == 100


def test_a_link_without_available_members_raises_link_unavailable(corp_with_quota: Corp) -> None:
    link_id = make_link(corp_with_quota.client())
    act(corp_with_quota, "member_leaves_corp", userid="zhangsan")
    act(corp_with_quota, "admin_sets_follow_right", userid="lisi", may_follow=False)
    result = act(corp_with_quota, "open_acquisition_link", link_id=link_id)
    assert result["added"] is False
    assert change_types(corp_with_quota)[-1] == "link_unavailable"


def test_an_unconfirmed_customer_uses_no_quota(corp_with_quota: Corp) -> None:
    link_id = make_link(corp_with_quota.client(), skip_verify=False)
    assert act(corp_with_quota, "open_acquisition_link", link_id=link_id, accepted=False)["added"] is False
    assert corp_with_quota.client().get("externalcontact/customer_acquisition_quota")["balance"] == 100
    assert change_types(corp_with_quota)[-1] == "friend_request"


def test_events_report_a_low_and_an_exhausted_quota(corp: Corp) -> None:
    act(corp, "admin_buys_acquisition_quota", amount=21)
    link_id = make_link(corp.client())
    raised = []
    for _ in range(21):
        before = len(change_types(corp))
        assert act(corp, "open_acquisition_link", link_id=link_id)["added"] is True
        raised.append([kind for kind in change_types(corp)[before:] if kind.startswith("balance")])
    assert raised[1] == ["balance_low"]
    assert raised[20] == ["balance_exhausted"]
    assert sum(map(len, raised)) == 2
    result = act(corp, "open_acquisition_link", link_id=link_id)
    assert result["added"] is False
    assert "used up" in result["why"]
    act(corp, "admin_buys_acquisition_quota", amount=1)
    assert change_types(corp)[-1] == "balance_increased"


def test_quota_that_expires_first_is_used_first(start_server: Any) -> None:
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
    soon = [kind for kind in change_types(corp) if kind == "quota_expire_soon"]
    assert len(soon) == 5 + 1, "five times for the first lot, once so far for the second"
    server.sim.post("/clock", json={"advance_seconds": 20 * DAY})
    assert change_types(corp)[-1] == "balance_exhausted"


def test_quota_expire_soon_has_time_and_amount(start_server: Any) -> None:
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


def test_of_64_concurrent_customers_one_uses_the_last_unit(corp: Corp) -> None:
    act(corp, "admin_buys_acquisition_quota", amount=1)
    link_id = make_link(corp.client())
    added: list[bool] = []

    def open_link() -> None:
        added.append(act(corp, "open_acquisition_link", link_id=link_id)["added"])

    threads = [threading.Thread(target=open_link) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(added), sum(added)) == (64, 1)
    assert corp.client().get("externalcontact/customer_acquisition_quota")["balance"] == 0
    assert len(corp.client().post(NAMES + "customer", link_id=link_id)["customer_list"]) == 1


def test_messages_of_a_new_customer_raise_events_with_a_chat_key(corp_with_quota: Corp) -> None:
    wecom = corp_with_quota.client()
    link_id = make_link(wecom, range={"user_list": ["zhangsan"]})
    result = act(corp_with_quota, "open_acquisition_link", link_id=link_id, customer_channel="A")
    pair = {"userid": "zhangsan", "external_userid": result["external_userid"]}
    act(corp_with_quota, "customer_sends_message", **pair, count=10)
    kinds = [kind for kind in change_types(corp_with_quota) if "chat" in kind or "message" in kind]
    assert kinds == ["customer_start_chat"] + ["message_from_customer"] * 3
    last = corp_with_quota.sim("callbacks", agentid=wecom.agentid)["callbacks"][-1]["xml"]
    key = last.split("<ChatKey><![CDATA[")[1].split("]]>")[0]
    assert "UserID" not in last
    reply = wecom.post(NAMES + "get_chat_info", chat_key=key)
    assert reply["chat_info"] == {"recv_msg_cnt": 10, "link_id": link_id, "state": "A"}
    assert (reply["userid"], reply["external_userid"]) == ("zhangsan", result["external_userid"])
    assert wecom.post(NAMES + "get_chat_info", chat_key="x")["errcode"] == 41201
    assert (
        corp_with_quota.client(corp_with_quota.apps[1]).post(NAMES + "get_chat_info", chat_key=key)["errcode"]
        == 41201
    )
    assert wecom.post(NAMES + "customer", link_id=link_id)["customer_list"][0]["chat_status"] == 1


def test_a_chat_key_expires_after_30_minutes(start_server: Any) -> None:
    server: RunningServer = start_server()
    corp = server.make_corp(seed="demo")
    act(corp, "admin_buys_acquisition_quota", amount=5)
    wecom = corp.client()
    link_id = make_link(wecom, range={"user_list": ["zhangsan"]})
    result = act(corp, "open_acquisition_link", link_id=link_id)
    act(corp, "customer_sends_message", userid="zhangsan", external_userid=result["external_userid"], count=3)
    xml = corp.sim("callbacks", agentid=wecom.agentid)["callbacks"][-1]["xml"]
    key = xml.split("<ChatKey><![CDATA[")[1].split("]]>")[0]
    assert wecom.post(NAMES + "get_chat_info", chat_key=key)["errcode"] == 0
    server.sim.post("/clock", json={"advance_seconds": 1801})
    assert wecom.post(NAMES + "get_chat_info", chat_key=key)["errcode"] == 41201


def test_statistics_count_distinct_visitors_and_new_customers(corp_with_quota: Corp) -> None:
    wecom = corp_with_quota.client()
    link_id = make_link(wecom)
    first = act(corp_with_quota, "open_acquisition_link", link_id=link_id, adds=False)
    for _ in range(2):
        act(
            corp_with_quota,
            "open_acquisition_link",
            link_id=link_id,
            external_userid=first["external_userid"],
            adds=False,
        )
    act(corp_with_quota, "open_acquisition_link", link_id=link_id)
    now = corp_with_quota.server.sim.get("/clock").json()["now"]
    reply = wecom.post(NAMES + "statistic", link_id=link_id, start_time=now, end_time=now)
    assert (reply["click_link_customer_cnt"], reply["new_customer_cnt"]) == (2, 1)
    yesterday = wecom.post(NAMES + "statistic", link_id=link_id, start_time=now - DAY, end_time=now - DAY)
    assert yesterday["click_link_customer_cnt"] == 0
    for start, end in ((now, now - DAY), (now - 31 * DAY, now), (now - 200 * DAY, now - 190 * DAY)):
        refusal = wecom.post(NAMES + "statistic", link_id=link_id, start_time=start, end_time=end)
        assert refusal["errcode"] == 600018


def test_deleting_a_link_in_the_console_notifies_only_its_app(corp_with_quota: Corp) -> None:
    link_id = make_link(corp_with_quota.client(corp_with_quota.apps[1]))
    before = len(change_types(corp_with_quota))
    act(corp_with_quota, "admin_deletes_acquisition_link", link_id=link_id)
    assert change_types(corp_with_quota, corp_with_quota.apps[1]["agentid"])[-1] == "delete_link"
    assert len(change_types(corp_with_quota)) == before
    assert "no acquisition link" in act_error(corp_with_quota, "open_acquisition_link", link_id=link_id)


def test_get_permit_is_for_marketing_apps(corp: Corp) -> None:
    operation = "externalcontact/customer_acquisition_app/get_permit"
    assert corp.client().get(operation)["errcode"] == 48002
    app = Provider(corp.server).app_in(corp, "marketing", visible={"userid": ["lisi"], "partyid": [2]})
    reply = app.get(operation)
    assert (reply["user_list"], reply["department_list"], reply["tag_list"]) == (["lisi"], [2], [])


def test_open_profile_is_raised_if_enabled(start_server: Any) -> None:
    corp = start_server(acquisition_open_callback=True).make_corp(seed="demo")
    act(corp, "admin_buys_acquisition_quota", amount=5)
    act(corp, "open_acquisition_link", link_id=make_link(corp.client()), adds=False)
    assert change_types(corp)[-1] == "open_profile"


@pytest.mark.parametrize(
    ("range_", "errcode"),
    [
        ({"user_list": ["nobody"]}, 40003),
        ({"department_list": [999]}, 60123),
        ({"user_list": ["wangwu"]}, 60011),
        ({"department_list": [3]}, 60011),
    ],
)
def test_an_update_refuses_an_invalid_range(corp: Corp, range_: dict[str, Any], errcode: int) -> None:
    narrow = corp.client(corp.new_app(visible={"userid": ["zhangsan", "lisi"], "partyid": [2]}))
    link_id = make_link(narrow)
    assert narrow.post(NAMES + "update_link", link_id=link_id, range=range_)["errcode"] == errcode


def test_an_update_refuses_priority_if_disabled(start_server: Any) -> None:
    wecom = start_server(acquisition_priority=False).make_corp(seed="demo").client()
    body = {"link_id": make_link(wecom), "priority_option": {"priority_type": 1}}
    assert wecom.post(NAMES + "update_link", body)["errcode"] == 41200


def test_an_invalid_cursor_of_a_links_customers_is_refused(wecom: WeCom) -> None:
    reply = wecom.post(NAMES + "customer", link_id=make_link(wecom), cursor="CURSOR")
    assert reply["errcode"] == 50100
    assert reply["customer_list"] == []
