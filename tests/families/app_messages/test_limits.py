"""How often an app may send: a day, to one member, and the same message again."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.app_messages.cards import VOTE, app_with_address
from tests.families.app_messages.sending import advance, phone, send, sent

START = 1_790_000_000 // 86_400 * 86_400
"""8:00 in Shanghai."""


def test_the_same_request_is_not_sent_again_within_the_interval(alone: Corp) -> None:
    corp, wecom = alone, alone.client()
    checked: dict[str, Any] = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
    first = sent(wecom, **checked)
    assert sent(wecom, **checked)["msgid"] == first["msgid"]
    assert len(phone(corp)) == 1
    sent(wecom)
    sent(wecom, part={"content": "别的"}, **checked)
    sent(wecom, touser="lisi|zhangsan", **checked)
    assert len(phone(corp)) == 4
    advance(corp, 590)
    assert sent(wecom, **checked)["msgid"] == first["msgid"]
    advance(corp, 10)
    assert sent(wecom, **checked)["msgid"] != first["msgid"]
    assert len(phone(corp)) == 5


def test_of_the_same_request_many_times_at_once_one_is_sent(corp: Corp, wecom: WeCom) -> None:
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: sent(wecom, enable_duplicate_check=1), range(12)))
    assert len({reply["msgid"] for reply in replies}) == 1
    assert len(phone(corp)) == 1


def test_a_card_that_is_sent_again_is_no_new_task(corp: Corp) -> None:
    app = app_with_address(corp)
    first = sent(app, "template_card", VOTE, enable_duplicate_check=1)
    again = sent(app, "template_card", VOTE, enable_duplicate_check=1)
    assert (again["msgid"], "response_code" in again) == (first["msgid"], False)
    assert send(app, "template_card", VOTE)["errcode"] == 42014


def test_other_apps_may_send_the_same(corp: Corp, wecom: WeCom) -> None:
    other = corp.client(corp.new_app(kind="self_built"))
    for client in (wecom, other):
        sent(client, touser="@all", enable_duplicate_check=1)
    assert len(phone(corp)) == 2


@pytest.mark.parametrize(("interval", "errcode"), [(14_400, 0), (0, 0), (14_401, 40058), (-1, 40058)])
def test_the_interval_is_four_hours_at_most(wecom: WeCom, interval: int, errcode: int) -> None:
    reply = send(wecom, enable_duplicate_check=1, duplicate_check_interval=interval)
    assert reply["errcode"] == errcode


@pytest.fixture
def tight(start_server: Any) -> WeCom:
    """A corp whose apps send three messages a minute and five an hour to a member, and reach 20 a day."""
    server = start_server(
        member_cap=10,
        limit_app_message_day=2,
        limit_app_message_member_minute=3,
        limit_app_message_member_hour=5,
    )
    server.sim.post("/clock", json={"set": START, "freeze": True})
    corp = server.make_corp(seed="demo", members=2, customers=0)
    client: WeCom = corp.client()
    return client


def test_what_is_over_the_limits_of_a_member_is_dropped_silently(tight: WeCom) -> None:
    corp = tight.corp
    for _ in range(4):
        sent(tight)
    assert len(phone(corp)) == 3
    assert sent(tight, touser="lisi|zhangsan")["errcode"] == 0
    assert (len(phone(corp)), len(phone(corp, "zhangsan"))) == (3, 1)
    sent(corp.client(corp.new_app(kind="self_built")))
    assert len(phone(corp)) == 4
    advance(corp, 60)
    for _ in range(3):
        sent(tight)
    assert len(phone(corp)) == 6, "five in the hour, and one of the other app"
    advance(corp, 3600)
    sent(tight)
    assert len(phone(corp)) == 7


def test_an_app_reaches_so_many_times_the_accounts_in_a_day(tight: WeCom) -> None:
    corp = tight.corp
    everybody = len(tight.get("user/list", department_id=1, fetch_child=1)["userlist"])
    for _ in range(20 // everybody):
        sent(corp.client(), touser="@all")
        advance(corp, 1800)
    for _ in range(20 % everybody):
        sent(corp.client())
    assert send(corp.client(), touser="@all")["errcode"] == 45009
    assert send(corp.client())["errcode"] == 45009
    sent(corp.client(corp.new_app(kind="self_built")))
    advance(corp, 86_400)
    sent(corp.client())


def test_messages_do_not_count_against_the_limits_on_calls(start_server: Any) -> None:
    server = start_server(limit_per_corp_minute=2)
    wecom = server.make_corp(seed="demo", members=2, customers=0).client()
    for _ in range(4):
        sent(wecom)
    assert [wecom.post("message/get_statistics")["errcode"] for _ in range(3)] == [0, 0, 45009]
    listed = server.sim.get("/operations").json()["operations"]
    limits = {one["path"]: one["limit"] for one in listed}
    assert list(limits["/cgi-bin/message/send"]) == ["concurrency"]
