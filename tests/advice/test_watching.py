"""Strict mode tells what later calls show: unread pages, repeated tokens, callbacks nobody acted upon."""

from collections.abc import Iterator
from typing import Any

import pytest

from pytest_tollbooth.receiver import Receiver
from tests.advice.strict import advice, briefly, detail_of, forget
from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act

LIST = "externalcontact/batch/get_by_user"


@pytest.fixture
def strict_corp(server: RunningServer) -> Corp:
    return server.make_corp(seed="demo", customers=0, members=3, activity=False, strict=True)


@pytest.fixture
def api(strict_corp: Corp) -> WeCom:
    return strict_corp.client()


@pytest.fixture
def customers(strict_corp: Corp) -> list[str]:
    """Two customers of zhangsan, and two of lisi."""
    return [
        act(strict_corp, "member_adds_customer", userid=userid)["external_userid"]
        for userid in ("zhangsan", "zhangsan", "lisi", "lisi")
    ]


def first_page(api: WeCom, userid: str = "zhangsan", **more: str) -> dict[str, Any]:
    return api.post(LIST, userid_list=[userid], limit=1, **more)


@pytest.fixture
def receiver(strict_corp: Corp) -> Iterator[Receiver]:
    """Acknowledges the callbacks of the first app."""
    app = strict_corp.apps[0]
    with Receiver(strict_corp.corpid, app["callback_token"], app["encoding_aes_key"]) as receiver:
        path = f"/corps/{strict_corp.corpid}/apps/{app['agentid']}/callback"
        assert strict_corp.server.sim.put(path, json={"url": receiver.url}).status_code == 200
        yield receiver


def pass_time(corp: Corp, seconds: int) -> None:
    corp.server.sim.post(f"/corps/{corp.corpid}/clock", json={"advance_seconds": seconds})


def open_advice(corp: Corp, *codes: str) -> list[dict[str, Any]]:
    return [one for one in advice(corp, *codes, open=True) if one["open"]]


# --- pages -----------------------------------------------------------------------------------------------


def test_a_list_that_is_read_to_its_end_is_no_advice(
    strict_corp: Corp, api: WeCom, customers: list[str]
) -> None:
    cursor = ""
    while True:
        cursor = first_page(api, **({"cursor": cursor} if cursor else {}))["next_cursor"]
        if not cursor:
            break
        assert briefly(open_advice(strict_corp)) == [("page_not_read", LIST, "next_cursor", 1)]
    pass_time(strict_corp, 3_600)
    assert advice(strict_corp, open=True) == []


def test_a_page_that_is_never_asked_for_is_told_in_time(
    strict_corp: Corp, api: WeCom, customers: list[str]
) -> None:
    first_page(api)
    (call,) = strict_corp.sim("calls", path=f"/cgi-bin/{LIST}")["calls"]
    assert advice(strict_corp) == []
    (one,) = open_advice(strict_corp)
    assert one["hint"] == call["hint"]
    pass_time(strict_corp, 601)
    (one,) = advice(strict_corp)
    assert briefly([one]) == [("page_not_read", LIST, "next_cursor", 1)]
    assert one["hint"] == call["hint"]
    assert one["en"] in detail_of(strict_corp, one["hint"])
    assert advice(strict_corp, open=True) == [one]


def test_a_first_page_that_is_read_again_and_again_is_counted(
    strict_corp: Corp, api: WeCom, customers: list[str]
) -> None:
    for _ in range(3):
        first_page(api)
    (one,) = advice(strict_corp)
    assert (one["count"], len(open_advice(strict_corp))) == (2, 1)
    assert "page_not_read" in detail_of(strict_corp, one["hint"])


def test_lists_of_other_arguments_are_other_lists(
    strict_corp: Corp, api: WeCom, customers: list[str]
) -> None:
    for userid in ("zhangsan", "lisi"):
        first_page(api, userid)
    assert advice(strict_corp) == []
    assert [one["count"] for one in open_advice(strict_corp)] == [2]


# --- tokens ----------------------------------------------------------------------------------------------


