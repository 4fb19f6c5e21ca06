"""What phones show, as the control API tells it: order, pages, states, unknown people."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.phones import screens
from wecom_tollbooth.families.phones.screens import set_state, show, write_message
from wecom_tollbooth.world.context import Context


def show_to(corp: Corp, people: Sequence[str], *texts: str, at: Sequence[int] = ()) -> list[int]:
    """Shows each text on the phones, the first at the first second of `at`; returns the messages' ids."""
    server = corp.server.server

    def work(tx: Transaction) -> list[int]:
        written = []
        for place, text in enumerate(texts):
            context = Context(server.settings, tx, corp.corpid, at[place] if at else None)
            written.append(write_message(context, "app_message", "1000002", {"text": {"content": text}}))
            show(context, written[-1], people)
        return written

    with server.database.transaction() as tx:
        return work(tx)


def a_customer(corp: Corp) -> str:
    return str(corp.client().get("externalcontact/list", userid="zhangsan")["external_userid"][0])


def contents(items: list[dict[str, Any]]) -> list[str]:
    return [item["body"]["text"]["content"] for item in items]


def test_a_phone_shows_what_was_sent_to_its_owner_and_nothing_else(corp: Corp) -> None:
    customer = a_customer(corp)
    show_to(corp, [customer, "lisi"], "新茶上市")
    show_to(corp, ["lisi"], "盘点", at=[1_700_000_000])
    (item,) = corp.sim(f"phones/{customer}")["items"]
    assert list(item) == ["id", "at", "kind", "from", "body", "state"]
    assert (item["kind"], item["from"], item["state"]) == ("app_message", "1000002", "delivered")
    assert contents([item]) == ["新茶上市"]
    assert contents(corp.sim("phones/lisi")["items"]) == ["盘点", "新茶上市"]
    assert corp.sim("phones/zhangsan") == {"items": [], "next_cursor": ""}


def test_userids_are_case_insensitive_and_external_userids_are_not(corp: Corp) -> None:
    customer = a_customer(corp)
    show_to(corp, [customer, "lisi"], "新茶上市")
    assert corp.sim("phones/LiSi") == corp.sim("phones/lisi")
    assert corp.server.sim.get(f"/corps/{corp.corpid}/phones/{customer.swapcase()}").status_code == 404


def test_a_phone_of_nobody_is_404_with_a_sentence(corp: Corp) -> None:
    answer = corp.server.sim.get(f"/corps/{corp.corpid}/phones/nobody")
    assert answer.status_code == 404
    assert "no member or customer 'nobody'" in answer.json()["error"]
    assert corp.server.sim.get("/corps/ww0/phones/lisi").status_code == 404


def test_a_member_who_left_still_has_a_phone(corp: Corp) -> None:
    show_to(corp, ["lisi"], "盘点")
    left = {"act": "member_leaves_corp", "userid": "lisi"}
    assert corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=left).status_code == 200
    assert contents(corp.sim("phones/lisi")["items"]) == ["盘点"]


def test_pages_hold_every_item_once_and_oldest_first(corp: Corp) -> None:
    at = [1_700_000_003, 1_700_000_001, 1_700_000_001, 1_700_000_002, 1_700_000_002]
    show_to(corp, ["lisi"], "五", "一", "二", "三", "四", at=at)
    seen, cursor = [], ""
    for _ in range(3):
        page = corp.sim("phones/lisi", limit=2, cursor=cursor)
        seen += contents(page["items"])
        cursor = page["next_cursor"]
    assert (seen, cursor) == (["一", "二", "三", "四", "五"], "")


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"limit": 0}, {"limit": 1001}])
def test_an_invalid_query_is_422(corp: Corp, query: dict[str, Any]) -> None:
    assert corp.server.sim.get(f"/corps/{corp.corpid}/phones/lisi", params=query).status_code == 422


def opens(server: RunningServer, corp: Corp, external_userid: str, item: int) -> tuple[int, dict[str, Any]]:
    body = {"act": "customer_opens_message", "external_userid": external_userid, "id": item}
    answer = server.sim.post(f"/corps/{corp.corpid}/acts", json=body)
    return answer.status_code, answer.json()


def test_a_customer_opens_an_item_of_their_own_phone(server: RunningServer, corp: Corp) -> None:
    first, second = corp.client().get("externalcontact/list", userid="zhangsan")["external_userid"][:2]
    show_to(corp, [first, second], "新茶上市")
    (item,) = corp.sim(f"phones/{first}")["items"]
    status, reply = opens(server, corp, first, item["id"] + 1)
    assert (status, f"has no item {item['id'] + 1}" in reply["error"]) == (422, True)
    for _ in range(2):
        status, reply = opens(server, corp, first, item["id"])
        assert (status, reply["state"], reply["callbacks"]) == (200, "opened", [])
    assert [item["state"] for item in corp.sim(f"phones/{first}")["items"]] == ["opened"]
    assert [item["state"] for item in corp.sim(f"phones/{second}")["items"]] == ["delivered"]


def test_only_a_customer_opens_and_only_what_is_delivered(server: RunningServer, corp: Corp) -> None:
    customer = a_customer(corp)
    (message,) = show_to(corp, [customer, "lisi"], "新茶上市")
    with server.server.database.transaction() as tx:
        set_state(Context(server.server.settings, tx, corp.corpid), message, screens.RECALLED, customer)
    (item,) = corp.sim(f"phones/{customer}")["items"]
    status, reply = opens(server, corp, customer, item["id"])
    assert (status, "is recalled" in reply["error"]) == (422, True)
    (item,) = corp.sim("phones/lisi")["items"]
    status, reply = opens(server, corp, "lisi", item["id"])
    assert (status, "no external contact 'lisi'" in reply["error"]) == (422, True)
