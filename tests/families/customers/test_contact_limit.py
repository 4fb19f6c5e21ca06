"""外部联系人规模: at the limit no contact can be added, and over it customers can't be managed."""

import threading
from typing import Any

import httpx
import pytest

from tests.conftest import ON_POSTGRESQL, Corp, RunningServer, WeCom
from tests.families.factories import act, act_error

OVER_SCALE = 610023
LINKS = "externalcontact/customer_acquisition/"


def scale(corp: Corp, limit: int | None) -> dict[str, Any]:
    answer = corp.server.sim.put(f"/corps/{corp.corpid}/contact_limit", json={"limit": limit})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def contacts(corp: Corp) -> int:
    return int(corp.sim("contact_limit")["contacts"])


@pytest.fixture
def full_corp(corp: Corp) -> Corp:
    """A corp that has bought room for the 40 contacts it has."""
    assert scale(corp, 40) == {"corpid": corp.corpid, "limit": 40, "contacts": 40}
    return corp


def test_without_a_contact_limit_any_number_is_allowed(corp: Corp) -> None:
    assert corp.sim("contact_limit") == {"corpid": corp.corpid, "limit": None, "contacts": 40}
    act(corp, "member_adds_customer", userid="zhangsan")
    assert contacts(corp) == 41


def test_at_the_limit_no_member_can_add_a_new_contact(full_corp: Corp) -> None:
    sentence = "room for 40 external contacts"
    assert sentence in act_error(full_corp, "member_adds_customer", userid="zhangsan")
    assert sentence in act_error(full_corp, "customer_adds_member", userid="zhangsan")
    made = full_corp.client().post("externalcontact/add_contact_way", type=1, scene=2, user=["zhangsan"])
    assert sentence in act_error(full_corp, "scan_contact_way", config_id=made["config_id"])
    assert contacts(full_corp) == 40


def test_at_the_limit_an_existing_contact_can_be_added_by_another_member(full_corp: Corp) -> None:
    wecom = full_corp.client()
    mine = set(wecom.get("externalcontact/list", userid="zhangsan")["external_userid"])
    theirs = set(wecom.get("externalcontact/list", userid="lisi")["external_userid"])
    customer = min(mine - theirs)
    result = act(full_corp, "member_adds_customer", userid="lisi", external_userid=customer)
    assert result["external_userid"] == customer
    assert contacts(full_corp) == 40


def test_deleting_a_customer_frees_a_place(full_corp: Corp) -> None:
    wecom = full_corp.client()
    for customer in wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]:
        follows = wecom.get("externalcontact/get", external_userid=customer)["follow_user"]
        if len(follows) == 1:
            break
    act(full_corp, "member_deletes_customer", userid="zhangsan", external_userid=customer)
    assert contacts(full_corp) == 39
    act(full_corp, "member_adds_customer", userid="zhangsan")
    assert "room for 40" in act_error(full_corp, "member_adds_customer", userid="zhangsan")


def test_a_pending_contact_takes_no_place_until_the_member_adds_it(full_corp: Corp) -> None:
    result = act(full_corp, "customer_adds_member", userid="zhangsan", skip_verify=True)
    pair = {"userid": "zhangsan", "external_userid": result["external_userid"]}
    assert "room for 40" in act_error(full_corp, "member_confirms_customer", **pair)
    scale(full_corp, 41)
    act(full_corp, "member_confirms_customer", **pair)
    assert contacts(full_corp) == 41


def test_at_the_limit_a_link_adds_nobody_and_keeps_its_quota(full_corp: Corp) -> None:
    wecom = full_corp.client()
    act(full_corp, "admin_buys_acquisition_quota", amount=5)
    made = wecom.post(LINKS + "create_link", link_name="门店", range={"user_list": ["zhangsan"]})
    result = act(full_corp, "open_acquisition_link", link_id=made["link"]["link_id"])
    assert result["added"] is False
    assert "room for 40" in result["why"]
    assert wecom.get("externalcontact/customer_acquisition_quota")["balance"] == 5
    scale(full_corp, 41)
    assert act(full_corp, "open_acquisition_link", link_id=made["link"]["link_id"])["added"] is True