def test_a_token_that_is_asked_for_again_is_told(strict_corp: Corp) -> None:
    app = strict_corp.apps[0]
    strict_corp.client(app)
    strict_corp.client(strict_corp.apps[1])
    assert advice(strict_corp) == []
    for _ in range(2):
        strict_corp.client(app)
    (one,) = advice(strict_corp)
    assert briefly([one]) == [("token_again", "gettoken", "access_token", 2)]


def test_a_token_that_ends_soon_may_be_renewed(strict_corp: Corp) -> None:
    strict_corp.client()
    pass_time(strict_corp, 7_000)
    strict_corp.client()
    pass_time(strict_corp, 300)
    strict_corp.client()
    assert advice(strict_corp) == []


# --- callbacks -------------------------------------------------------------------------------------------


def test_an_acknowledged_callback_that_nobody_acts_upon_is_told(
    strict_corp: Corp, api: WeCom, receiver: Receiver
) -> None:
    customer = act(strict_corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    event = wait_for(strict_corp, "add_external_contact")
    assert advice(strict_corp) == []
    assert [one["code"] for one in open_advice(strict_corp)] == ["callback_not_followed"]
    pass_time(strict_corp, 601)
    (one,) = advice(strict_corp)
    label = "change_external_contact add_external_contact"
    assert briefly([one]) == [("callback_not_followed", "externalcontact/get", label, 1)]
    assert customer in one["en"]
    assert customer in one["zh"]
    assert one["callback"] == event["id"]


@pytest.mark.parametrize("how", ["by id", "by welcome code", "in an answer"])
def test_a_call_that_is_about_the_customer_has_acted_upon_it(
    strict_corp: Corp, api: WeCom, receiver: Receiver, how: str
) -> None:
    customer = act(strict_corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    event = wait_for(strict_corp, "add_external_contact")
    if how == "by id":
        api.get("externalcontact/get", external_userid=customer)
    elif how == "by welcome code":
        code = event["xml"].partition("<WelcomeCode><![CDATA[")[2].partition("]]")[0]
        api.post("externalcontact/send_welcome_msg", welcome_code=code, text={"content": "欢迎"})
    else:
        api.get("externalcontact/list", userid="zhangsan")
    pass_time(strict_corp, 601)
    assert advice(strict_corp, open=True) == []


def test_a_group_counts_too_and_other_groups_do_not(
    strict_corp: Corp, api: WeCom, receiver: Receiver
) -> None:
    groups = [act(strict_corp, "member_creates_group", userid="zhangsan")["chat_id"] for _ in range(2)]
    wait_for(strict_corp, "create", count=2)
    api.post("externalcontact/groupchat/get", chat_id=groups[0])
    pass_time(strict_corp, 601)
    (one,) = advice(strict_corp)
    assert groups[1] in one["en"]


def test_callbacks_that_nobody_receives_are_no_advice(strict_corp: Corp) -> None:
    act(strict_corp, "member_adds_customer", userid="zhangsan")
    pass_time(strict_corp, 601)
    assert advice(strict_corp, open=True) == []


def test_deleting_advice_forgets_what_is_open(strict_corp: Corp, api: WeCom, customers: list[str]) -> None:
    first_page(api)
    assert forget(strict_corp) == 0
    pass_time(strict_corp, 601)
    assert advice(strict_corp, open=True) == []


def test_no_more_is_watched_than_fits(
    strict_corp: Corp, api: WeCom, customers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wecom_tollbooth.advice.watching.MOST_WATCHED", 1)
    for userid in ("zhangsan", "lisi"):
        first_page(api, userid)
    assert [one["count"] for one in open_advice(strict_corp)] == [1]


def test_an_error_of_ours_leaves_the_call_as_it_is(
    strict_corp: Corp, api: WeCom, customers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("ours")

    monkeypatch.setattr("wecom_tollbooth.gateway.advice.noticing.noticed_pages", fail)
    assert first_page(api)["errcode"] == 0


def wait_for(corp: Corp, change_type: str, count: int = 1) -> dict[str, Any]:
    answer = corp.sim("callbacks/wait", change_type=change_type, count=count)
    return dict(answer["callbacks"][0])
