"""`GET /_sim/corps/{corpid}/customers/{external_userid}` and its trail."""

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act


@pytest.fixture
def customer(corp: Corp) -> str:
    """A customer of two members, one of whom deleted it."""
    external_userid: str = act(corp, "customer_adds_member", userid="zhangsan", name="王芳")[
        "external_userid"
    ]
    act(corp, "customer_adds_member", userid="lisi", external_userid=external_userid)
    act(corp, "member_deletes_customer", userid="lisi", external_userid=external_userid)
    return external_userid


def test_a_customer_shows_everything_about_it(corp: Corp, wecom: WeCom, customer: str) -> None:
    tag = wecom.post("externalcontact/add_corp_tag", group_name="等级", tag=[{"name": "金牌"}])["tag_group"]
    tag_id = tag["tag"][0]["id"]
    wecom.post("externalcontact/mark_tag", userid="zhangsan", external_userid=customer, add_tag=[tag_id])
    chat_id = act(corp, "member_creates_group", userid="zhangsan", name="老客户群")["chat_id"]
    act(corp, "join_group", chat_id=chat_id, external_userid=customer)
    added = wecom.post(
        "externalcontact/follow_up/add", userid="zhangsan", external_userid=customer, title="大单"
    )
    for text in ("第一次", "第二次"):
        wecom.post(
            "externalcontact/follow_up/add_log", follow_up_id=added["follow_up_id"], kind="call", text=text
        )
    shown = corp.sim(f"customers/{customer}")
    assert (shown["name"], shown["type"]) == ("王芳", 1)
    now, ended = shown["relations"]
    assert (now["userid"], now["ended_at"], ended["userid"]) == ("zhangsan", None, "lisi")
    assert ended["ended_at"] > 0
    assert now["tags"] == [{"tag_id": tag_id, "name": "金牌", "group_name": "等级"}]
    (group,) = shown["groups"]
    assert (group["chat_id"], group["name"], group["left_at"]) == (chat_id, "老客户群", None)
    (record,) = shown["follow_ups"]
    assert (record["follow_up_id"], record["title"]) == (added["follow_up_id"], "大单")
    assert (record["stage"], record["next_at"], record["closed_at"]) == ("未触达", None, None)
    assert [log["text"] for log in record["logs"]] == ["第二次", "第一次"]


def test_the_trail_has_calls_and_callbacks_newest_first(corp: Corp, wecom: WeCom, customer: str) -> None:
    wecom.get("externalcontact/get", external_userid=customer)
    wecom.post("externalcontact/remark", userid="zhangsan", external_userid=customer, remark="甲")
    wecom.get("externalcontact/list", userid="zhangsan")
    trail = corp.sim(f"customers/{customer}/trail")
    assert [(call["path"], call["errcode"]) for call in trail["calls"]] == [
        ("/cgi-bin/externalcontact/remark", 0),
        ("/cgi-bin/externalcontact/get", 0),
    ]
    kinds = [one["change_type"] for one in trail["callbacks"]]
    assert kinds.index("del_external_contact") < kinds.index("add_external_contact")
    assert [one["id"] for one in trail["callbacks"]] == sorted(
        (one["id"] for one in trail["callbacks"]), reverse=True
    )
    # Its hint leads to the call in the journal.
    (call,) = corp.sim("calls", hint=trail["calls"][0]["hint"])["calls"]
    assert customer in call["request"]["body"]


@pytest.mark.parametrize("path", ["customers/wm0", "customers/wm0/trail"])
def test_an_unknown_customer_answers_404(corp: Corp, path: str) -> None:
    answer = corp.server.sim.get(f"/corps/{corp.corpid}/{path}")
    assert answer.status_code == 404
    assert "no customer 'wm0'" in answer.json()["error"]
