"""message/recall and message/get_statistics."""

from tests.conftest import Corp, WeCom
from tests.families.app_messages.sending import advance, phone, sent

RECALL, STATISTICS = "message/recall", "message/get_statistics"


def test_a_recalled_message_is_recalled_on_every_phone(corp: Corp, wecom: WeCom) -> None:
    kept, msgid = sent(wecom)["msgid"], sent(wecom, touser="@all")["msgid"]
    assert wecom.post(RECALL, msgid=msgid)["errcode"] == 0
    assert [item["state"] for item in phone(corp)] == ["delivered", "recalled"]
    assert [item["state"] for item in phone(corp, "zhangsan")] == ["recalled"]
    assert wecom.post(RECALL, msgid=msgid)["errcode"] == 0
    assert phone(corp)[0]["body"]["msgid"] == kept


def test_a_message_may_be_recalled_for_24_hours(alone: Corp) -> None:
    corp, wecom = alone, alone.client()
    first = sent(wecom)["msgid"]
    advance(corp, 60)
    second = sent(wecom)["msgid"]
    advance(corp, 86_400 - 30)
    later = corp.client()
    assert later.post(RECALL, msgid=first)["errcode"] == 42052
    assert later.post(RECALL, msgid=second)["errcode"] == 0
    assert [item["state"] for item in phone(corp)] == ["delivered", "recalled"]


def test_only_the_app_that_sent_a_message_recalls_it(corp: Corp, wecom: WeCom) -> None:
    msgid = sent(wecom)["msgid"]
    other = corp.client(corp.new_app(kind="self_built"))
    assert other.post(RECALL, msgid=msgid)["errcode"] == 40058
    assert wecom.post(RECALL, msgid="none")["errcode"] == 40058
    assert wecom.post(RECALL, msgid="")["errcode"] == 40063
    assert phone(corp)[0]["state"] == "delivered"


def test_statistics_count_the_receivers_of_each_app_on_the_day(alone: Corp) -> None:
    corp, wecom = alone, alone.client()
    other = corp.new_app(kind="self_built", name="门店助手")
    assert wecom.post(STATISTICS)["statistics"] == []
    everybody = len(wecom.get("user/list", department_id=1, fetch_child=1)["userlist"])
    sent(wecom, touser="@all")
    sent(wecom, "markdown", {"content": "**通知**"})
    sent(corp.client(other), touser="lisi|zhangsan|nobody")
    today = [
        {"agentid": wecom.agentid, "app_name": corp.apps[0]["name"], "count": everybody + 1},
        {"agentid": other["agentid"], "app_name": "门店助手", "count": 2},
    ]
    assert wecom.post(STATISTICS, time_type=0)["statistics"] == today
    assert wecom.post(STATISTICS, time_type=1)["statistics"] == []
    advance(corp, 86_400)
    later = corp.client()
    assert later.post(STATISTICS, time_type=1)["statistics"] == today
    assert later.post(STATISTICS)["statistics"] == []
    assert later.post(STATISTICS, time_type=2)["errcode"] == 40058
