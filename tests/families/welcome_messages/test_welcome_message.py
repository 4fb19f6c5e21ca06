"""send_welcome_msg: what arrives, who is first, how long a code works, what else refuses it."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, Corp, WeCom
from tests.families.contact_ways.test_scans import frozen_corp, wait
from tests.families.contact_ways.ways import new_way
from tests.families.factories import act
from wecom_tollbooth.families.relations.tables import WELCOME_CODE

SEND = "externalcontact/send_welcome_msg"
LINK = {
    "title": "新茶",
    "url": "https://tea.example/new",
    "picurl": "https://tea.example/1.png",
    "desc": "上市",
}
MINIPROGRAM = {"title": "点单", "pic_media_id": "MEDIA", "appid": "wx8bd80126147dfAAA", "page": "/order"}
EVERY_KIND = [
    {"msgtype": "image", "image": {"media_id": "MEDIA"}},
    {"msgtype": "link", "link": LINK},
    {"msgtype": "miniprogram", "miniprogram": MINIPROGRAM},
    {"msgtype": "video", "video": {"media_id": "MEDIA"}},
    {"msgtype": "file", "file": {"media_id": "MEDIA"}},
]


def add(corp: Corp, **fields: Any) -> dict[str, Any]:
    return act(corp, "member_adds_customer", userid="zhangsan", **fields)


def pair(added: dict[str, Any]) -> dict[str, str]:
    return {"userid": added["userid"], "external_userid": added["external_userid"]}


def codes_of(corp: Corp, added: dict[str, Any]) -> dict[int, str | None]:
    """The code that each app got for this act."""
    callbacks = corp.sim("callbacks", limit=1000)["callbacks"]
    return {
        callback["agentid"]: ElementTree.fromstring(callback["xml"]).findtext("WelcomeCode")
        for callback in callbacks
        if callback["id"] in added["callbacks"]
    }


def send(wecom: WeCom, code: str | None, text: str = "欢迎光临", **fields: Any) -> int:
    return int(wecom.post(SEND, welcome_code=code, text={"content": text}, **fields)["errcode"])


def phone(corp: Corp, person: str) -> list[dict[str, Any]]:
    return list(corp.sim(f"phones/{person}")["items"])


def test_the_customer_sees_text_and_attachments_from_the_member(corp: Corp, wecom: WeCom) -> None:
    added = add(corp)
    assert send(wecom, added["welcome_code"], attachments=EVERY_KIND) == 0
    (item,) = phone(corp, added["external_userid"])
    assert (item["kind"], item["from"], item["state"]) == ("welcome", "zhangsan", "delivered")
    assert item["body"] == {"text": {"content": "欢迎光临"}, "attachments": EVERY_KIND}
    assert phone(corp, "zhangsan") == []


def test_a_welcome_is_no_message_of_the_member_in_the_statistics(corp: Corp, wecom: WeCom) -> None:
    def counts() -> dict[str, Any]:
        now = corp.server.sim.get("/clock").json()["now"]
        body = {"userid": ["zhangsan"], "start_time": now - 86_400, "end_time": now}
        return dict(wecom.post("externalcontact/get_user_behavior_data", body))

    added = add(corp)
    before = counts()
    assert send(wecom, added["welcome_code"]) == 0
    assert counts() == before


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        ({}, 40063),
        ({"text": {"content": ""}, "attachments": []}, 40063),
        ({"text": {"content": "茶" * 1334}}, 40058),
        ({"attachments": EVERY_KIND * 2}, 41064),
        ({"attachments": [{"msgtype": "voice"}]}, 41065),
        ({"attachments": [{"msgtype": "image", "link": LINK}]}, 40063),
        ({"attachments": [{"msgtype": "link", "link": {**LINK, "title": ""}}]}, 40063),
        ({"attachments": [{"msgtype": "link", "link": {**LINK, "title": "茶" * 43}}]}, 40058),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "没有"}}]}, 40007),
    ],
)
def test_unfit_content_is_refused_and_leaves_the_code_unused(
    corp: Corp, wecom: WeCom, content: dict[str, Any], errcode: int
) -> None:
    code = add(corp)["welcome_code"]
    assert wecom.post(SEND, {"welcome_code": code, **content})["errcode"] == errcode
    assert send(wecom, code, "茶" * 1333) == 0


def test_the_longest_text_and_nine_attachments_are_sent(corp: Corp, wecom: WeCom) -> None:
    nine = (EVERY_KIND * 2)[:9]
    added = add(corp)
    assert send(wecom, added["welcome_code"], "a" * 4000, attachments=nine) == 0
    assert len(phone(corp, added["external_userid"])[0]["body"]["attachments"]) == 9


def test_the_older_form_counts_without_attachments_and_has_one_of_three(corp: Corp, wecom: WeCom) -> None:
    older: dict[str, Any] = {"image": {"media_id": ""}, "link": LINK, "miniprogram": MINIPROGRAM}
    first, second = add(corp), add(corp)
    assert send(wecom, first["welcome_code"], **older) == 0
    assert send(wecom, second["welcome_code"], **older, attachments=EVERY_KIND[3:4]) == 0
    shown = [phone(corp, added["external_userid"])[0]["body"]["attachments"] for added in (first, second)]
    assert shown == [[{"msgtype": "link", "link": LINK}], EVERY_KIND[3:4]]


def test_a_missing_code_answers_41049_and_an_unknown_one_41050(wecom: WeCom) -> None:
    text = {"content": "欢迎"}
    assert wecom.post(SEND, text=text)["errcode"] == 41049
    assert wecom.post(SEND, text=text, welcome_code="")["errcode"] == 41049
    reply = wecom.post(SEND, text=text, welcome_code="CODE")
    assert (reply["errcode"], reply["errmsg"].startswith("invalid welcome code")) == (41050, True)


def test_a_second_use_answers_41051_and_shows_nothing(corp: Corp, wecom: WeCom) -> None:
    added = add(corp)
    assert [send(wecom, added["welcome_code"]) for _ in range(3)] == [0, 41051, 41051]
    assert len(phone(corp, added["external_userid"])) == 1


def test_a_code_works_for_20_seconds_of_the_clock(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    wecom = corp.client()
    in_time, late = add(corp), add(corp)
    wait(corp, 20)
    assert send(wecom, in_time["welcome_code"]) == 0
    wait(corp, 1)
    assert send(wecom, late["welcome_code"]) == 41050
    assert send(wecom, in_time["welcome_code"]) == 41051, "it was delivered, and stays so"
    assert phone(corp, late["external_userid"]) == []


@pytest.mark.parametrize("sender", ["customer_sends_message", "member_sends_message"])
def test_who_has_begun_to_talk_is_not_greeted(corp: Corp, wecom: WeCom, sender: str) -> None:
    added = add(corp)
    act(corp, sender, **pair(added), text="你好")
    reply = wecom.post(SEND, welcome_code=added["welcome_code"], text={"content": "欢迎"})
    assert (reply["errcode"], "started chatting" in reply["errmsg"]) == (41051, True)


@pytest.mark.parametrize("deletes", ["customer_deletes_member", "member_deletes_customer"])
def test_a_code_ends_with_the_relation_and_the_next_has_its_own(
    corp: Corp, wecom: WeCom, deletes: str
) -> None:
    added = add(corp)
    act(corp, deletes, **pair(added))
    assert send(wecom, added["welcome_code"]) == 41050
    again = add(corp, external_userid=added["external_userid"])
    assert send(wecom, again["welcome_code"]) == 0
    act(corp, deletes, **pair(added))
    again = add(corp, external_userid=added["external_userid"])
    assert send(wecom, again["welcome_code"], "欢迎回来") == 0
    texts = [item["body"]["text"]["content"] for item in phone(corp, added["external_userid"])]
    assert texts == ["欢迎光临", "欢迎回来"]


def test_the_code_of_another_app_is_unknown(corp: Corp, wecom: WeCom) -> None:
    other = corp.client(corp.new_app(name="另一个"))
    added = add(corp)
    codes = codes_of(corp, added)
    assert codes[wecom.agentid] != codes[other.agentid]
    assert send(other, codes[wecom.agentid]) == 41050
    assert send(wecom, codes[wecom.agentid]) == 0
    assert send(other, codes[other.agentid]) == 41051


def test_a_code_of_the_customer_contact_callback_works_for_each_app_of_the_corp(corp: Corp) -> None:
    """MarketGo receives that callback and greets the customer with the token of its own app."""
    contact = corp.client(corp.new_app(name="客户联系", kind="customer_contact_legacy"))
    own, unlisted = corp.client(), corp.client(corp.app_of_kind("self_built_unlisted"))
    code = codes_of(corp, add(corp))[contact.agentid]
    assert send(unlisted, code) == 48002
    assert send(own, code) == 0
    assert send(contact, code) == 41051


def test_a_member_who_went_out_of_sight_sends_nothing(corp: Corp, wecom: WeCom) -> None:
    added = add(corp)
    with corp.server.server.database.transaction() as tx:
        tx.execute(
            sa.text("UPDATE app SET visible = :range WHERE corp_id = :corp AND agentid = :agentid"),
            {"range": '{"userid": ["lisi"], "partyid": []}', "corp": corp.corpid, "agentid": wecom.agentid},
        )
    assert send(corp.client(), added["welcome_code"]) == 60011


# --- what an admin has set -------------------------------------------------------------------------------


def test_the_welcome_of_an_admin_greets_in_place_of_a_code(corp: Corp, wecom: WeCom) -> None:
    act(corp, "admin_sets_welcome_message", userid="ZhangSan", text="欢迎关注山茶小铺")
    added = add(corp)
    assert "welcome_code" not in added
    assert set(codes_of(corp, added).values()) == {None}
    (item,) = phone(corp, added["external_userid"])
    assert (item["kind"], item["from"]) == ("welcome", "zhangsan")
    assert item["body"] == {"text": {"content": "欢迎关注山茶小铺"}}
    assert send(wecom, act(corp, "member_adds_customer", userid="lisi")["welcome_code"]) == 0
    act(corp, "admin_sets_welcome_message", userid="zhangsan", text="")
    assert send(wecom, add(corp)["welcome_code"]) == 0


def test_admins_who_set_a_welcome_at_once_all_succeed(corp: Corp) -> None:
    def set_welcome(number: int) -> str:
        text = f"欢迎 {number}" if number else ""
        return str(act(corp, "admin_sets_welcome_message", userid="zhangsan", text=text)["userid"])

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(set_welcome, [1, 2, 0, 3, 4] * 6)) == {"zhangsan"}


def test_a_half_contact_gets_the_welcome_of_an_admin_once_and_a_wecom_contact_never(corp: Corp) -> None:
    act(corp, "admin_sets_welcome_message", userid="zhangsan", text="欢迎")
    half = act(corp, "customer_adds_member", userid="zhangsan", skip_verify=True)
    confirmed = act(corp, "member_confirms_customer", **pair(half))
    assert set(codes_of(corp, confirmed).values()) == {None}
    assert len(phone(corp, half["external_userid"])) == 1
    assert phone(corp, add(corp, type=2, corp_name="甲乙商贸")["external_userid"]) == []


# --- half contacts, ways and links -----------------------------------------------------------------------


def test_a_half_contact_is_greeted_and_gets_no_second_code(corp: Corp, wecom: WeCom) -> None:
    half = act(corp, "customer_adds_member", userid="zhangsan", skip_verify=True)
    assert send(wecom, half["welcome_code"]) == 0
    confirmed = act(corp, "member_confirms_customer", **pair(half))
    assert "welcome_code" not in confirmed
    assert set(codes_of(corp, confirmed).values()) == {None}


def test_an_ungreeted_half_contact_gets_a_second_code_and_one_of_both_works(corp: Corp, wecom: WeCom) -> None:
    for used_first in (0, 1):
        half = act(corp, "customer_adds_member", userid="zhangsan", skip_verify=True)
        confirmed = act(corp, "member_confirms_customer", **pair(half))
        codes = [half["welcome_code"], confirmed["welcome_code"]]
        assert send(wecom, codes[used_first]) == 0
        assert send(wecom, codes[1 - used_first]) == 41051


def ways_to_be_added(corp: Corp, wecom: WeCom) -> dict[str, Callable[[], dict[str, Any]]]:
    way, unverified = new_way(wecom, state="海报"), new_way(wecom, skip_verify=True)
    temporary = new_way(wecom, is_temp=True)
    made = wecom.post(
        "externalcontact/customer_acquisition/create_link",
        link_name="官网",
        range={"user_list": ["zhangsan"]},
    )
    act(corp, "admin_buys_acquisition_quota", amount=10)
    return {
        "way": lambda: act(corp, "scan_contact_way", config_id=way),
        "half": lambda: act(corp, "scan_contact_way", config_id=unverified, member_confirms=False),
        "temporary": lambda: act(corp, "scan_contact_way", config_id=temporary),
        "link": lambda: act(corp, "open_acquisition_link", link_id=made["link"]["link_id"]),
        "customer": lambda: act(corp, "customer_adds_member", userid="zhangsan"),
        "member": lambda: add(corp),
    }


def test_every_way_to_be_added_brings_a_code_that_works(corp: Corp, wecom: WeCom) -> None:
    for name, comes in ways_to_be_added(corp, wecom).items():
        added = comes()
        assert send(wecom, codes_of(corp, added)[wecom.agentid], name) == 0, name
        assert [item["kind"] for item in phone(corp, added["external_userid"])] == ["welcome"]


# --- at once ---------------------------------------------------------------------------------------------


def at_once(calls: Sequence[Callable[[], int]]) -> Counter[int]:
    with ThreadPoolExecutor(len(calls)) as threads:
        return Counter(threads.map(lambda call: call(), calls))


@pytest.fixture
def unthrottled(start_server: Any) -> Corp:
    """A corp of a server that allows 100 parallel calls per operation."""
    corp: Corp = start_server(limit_concurrency=100).make_corp(seed="demo")
    return corp


def test_of_16_apps_at_once_exactly_one_greets(unthrottled: Corp) -> None:
    corp = unthrottled
    apps = [corp.new_app(name=f"应用{number}") for number in range(16)]
    clients = [corp.client(app) for app in apps]
    added = add(corp)
    codes = codes_of(corp, added)
    calls = [partial(send, client, codes[client.agentid], str(client.agentid)) for client in clients]
    outcome = at_once(calls)
    assert outcome[0] == 1
    assert set(outcome) <= ({0, 41051, 41096} if ON_POSTGRESQL else {0, 41051})
    (item,) = phone(corp, added["external_userid"])
    assert item["body"]["text"]["content"] in {str(client.agentid) for client in clients}
    assert {send(client, codes[client.agentid]) for client in clients} == {41051}


def test_of_16_uses_of_one_code_at_once_exactly_one_greets(unthrottled: Corp) -> None:
    corp, wecom = unthrottled, unthrottled.client()
    added = add(corp)
    outcome = at_once([lambda: send(wecom, added["welcome_code"])] * 16)
    assert outcome[0] == 1
    assert set(outcome) <= ({0, 41051, 41096} if ON_POSTGRESQL else {0, 41051})
    assert len(phone(corp, added["external_userid"])) == 1


if ON_POSTGRESQL:  # SQLite runs calls one after the other: none overlap

    def test_while_another_call_is_sending_the_answer_is_41096(corp: Corp, wecom: WeCom) -> None:
        added = add(corp)
        with corp.server.server.database.engine.connect() as other:
            other.execute(
                sa.select(WELCOME_CODE)
                .where(
                    WELCOME_CODE.c.corp_id == corp.corpid,
                    WELCOME_CODE.c.external_userid == added["external_userid"],
                )
                .with_for_update()
            )
            reply = wecom.post(SEND, welcome_code=added["welcome_code"], text={"content": "欢迎"})
            assert (reply["errcode"], "being distributed" in reply["errmsg"]) == (41096, True)
            other.rollback()
        assert send(wecom, added["welcome_code"]) == 0, "41096 may be tried again"
