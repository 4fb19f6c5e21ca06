"""The past of a demo corp's people, as the API shows it."""

from tests.conftest import Corp, RunningServer

DAY = 86_400


def past(server: RunningServer, **wanted: int) -> Corp:
    return server.make_corp(seed="demo", activity=True, **wanted)


def test_groups_ways_and_links_are_there(server: RunningServer) -> None:
    wecom = past(server).client()
    groups = wecom.post("externalcontact/groupchat/list", limit=10)["group_chat_list"]
    assert len(groups) == 3
    group = wecom.post("externalcontact/groupchat/get", chat_id=groups[0]["chat_id"])["group_chat"]
    assert (group["name"], group["owner"]) == ("新品试饮群", "zhangsan")
    assert {person["type"] for person in group["member_list"]} == {1, 2}
    ways = wecom.post("externalcontact/list_contact_way")["contact_way"]
    states = {
        wecom.post("externalcontact/get_contact_way", config_id=way["config_id"])["contact_way"]["state"]
        for way in ways
    }
    assert states == {"store-renmin", "poster-member-day"}
    [link_id] = wecom.post("externalcontact/customer_acquisition/list_link")["link_id_list"]
    came = wecom.post("externalcontact/customer_acquisition/customer", link_id=link_id)["customer_list"]
    detail = wecom.get("externalcontact/get", external_userid=came[0]["external_userid"])
    [relation] = [one for one in detail["follow_user"] if one["userid"] == came[0]["userid"]]
    assert (relation["add_way"], relation["state"]) == (16, "xiaohongshu")


def test_members_have_talked_every_day(server: RunningServer) -> None:
    corp = past(server)
    today = server.sim.get("/clock").json()["now"] // DAY * DAY
    shown = corp.client().post(
        "externalcontact/get_user_behavior_data",
        userid=["zhangsan"],
        start_time=today - 7 * DAY,
        end_time=today - DAY,
    )
    assert all(day["chat_cnt"] and day["message_cnt"] for day in shown["behavior_data"])


def test_follow_ups_have_a_history(server: RunningServer) -> None:
    wecom = past(server, follow_ups=20).client()
    found = wecom.post("externalcontact/follow_up/list", text="来电问企业下午茶", limit=50)["follow_ups"]
    assert found
    for one in found:
        logs = wecom.post("externalcontact/follow_up/get_logs", follow_up_id=one["follow_up_id"])["logs"]
        assert len(logs) > 1
        assert max(log["time"] for log in logs) == one["last_time"]


def test_the_past_adds_no_contact_and_no_charge(server: RunningServer) -> None:
    with_past, without = past(server), server.make_corp(seed="demo")
    bills = [corp.sim("statement")["total"] for corp in (with_past, without)]
    assert bills[0] == bills[1]


def test_a_corp_without_customers_has_none(server: RunningServer) -> None:
    assert (
        past(server, members=1, customers=0)
        .client()
        .post("externalcontact/groupchat/list", limit=10)["group_chat_list"]
        == []
    )
