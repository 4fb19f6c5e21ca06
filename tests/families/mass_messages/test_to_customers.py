"""Mass messages to customers: who gets one, what members do with it, and what came of it."""

import pytest

from tests.conftest import WeCom
from tests.families.factories import NOW, act, act_error, follow, insert, new_contact, new_member, seen_by
from tests.families.mass_messages.messages import (
    ADD,
    OLD_RESULTS,
    RESULTS,
    TASKS,
    TEXT,
    confirm,
    made,
    phone,
    refused,
    results,
    run_tasks,
    tasks,
)
from tests.families.tag_groups import add, ids, mark
from wecom_tollbooth.families.mass_messages.tables import MassMessage


@pytest.fixture
def wecom(untagged: WeCom) -> WeCom:
    """zhangsan follows wmA and wmB, lisi follows wmA."""
    return untagged


# --- who gets it -----------------------------------------------------------------------------------------


def test_a_confirmed_message_reaches_the_customers_of_the_task(wecom: WeCom) -> None:
    corp = wecom.corp
    reply = made(wecom, sender="zhangsan")
    msgid = reply["msgid"]
    assert reply["fail_list"] == []
    assert len(msgid) == 30  # as the page's example; products keep two in a column of 64
    assert msgid.startswith("msg")
    assert tasks(wecom, msgid) == {"zhangsan": 0}
    assert results(wecom, msgid) == {"wmA": 0, "wmB": 0}
    assert phone(corp, "wmA") == []
    confirm(corp, msgid)
    assert tasks(wecom, msgid) == {"zhangsan": 2}
    sent = wecom.post(RESULTS, msgid=msgid, userid="zhangsan")["send_list"]
    at = wecom.post(TASKS, msgid=msgid)["task_list"][0]["send_time"]
    assert sent == [
        {"external_userid": customer, "userid": "zhangsan", "status": 1, "send_time": at}
        for customer in ("wmA", "wmB")
    ]
    shown = [("mass_message", "zhangsan", {"msgid": msgid, "text": TEXT}, "delivered")]
    assert phone(corp, "wmA") == phone(corp, "wmB") == shown
    body = {"msgid": msgid, "chat_type": "single", "allow_select": False, "text": TEXT}
    assert phone(corp, "zhangsan") == [("mass_message_task", str(wecom.agentid), body, "confirmed")]
    assert phone(corp, "lisi") == []


def test_a_customer_of_several_members_gets_it_from_the_one_who_last_chatted(wecom: WeCom) -> None:
    corp = wecom.corp
    act(corp, "member_sends_message", userid="zhangsan", external_userid="wmA")
    msgid = made(wecom, external_userid=["wmA", "wmB"])["msgid"]
    assert tasks(wecom, msgid) == {"zhangsan": 0}
    follow(corp, new_contact(corp, "wmC"))
    follow(corp, "wmC", "lisi", last_chat_at=NOW)
    msgid = made(wecom, external_userid=["wmC"])["msgid"]
    assert tasks(wecom, msgid) == {"lisi": 0}


def test_without_a_chat_the_member_who_added_the_customer_last_sends(wecom: WeCom) -> None:
    corp = wecom.corp
    follow(corp, new_contact(corp, "wmC"), createtime=2)
    follow(corp, "wmC", "lisi", createtime=1)
    assert tasks(wecom, made(wecom, external_userid=["wmC"])["msgid"]) == {"zhangsan": 0}


def test_who_cannot_receive_is_in_fail_list(wecom: WeCom) -> None:
    corp = wecom.corp
    for number, customer in enumerate(("wmDeleted", "wmHalf", "wmBlocked", "wmLeft")):
        new_contact(corp, customer)
        if customer != "wmLeft":
            follow(
                corp,
                customer,
                seq=number + 10,
                ended_at=1 if customer == "wmDeleted" else None,
                pending_confirmation=customer == "wmHalf",
                deleted_by_customer_at=1 if customer == "wmBlocked" else None,
            )
    new_contact(corp, "wmStranger")
    named = ["wmDeleted", "wmA", "wmHalf", "wmBlocked", "wmLeft", "wmStranger", "nonsense", "wmA", "nonsense"]
    reply = made(wecom, external_userid=named)
    assert reply["fail_list"] == ["wmDeleted", "wmHalf", "wmBlocked", "wmLeft", "wmStranger", "nonsense"]
    assert refused(wecom, external_userid=["wmStranger", "nonsense"]) == 41048


def test_with_a_sender_customers_of_others_fail(wecom: WeCom) -> None:
    reply = made(wecom, sender="lisi", external_userid=["wmA", "wmB"])
    assert reply["fail_list"] == ["wmB"]
    assert results(wecom, reply["msgid"], "lisi") == {"wmA": 0}