def test_at_the_limit_no_new_person_can_join_a_group(full_corp: Corp) -> None:
    chat_id = act(full_corp, "member_creates_group", userid="zhangsan")["chat_id"]
    assert "room for 40" in act_error(full_corp, "join_group", chat_id=chat_id)
    customer = full_corp.client().get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    assert act(full_corp, "join_group", chat_id=chat_id, external_userid=customer)["people"] == [customer]
    scale(full_corp, 41)
    act(full_corp, "join_group", chat_id=chat_id)
    assert contacts(full_corp) == 41


def test_at_the_limit_existing_customers_can_be_managed(full_corp: Corp) -> None:
    assert full_corp.client().get("externalcontact/list", userid="zhangsan")["errcode"] == 0


def test_over_the_limit_every_customer_interface_answers_610023(full_corp: Corp) -> None:
    wecom: WeCom = full_corp.client()
    scale(full_corp, 39)
    for operation in ("externalcontact/list", "externalcontact/get_follow_user_list"):
        assert wecom.get(operation, userid="zhangsan")["errcode"] == OVER_SCALE
    reply = wecom.post("externalcontact/get_corp_tag_list")
    assert (reply["errcode"], reply["tag_group"]) == (OVER_SCALE, [])
    assert wecom.get("user/get", userid="zhangsan")["errcode"] == 0, "the directory is no customer interface"
    assert "room for 39" in full_corp.sim("calls", errcode=OVER_SCALE)["calls"][0]["detail"]
    scale(full_corp, None)
    assert wecom.get("externalcontact/list", userid="zhangsan")["errcode"] == 0


@pytest.mark.parametrize("body", [{}, {"limit": -1}, {"limit": "many"}, {"limit": 1, "unknown": 1}])
def test_an_invalid_contact_limit_is_refused(corp: Corp, body: dict[str, Any]) -> None:
    answer = corp.server.sim.put(f"/corps/{corp.corpid}/contact_limit", json=body)
    assert answer.status_code == 422


@pytest.mark.parametrize("way", ["member_adds_customer", "open_acquisition_link", "join_group"])
def test_of_64_concurrent_additions_one_takes_the_last_place(start_server: Any, way: str) -> None:
    first: RunningServer = start_server(rate_limits=False)
    workers = [first]
    if ON_POSTGRESQL:
        workers.append(start_server(database_url=first.settings.database_url, rate_limits=False))
    corp = first.make_corp(seed="demo")
    fields = {"member_adds_customer": {"userid": "zhangsan"}}.get(way) or target_of(corp, way)
    scale(corp, 41)
    answers: list[dict[str, Any]] = []

    def add_contact(worker: RunningServer) -> None:
        address = f"{worker.base_url}/_sim/corps/{corp.corpid}/acts"
        answers.append(httpx.post(address, json={"act": way, **fields}, timeout=120).json())

    threads = [
        threading.Thread(target=add_contact, args=(workers[turn % len(workers)],)) for turn in range(64)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = [answer for answer in answers if "error" not in answer and answer.get("added", True)]
    assert (len(answers), len(result), contacts(corp)) == (64, 1, 41)
    reasons = [answer.get("error") or answer["why"] for answer in answers if answer not in result]
    assert all("room for 41" in why for why in reasons)


def target_of(corp: Corp, way: str) -> dict[str, str]:
    if way == "join_group":
        return {"chat_id": act(corp, "member_creates_group", userid="zhangsan")["chat_id"]}
    act(corp, "admin_buys_acquisition_quota", amount=100)
    users = ["zhangsan", "lisi"]
    made = corp.client().post(LINKS + "create_link", link_name="门店", range={"user_list": users})
    return {"link_id": made["link"]["link_id"]}
