"""The past of a demo corp's people, as the API shows it."""

import sqlalchemy as sa

from tests.conftest import Corp, RunningServer
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK

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


def test_a_mass_message_has_mixed_results(server: RunningServer) -> None:
    corp = past(server)
    wecom, now = corp.client(), server.sim.get("/clock").json()["now"]
    month = {"start_time": now - 30 * DAY, "end_time": now}
    [message] = wecom.post("externalcontact/get_groupmsg_list_v2", chat_type="single", **month)[
        "group_msg_list"
    ]
    tasks = wecom.post("externalcontact/get_groupmsg_task", msgid=message["msgid"])["task_list"]
    assert {task["status"] for task in tasks} == {0, 2}
    [confirmed] = [task["userid"] for task in tasks if task["status"] == 2]
    sent = wecom.post("externalcontact/get_groupmsg_send_result", msgid=message["msgid"], userid=confirmed)
    assert {one["status"] for one in sent["send_list"]} == {1, 2}
    states = {
        item["state"]
        for task in tasks
        for item in corp.sim(f"phones/{task['userid']}")["items"]
        if item["kind"] == "mass_message_task"
    }
    assert states == {"confirmed", "ignored", "waiting"}


def test_a_moment_has_likes_and_comments(server: RunningServer) -> None:
    corp = past(server)
    wecom, now = corp.client(), server.sim.get("/clock").json()["now"]
    month = {"start_time": now - 30 * DAY + 1, "end_time": now}
    [moment] = wecom.post("externalcontact/get_moment_list", **month)["moment_list"]
    answers = wecom.post(
        "externalcontact/get_moment_comments", moment_id=moment["moment_id"], userid="zhangsan"
    )
    assert answers["like_list"]
    assert {"userid", "external_userid"} <= {name for one in answers["comment_list"] for name in one}
    for like in answers["like_list"]:
        kinds = {item["kind"] for item in corp.sim(f"phones/{like['external_userid']}")["items"]}
        assert "moment" in kinds


def test_nothing_of_the_past_is_left_to_do(server: RunningServer) -> None:
    large = past(server, members=2, customers=600)
    now = server.sim.get("/clock").json()["now"]
    with server.server.database.transaction() as tx:
        due = sa.select(SCHEDULED_TASK.c.kind).where(
            SCHEDULED_TASK.c.corp_id == large.corpid, SCHEDULED_TASK.c.due_at <= now
        )
        assert tx.execute(due).all() == []


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


def test_a_corp_of_any_size_has_a_past(server: RunningServer) -> None:
    """With few customers, a member may share all of them, and then has no task to send a mass message."""
    for customers in range(13):
        past(server, customers=customers)


def test_members_and_departments_have_tags(server: RunningServer) -> None:
    wecom = past(server).client()
    tags = wecom.get("tag/list")["taglist"]
    assert [tag["tagname"] for tag in tags] == ["店长", "华东门店"]
    managers, east = (wecom.get("tag/get", tagid=tag["tagid"]) for tag in tags)
    assert [one["userid"] for one in managers["userlist"]] == ["lisi", "zhangsan"]
    names = {one: wecom.get("department/get", id=one)["department"]["name"] for one in east["partylist"]}
    assert list(names.values()) == ["华东大区", "上海人民广场店", "杭州湖滨店"]