def test_senders_who_left_unknown_ones_and_those_without_customers_are_refused(wecom: WeCom) -> None:
    corp = wecom.corp
    new_member(corp, "wangwu")
    assert refused(wecom, sender="wangwu") == 41048
    act(corp, "admin_sets_follow_right", userid="wangwu", may_follow=False)
    assert refused(wecom, sender="wangwu") == 84061
    act(corp, "member_leaves_corp", userid="wangwu")
    assert refused(wecom, sender="wangwu") == 40003
    assert refused(wecom, sender="nobody") == 40003
    assert refused(seen_by(corp, userid=["lisi"]), sender="zhangsan") == 60011


def test_an_app_sends_only_through_members_whom_it_sees(wecom: WeCom) -> None:
    unseen = seen_by(wecom.corp, userid=["lisi"])
    reply = made(unseen, external_userid=["wmA", "wmB"])
    assert reply["fail_list"] == ["wmB"]
    assert tasks(wecom, reply["msgid"]) == {"lisi": 0}


# --- tags ------------------------------------------------------------------------------------------------


def test_tags_of_one_group_are_alternatives_and_groups_are_all_needed(wecom: WeCom) -> None:
    gold, silver = ids(add(wecom, "等级", "金", "银"))
    (high,) = ids(add(wecom, "意向", "高"))
    mark(wecom, "wmA", add_tag=[gold, high])
    mark(wecom, "wmB", add_tag=[silver])
    either = {"group_list": [{"tag_list": [gold, silver]}]}
    both = {"group_list": [{"tag_list": [gold, silver]}, {"tag_list": [high]}]}
    assert results(wecom, made(wecom, tag_filter=either, sender="zhangsan")["msgid"]) == {"wmA": 0, "wmB": 0}
    assert results(wecom, made(wecom, tag_filter=either)["msgid"]) == {"wmA": 0, "wmB": 0}
    assert results(wecom, made(wecom, tag_filter=both)["msgid"]) == {"wmA": 0}
    assert results(wecom, made(wecom, tag_filter=both, external_userid=["wmB"])["msgid"]) == {"wmB": 0}
    assert refused(wecom, tag_filter={"group_list": [{"tag_list": [silver]}, {"tag_list": [high]}]}) == 41048
    assert refused(wecom, tag_filter=both, sender="lisi") == 41048
    assert refused(wecom, tag_filter={"group_list": [{"tag_list": ["etNobody"]}]}) == 40068
    assert refused(wecom, tag_filter={"group_list": [{"tag_list": []}]}) == 41035


def test_a_filter_without_effect_is_not_limited(wecom: WeCom) -> None:
    many = {"group_list": [{"tag_list": ["et"] * 101}]}
    assert refused(wecom, tag_filter=many) == 40058
    assert refused(wecom, sender="zhangsan", tag_filter=many) == 40058
    made(wecom, external_userid=["wmA"], tag_filter=many)
    # To groups the filter isn't read either: nobody here owns one.
    assert refused(wecom, chat_type="group", sender="zhangsan", tag_filter=many) == 41048


# --- what is asked ---------------------------------------------------------------------------------------


def test_add_msg_template_answers_specific_errcodes(wecom: WeCom) -> None:
    assert refused(wecom) == 41035
    assert refused(wecom, sender="zhangsan", text={"content": ""}) == 40063
    assert refused(wecom, sender="zhangsan", text={"content": "茶" * 1334}) == 40058
    assert refused(wecom, sender="zhangsan", chat_type="both") == 40058
    link = {"msgtype": "link", "link": {"title": "茶", "url": "https://example.com"}}
    assert refused(wecom, sender="zhangsan", attachments=[link] * 10) == 41064
    assert refused(wecom, sender="zhangsan", attachments=[{"msgtype": "voice"}]) == 41065
    assert refused(wecom, sender="zhangsan", attachments=[{"msgtype": "image"}]) == 40063
    assert (
        refused(wecom, sender="zhangsan", attachments=[{"msgtype": "file", "file": {"media_id": "?"}}])
        == 40007
    )
    assert refused(wecom, external_userid=["wmA"] * 10_001) == 40058
    assert made(wecom, sender="zhangsan", chat_id_list=["wr"] * 2001)["errcode"] == 0, "only for groups"


def test_the_older_form_with_a_field_for_each_kind_is_read(wecom: WeCom) -> None:
    link = {"title": "茶", "url": "https://example.com"}
    msgid = made(wecom, sender="lisi", link=link, image={"media_id": ""})["msgid"]
    confirm(wecom.corp, msgid, "lisi")
    body = {"msgid": msgid, "text": TEXT, "attachments": [{"msgtype": "link", "link": link}]}
    assert phone(wecom.corp, "wmA") == [("mass_message", "lisi", body, "delivered")]


def test_results_cannot_be_read_while_the_tasks_are_made(wecom: WeCom) -> None:
    insert(
        wecom.corp,
        MassMessage(
            corp_id=wecom.corp.corpid,
            seq=1,
            msgid="msgX",
            chat_type="single",
            agentid=1,
            create_time=1,
            content={"text": TEXT},
        ),
    )
    assert wecom.post(TASKS, msgid="msgX")["errcode"] == 41063
    assert wecom.post(RESULTS, msgid="msgX", userid="zhangsan")["errcode"] == 41063
    assert wecom.post(OLD_RESULTS, msgid="msgX")["errcode"] == 41063
    error = act_error(wecom.corp, "member_confirms_group_message", userid="zhangsan", msgid="msgX")
    assert "still being made" in error


