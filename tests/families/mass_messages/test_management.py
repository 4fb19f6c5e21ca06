"""Reminding members, cancelling, the list of records, pages, and who sees what."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import WeCom
from tests.families.factories import act, act_error, follow, insert, new_contact, new_member, seen_by
from tests.families.id_conversion.apps import FINISH, new_id
from tests.families.mass_messages.messages import (
    ADD,
    CANCEL,
    LIST,
    OLD_RESULTS,
    REMIND,
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
from tests.families.providers.licences import license_members
from tests.families.uploads import SAMPLES, upload
from tests.providers import Provider
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.families.mass_messages.tables import MASS_MESSAGE, MassMessage

DAY = 86_400


@pytest.fixture
def wecom(untagged: WeCom) -> WeCom:
    """zhangsan follows wmA and wmB, lisi follows wmA."""
    return untagged


def to_both(wecom: WeCom) -> str:
    """A message that zhangsan sends to wmB and lisi to wmA."""
    act(wecom.corp, "customer_sends_message", userid="lisi", external_userid="wmA")
    return str(made(wecom, external_userid=["wmA", "wmB"])["msgid"])


# --- remind and cancel -----------------------------------------------------------------------------------


def test_a_reminder_shows_the_task_again_to_who_has_not_sent(wecom: WeCom) -> None:
    corp = wecom.corp
    msgid = to_both(wecom)
    confirm(corp, msgid)
    assert wecom.post(REMIND, msgid=msgid) == {"errcode": 0, "errmsg": "ok"}
    assert [state for _, _, _, state in phone(corp, "lisi")] == ["waiting"] * 2
    assert [state for _, _, _, state in phone(corp, "zhangsan")] == ["confirmed"]
    assert seen_by(corp, userid=["zhangsan"]).post(REMIND, msgid=msgid)["errcode"] == 0
    assert len(phone(corp, "lisi")) == 2
    confirm(corp, msgid, "lisi")
    assert [state for _, _, _, state in phone(corp, "lisi")] == ["confirmed"] * 2


def test_three_reminders_in_24_hours_are_the_most(wecom: WeCom) -> None:
    msgid = to_both(wecom)
    assert [wecom.post(REMIND, msgid=msgid)["errcode"] for _ in range(4)] == [0, 0, 0, 41094]
    assert wecom.post(REMIND, msgid=to_both(wecom))["errcode"] == 0
    with wecom.corp.server.server.database.transaction() as tx:
        this = MASS_MESSAGE.c.msgid == msgid
        times = tx.execute(sa.select(MASS_MESSAGE.c.reminded_at).where(this)).scalar_one()
        tx.execute(sa.update(MASS_MESSAGE).where(this).values(reminded_at=[times[0] - DAY, *times[1:]]))
    assert [wecom.post(REMIND, msgid=msgid)["errcode"] for _ in range(2)] == [0, 41094]


def _seq(wecom: WeCom, msgid: str) -> int:
    import sqlalchemy as sa

    from wecom_tollbooth.families.mass_messages.tables import MASS_MESSAGE

    with wecom.corp.server.server.database.transaction() as tx:
        return int(
            tx.execute(sa.select(MASS_MESSAGE.c.seq).where(MASS_MESSAGE.c.msgid == msgid)).scalar_one()
        )


def test_a_cancelled_message_is_not_sent_by_who_waited(wecom: WeCom) -> None:
    corp = wecom.corp
    msgid = to_both(wecom)
    confirm(corp, msgid)
    assert wecom.post(CANCEL, msgid=msgid) == {"errcode": 0, "errmsg": "ok"}
    assert tasks(wecom, msgid) == {"lisi": 0, "zhangsan": 2}
    assert [state for _, _, _, state in phone(corp, "lisi")] == ["cancelled"]
    assert [state for _, _, _, state in phone(corp, "wmB")] == ["delivered"]
    error = act_error(corp, "member_confirms_group_message", userid="lisi", msgid=msgid)
    assert "cancelled already" in error
    assert wecom.post(CANCEL, msgid=msgid)["errcode"] == 41093
    assert wecom.post(REMIND, msgid=msgid)["errcode"] == 41093


@pytest.mark.parametrize("operation", [REMIND, CANCEL])
def test_remind_and_cancel_answer_specific_errcodes(wecom: WeCom, operation: str) -> None:
    assert wecom.post(operation)["errcode"] == 41046
    assert wecom.post(operation, msgid="msgNone")["errcode"] == 41047
    insert(wecom.corp, record(wecom, 1, state="making_tasks"))
    assert wecom.post(operation, msgid="msg1")["errcode"] == 41063


# --- records ---------------------------------------------------------------------------------------------


def record(wecom: WeCom, number: int, **fields: Any) -> MassMessage:
    values: dict[str, Any] = {
        "chat_type": "single",
        "agentid": 1,
        "create_time": 1000 + number,
        "content": {"text": TEXT},
        "state": "sending",
    }
    return MassMessage(corp_id=wecom.corp.corpid, seq=number, msgid=f"msg{number}", **{**values, **fields})


def listed(wecom: WeCom, **fields: Any) -> list[str]:
    reply = wecom.post(LIST, **{"start_time": 0, "end_time": 2000, **fields})
    assert reply["errcode"] == 0, reply
    assert reply["next_cursor"] == ""
    return [one["msgid"] for one in reply["group_msg_list"]]


def test_the_records_are_listed_newest_first_and_filtered(wecom: WeCom) -> None:
    insert(
        wecom.corp,
        record(wecom, 1),
        record(wecom, 2, creator="zhangsan", create_type=1),
        record(wecom, 3, chat_type="group"),
        record(wecom, 4, create_time=1001),
    )
    assert listed(wecom) == ["msg2", "msg4", "msg1"]
    assert listed(wecom, chat_type="group") == ["msg3"]
    assert listed(wecom, filter_type=0) == ["msg4", "msg1"]
    assert listed(wecom, filter_type=1) == listed(wecom, creator="zhangsan") == ["msg2"]
    assert listed(wecom, filter_type=2, start_time=1002) == ["msg2"]
    assert listed(wecom, end_time=1001) == ["msg4", "msg1"]
    (one,) = wecom.post(LIST, start_time=1002, end_time=1002)["group_msg_list"]
    assert one == {
        "msgid": "msg2",
        "create_time": 1002,
        "create_type": 1,
        "creator": "zhangsan",
        "text": TEXT,
    }


def test_a_record_has_its_attachments_without_the_cover_of_a_mini_program(wecom: WeCom) -> None:
    link = {"msgtype": "link", "link": {"title": "茶", "url": "https://example.com"}}
    content = {
        "attachments": [
            link,
            {
                "msgtype": "miniprogram",
                "miniprogram": {"title": "茶", "pic_media_id": "M", "appid": "wx", "page": "/"},
            },
        ]
    }
    insert(wecom.corp, record(wecom, 1, content=content))
    (one,) = wecom.post(LIST, start_time=0, end_time=2000)["group_msg_list"]
    assert "creator" not in one
    assert "text" not in one
    shown = {"msgtype": "miniprogram", "miniprogram": {"title": "茶", "appid": "wx", "page": "/"}}
    assert one["attachments"] == [link, shown]


def test_records_come_in_pages(wecom: WeCom) -> None:
    insert(wecom.corp, *(record(wecom, number, create_time=1000 + number // 2) for number in range(1, 61)))
    asked = {"start_time": 0, "end_time": 2000}
    first = wecom.post(LIST, **asked, limit=101)
    assert len(first["group_msg_list"]) == 50
    rest = wecom.post(LIST, **asked, cursor=first["next_cursor"])
    assert rest["next_cursor"] == ""
    msgids = [one["msgid"] for page in (first, rest) for one in page["group_msg_list"]]
    assert msgids == [f"msg{number}" for number in range(60, 0, -1)]
    assert wecom.post(LIST, **asked, chat_type="group", cursor=first["next_cursor"])["errcode"] == 50100


def test_the_list_answers_specific_errcodes(wecom: WeCom) -> None:
    assert wecom.post(LIST, chat_type="single")["errcode"] == 40063
    assert wecom.post(LIST, chat_type="both", start_time=1, end_time=2)["errcode"] == 40058
    assert wecom.post(LIST, start_time=2, end_time=1)["errcode"] == 40058
    assert wecom.post(LIST, start_time=0, end_time=31 * DAY + 1)["errcode"] == 40058
    assert wecom.post(LIST, start_time=0, end_time=31 * DAY)["errcode"] == 0


def test_an_app_sees_what_concerns_members_in_its_range(wecom: WeCom) -> None:
    corp = wecom.corp
    msgid = made(wecom, sender="zhangsan")["msgid"]
    insert(corp, record(wecom, 2, creator="lisi", create_type=1))
    of_lisi, of_both = seen_by(corp, userid=["lisi"]), seen_by(corp, userid=["lisi", "zhangsan"])
    month = {"start_time": 0, "end_time": 31 * DAY}
    assert listed(of_lisi, **month) == ["msg2"]
    now = corp.server.sim.get("/clock").json()["now"]
    recent = {"start_time": now - DAY, "end_time": now + DAY}
    assert listed(of_lisi, **recent) == []
    assert listed(of_both, **recent) == [msgid]
    assert tasks(of_lisi, msgid) == {}
    assert tasks(of_both, msgid) == {"zhangsan": 0}
    assert results(of_lisi, msgid) == {}
    assert of_lisi.post(OLD_RESULTS, msgid=msgid)["detail_list"] == []


# --- pages of results ------------------------------------------------------------------------------------


def test_tasks_and_results_come_in_pages_bound_to_their_message(wecom: WeCom) -> None:
    corp = wecom.corp
    for number in range(5):
        new_member(corp, f"member{number}")
        follow(corp, new_contact(corp, f"wm{number}"), f"member{number}")
        follow(corp, f"wm{number}", seq=number + 10, createtime=1)
    msgid = made(wecom, external_userid=[f"wm{number}" for number in range(5)])["msgid"]
    assert _pages(wecom, TASKS, "task_list", msgid=msgid, limit=2) == [
        [f"member{number}" for number in some] for some in ((0, 1), (2, 3), (4,))
    ]
    of_zhangsan = made(wecom, sender="zhangsan")["msgid"]
    pages = _pages(wecom, RESULTS, "send_list", msgid=of_zhangsan, userid="zhangsan", limit=3)
    assert pages == [["wm0", "wm1", "wm2"], ["wm3", "wm4", "wmA"], ["wmB"]]
    cursor = wecom.post(RESULTS, msgid=of_zhangsan, userid="zhangsan", limit=3)["next_cursor"]
    assert wecom.post(RESULTS, msgid=msgid, userid="member1", cursor=cursor)["errcode"] == 50100
    assert wecom.post(TASKS, msgid=msgid, cursor=cursor)["errcode"] == 50100


def _pages(wecom: WeCom, operation: str, rows: str, **asked: Any) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor = ""
    while True:
        reply = wecom.post(operation, **asked, cursor=cursor)
        assert reply["errcode"] == 0, reply
        pages.append([one.get("external_userid") or one["userid"] for one in reply[rows]])
        cursor = reply["next_cursor"]
        if not cursor:
            return pages


def test_the_userid_of_results_is_a_member_or_was_one(wecom: WeCom) -> None:
    corp = wecom.corp
    msgid = made(wecom, sender="zhangsan")["msgid"]
    assert results(wecom, msgid, "ZhangSan ") == {"wmA": 0, "wmB": 0}
    assert results(wecom, msgid, "lisi") == {}
    assert wecom.post(RESULTS, msgid=msgid, userid="nobody")["errcode"] == 40003
    act(corp, "member_leaves_corp", userid="zhangsan")
    assert results(wecom, msgid) == {"wmA": 0, "wmB": 0}
    act_error(corp, "member_confirms_group_message", userid="zhangsan", msgid=msgid)


def test_who_left_before_the_tasks_were_made_has_none(wecom: WeCom) -> None:
    corp = wecom.corp
    act(corp, "customer_sends_message", userid="lisi", external_userid="wmA")
    reply = wecom.post(ADD, text=TEXT, external_userid=["wmA", "wmB"])
    act(corp, "admin_deletes_members", userid=["zhangsan"])
    run_tasks(corp)
    assert tasks(wecom, reply["msgid"]) == {"lisi": 0}
    assert wecom.post(RESULTS, msgid=reply["msgid"], userid="zhangsan")["errcode"] == 40003
    assert phone(corp, "zhangsan") == []
    of_one = wecom.post(ADD, text=TEXT, sender="lisi")["msgid"]
    act(corp, "admin_sets_follow_right", userid="lisi", may_follow=False)
    run_tasks(corp)
    assert tasks(wecom, of_one) == {}


def test_a_new_member_with_the_userid_of_one_who_left_has_neither_phone_nor_tasks_of_it(
    wecom: WeCom,
) -> None:
    corp = wecom.corp
    sent, open_task = to_both(wecom), to_both(wecom)
    confirm(corp, sent)
    act(corp, "admin_deletes_members", userid=["zhangsan"])
    assert len(phone(corp, "zhangsan")) == 2
    act(corp, "admin_creates_member", userid="zhangsan", name="张三", email="z@x.com", activated=True)
    assert phone(corp, "zhangsan") == []
    assert tasks(wecom, sent) == {"lisi": 0, "zhangsan": 2}
    assert tasks(wecom, open_task) == {"lisi": 0}
    why = act_error(corp, "member_confirms_group_message", userid="zhangsan", msgid=open_task)
    assert "no task" in why


# --- apps of providers -----------------------------------------------------------------------------------


def test_a_marketing_app_reaches_only_customers_that_it_acquired(wecom: WeCom) -> None:
    corp = wecom.corp
    app = Provider(corp.server).app_in(corp, AppKind.MARKETING)
    follow(corp, new_contact(corp, "wmC"), seq=9, source_agentid=app.agentid)
    reply = made(app, external_userid=["wmA", "wmC"], sender="zhangsan")
    assert reply["fail_list"] == ["wmA"]
    assert results(app, reply["msgid"]) == {"wmC": 0}


def test_members_without_an_account_are_no_senders_where_licences_are_enforced(wecom: WeCom) -> None:
    corp = wecom.corp
    provider = Provider(corp.server)
    app = provider.app_in(corp)
    license_members(provider, corp, "lisi")
    assert refused(app, sender="zhangsan") == 701008
    reply = made(app, external_userid=["wmA", "wmB"])
    assert reply["fail_list"] == ["wmB"]
    assert tasks(app, reply["msgid"]) == {"lisi": 0}


def test_an_app_with_ids_of_its_own_gives_and_gets_them(wecom: WeCom) -> None:
    corp = wecom.corp
    provider = Provider(corp.server)
    app = provider.app_in(corp)
    # Long ones: of three letters only one is drawn, and two ids may be the same.
    first, second = "wmCustomerOfLisi", "wmCustomerOfZhangsan"
    follow(corp, new_contact(corp, first), "lisi", seq=20)
    follow(corp, new_contact(corp, second), "zhangsan", seq=21)
    own = {customer: new_id(app, customer) for customer in (first, second)}
    assert provider.call(FINISH, token=provider.provider_token(), corpid=corp.corpid)["errcode"] == 0
    named = [own[first], own[second], "wmA", "nonsense"]
    reply = made(app, external_userid=named, sender="lisi")
    assert reply["fail_list"] == [own[second], "wmA", "nonsense"]
    assert results(app, reply["msgid"], "lisi") == {own[first]: 0}
    assert results(wecom, reply["msgid"], "lisi") == {first: 0}


def since_yesterday(wecom: WeCom) -> dict[str, int]:
    now = wecom.corp.sim("clock")["now"]
    return {"start_time": now - DAY, "end_time": now}


def test_the_list_shows_attachments_as_they_were_given(wecom: WeCom) -> None:
    def media(kind: str) -> str:
        name, content = SAMPLES[kind]
        return str(upload(wecom, "media/upload", (name, content), type=kind)["media_id"])

    link = {"title": "茶单", "picurl": "https://a.test/p.png", "desc": "春茶", "url": "https://a.test/"}
    given = [
        {"msgtype": "image", "image": {"media_id": media("image")}},
        {"msgtype": "image", "image": {"pic_url": "https://a.test/p.png"}},
        {"msgtype": "link", "link": link},
        {"msgtype": "video", "video": {"media_id": media("video")}},
        {"msgtype": "file", "file": {"media_id": media("file")}},
    ]
    made(wecom, external_userid=["wmA"], attachments=given)
    (shown,) = wecom.post(LIST, chat_type="single", **since_yesterday(wecom))["group_msg_list"]
    assert shown["attachments"] == given