@pytest.mark.parametrize("operation", [TASKS, RESULTS, OLD_RESULTS])
def test_a_wrong_msgid_answers_41046_or_41047(wecom: WeCom, operation: str) -> None:
    assert wecom.post(operation, userid="zhangsan")["errcode"] == 41046
    assert wecom.post(operation, msgid="msgNone", userid="zhangsan")["errcode"] == 41047


# --- what members do -------------------------------------------------------------------------------------


def test_a_member_may_choose_customers_with_allow_select(wecom: WeCom) -> None:
    corp = wecom.corp
    msgid = made(wecom, sender="zhangsan", allow_select=True)["msgid"]
    act_error(corp, "member_confirms_group_message", userid="zhangsan", msgid=msgid, external_userids=["wmX"])
    confirm(corp, msgid, external_userids=["wmB"])
    assert results(wecom, msgid) == {"wmA": 0, "wmB": 1}
    assert phone(corp, "wmA") == []
    fixed = made(wecom, sender="zhangsan")["msgid"]
    error = act_error(
        corp, "member_confirms_group_message", userid="zhangsan", msgid=fixed, external_userids=["wmB"]
    )
    assert "allow_select" in error


def test_an_ignored_task_is_not_sent_and_cannot_be_confirmed(wecom: WeCom) -> None:
    corp = wecom.corp
    msgid = made(wecom, sender="zhangsan")["msgid"]
    act(corp, "member_ignores_group_message", userid="zhangsan", msgid=msgid)
    assert tasks(wecom, msgid) == {"zhangsan": 0}
    assert phone(corp, "zhangsan")[0][3] == "ignored"
    error = act_error(corp, "member_confirms_group_message", userid="zhangsan", msgid=msgid)
    assert "ignored already" in error
    error = act_error(corp, "member_ignores_group_message", userid="lisi", msgid=msgid)
    assert "has no task" in error
    assert "no mass message" in act_error(
        corp, "member_ignores_group_message", userid="lisi", msgid="msgNone"
    )


def test_a_customer_who_deleted_the_member_meanwhile_gets_status_2(wecom: WeCom) -> None:
    corp = wecom.corp
    msgid = made(wecom, sender="zhangsan")["msgid"]
    act(corp, "customer_deletes_member", userid="zhangsan", external_userid="wmA")
    confirm(corp, msgid)
    assert results(wecom, msgid) == {"wmA": 2, "wmB": 1}
    assert phone(corp, "wmA") == []


def test_each_receiver_is_in_the_old_result(wecom: WeCom) -> None:
    msgid = made(wecom, external_userid=["wmA", "wmB"])["msgid"]
    reply = wecom.post(OLD_RESULTS, msgid=msgid)
    assert reply["check_status"] == 1
    assert [(one["external_userid"], one["status"]) for one in reply["detail_list"]] == [
        ("wmA", 0),
        ("wmB", 0),
    ]
    alias = wecom.http.post(
        "crm/get_group_msg_result", params={"access_token": wecom.token}, json={"msgid": msgid}
    ).json()
    assert alias["detail_list"] == reply["detail_list"]


def test_a_large_message_is_noted_and_sent_in_slices(wecom: WeCom, monkeypatch: pytest.MonkeyPatch) -> None:
    from wecom_tollbooth.families.mass_messages import delivery, dispatch

    monkeypatch.setattr(dispatch, "SLICE", 3)
    monkeypatch.setattr(delivery, "CUSTOMERS_AT_ONCE", 3)
    corp = wecom.corp
    customers = [f"wm{number:02}" for number in range(10)]
    for number, customer in enumerate(customers):
        follow(corp, new_contact(corp, customer), seq=number + 10)
        follow(corp, customer, "lisi", seq=number + 10, createtime=1)
    gold = ids(add(wecom, "等级", "金"))
    for customer in customers:
        mark(wecom, customer, add_tag=gold)
    for selected in (
        {"sender": "zhangsan"},
        {"external_userid": customers},
        {"tag_filter": {"group_list": [{"tag_list": gold}]}},
    ):
        msgid = made(wecom, **selected)["msgid"]
        found = results(wecom, msgid)
        assert [customer for customer in found if customer in customers] == customers
        act(corp, "member_confirms_group_message", userid="zhangsan", msgid=msgid)
        run_tasks(corp)
        assert set(results(wecom, msgid).values()) == {1}
    assert len(phone(corp, "wm07")) == 3


def test_a_message_to_many_books_one_record(wecom: WeCom) -> None:
    made(wecom, external_userid=["wmA", "wmB"])
    made(wecom, sender="zhangsan")
    assert len(wecom.corp.sim("ledger", operation="/cgi-bin/" + ADD)["records"]) == 2
