"""The recipes in HTTP of docs/recipes: every call runs, and each problem described really occurs."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.callbacks.receiver import Query
from tests.callbacks.steps import wait_until
from tests.conftest import RunningServer
from tests.project.markdown import DOCS, blocks
from tests.scenarios.cooking import OPENING, PAGES, RECIPES, Cook
from wecom_tollbooth.callbacks import crypto

BATCH, GET = "externalcontact/batch/get_by_user", "externalcontact/get"


@pytest.fixture
def cook(server: RunningServer, start_server: Any) -> Iterator[Callable[[str], Cook]]:
    """`cook(heading)` runs the recipe: on the shared server, or its own if it needs settings or the clock."""
    cooks: list[Cook] = []

    def follow(heading: str) -> Cook:
        steps = RECIPES[heading]
        settings = dict(re.findall(r"^TOLLBOOTH_(\w+)=(\S+)$", steps[0].text, re.MULTILINE))
        chosen = {
            name.lower(): int(value) if value.isdigit() else value == "on" for name, value in settings.items()
        }
        own = chosen or any("/_sim/clock" in step.text for step in steps)
        cooks.append(Cook(start_server(**chosen) if own else server))
        cooks[-1].follow([*OPENING, *steps])
        return cooks[-1]

    yield follow
    for each in cooks:
        each.receiver.close()


# --- the recipes, in their order -------------------------------------------------------------------------


def test_a_member_without_customers_answers_an_error_instead_of_an_empty_list(
    cook: Callable[[str], Cook],
) -> None:
    done = cook("A member without customers answers 84061")
    assert done.answers[-1]["external_userid"] == []


def test_the_relation_decides_between_0_and_84061(cook: Callable[[str], Cook]) -> None:
    done = cook("An id is wrong, or its relation is over")
    left = done.corp.client().get("externalcontact/list", userid="zhangsan")["external_userid"]
    assert done.seen["external_userid"] not in left


def test_gettoken_accepts_every_secret_and_the_first_call_refuses(cook: Callable[[str], Cook]) -> None:
    done = cook("The wrong secret answers 48002, 48009 or 60011")
    refused = done.corp.sim("calls", refused=True)["calls"]
    assert [call["answer"]["errcode"] for call in refused] == [60011, 48009, 48002]
    assert all(call["detail"] for call in refused)


def test_reading_only_first_pages_misses_customers_and_followers(
    cook: Callable[[str], Cook], server: RunningServer
) -> None:
    done = cook("Only the first page is read")
    assert len(done.answers[-1]["external_contact_list"]) == 1
    wecom = done.corp.client()
    body = {"userid_list": ["zhangsan"], "limit": 1}
    read, cursor = 0, ""
    while page := wecom.post(BATCH, **body, cursor=cursor):
        read += len(page["external_contact_list"])
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert read == len(wecom.get("externalcontact/list", userid="zhangsan")["external_userid"])
    large = server.make_corp(seed="demo", members=1, customers=101).client()
    (member,) = large.get("externalcontact/get_follow_user_list")["follow_user"]
    clamped = large.post(BATCH, userid_list=[member], limit=1000)
    assert len(clamped["external_contact_list"]) == 100
    assert clamped["next_cursor"]


def test_a_customer_of_501_members_has_two_pages_of_followers(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=501, customers=0)
    wecom = corp.client()
    customer = None
    for userid in wecom.get("externalcontact/get_follow_user_list")["follow_user"]:
        fields = {"userid": userid} | ({"external_userid": customer} if customer else {})
        answer = server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": "member_adds_customer", **fields})
        customer = answer.json()["external_userid"]
    first = wecom.get(GET, external_userid=customer)
    second = wecom.get(GET, external_userid=customer, cursor=first["next_cursor"])
    assert [len(page["follow_user"]) for page in (first, second)] == [500, 1]
    assert not second.get("next_cursor")


def test_a_personal_tag_has_no_id_and_an_empty_tag_id_is_refused(cook: Callable[[str], Cook]) -> None:
    done = cook("Tags come without an id, and empty ids are refused")
    (follow,) = done.corp.client().get(GET, external_userid=done.seen["external_userid"])["follow_user"]
    assert all("tag_id" not in tag for tag in follow["tags"])
    tag = {"group_id": "", "group_name": "来源二", "tag": [{"name": "展会"}]}
    made = done.corp.client().post("externalcontact/add_corp_tag", tag)
    assert made["errcode"] == 0
    fresh = made["tag_group"]["tag"][0]["id"]
    pair = {"userid": "zhangsan", "external_userid": done.seen["external_userid"]}
    assert done.corp.client().post("externalcontact/mark_tag", **pair, add_tag=[fresh])["errcode"] == 0


def test_fields_differ_by_the_type_of_the_contact(cook: Callable[[str], Cook]) -> None:
    done = cook("A field changes its type or is absent")
    assert "Warning: wrong json format" in done.answers[-2]["errmsg"]
    wechat = done.act("member_adds_customer", userid="zhangsan")["external_userid"]
    reply = done.corp.client().get(GET, external_userid=wechat)
    assert reply["external_contact"].keys().isdisjoint({"corp_name", "external_profile"})
    assert reply["follow_user"][0]["remark_mobiles"] == []


def test_a_refused_callback_address_says_which_check_failed(cook: Callable[[str], Cook]) -> None:
    done = cook("The callback address is not accepted")
    app = done.corp.apps[0]
    path = f"/corps/{done.corp.corpid}/apps/{app['agentid']}/callback"
    bad: dict[str, Callable[[Query], bytes]] = {
        "white space": lambda query: done.open_echo(query) + b"\n",
        "EncodingAESKey": lambda query: b"42",
        "HTML": lambda query: b"<html>login</html>",
        "signature or the receiveid": lambda query: b"",
    }
    for says, answer in bad.items():
        done.receiver.on_verify = answer
        refused = done.server.sim.put(path, json={"url": done.receiver.url})
        assert refused.status_code == 422
        assert says in refused.json()["error"]


def test_a_passive_reply_is_shown_or_says_why_not(cook: Callable[[str], Cook]) -> None:
    done = cook("A reply to a member's message never arrives")
    corp, app = done.corp, done.corp.apps[0]
    plain = (
        f"<xml><ToUserName>zhangsan</ToUserName><FromUserName>{corp.corpid}</FromUserName>"
        "<CreateTime>1348831860</CreateTime><MsgType>text</MsgType><Content>九点</Content></xml>"
    )
    encrypted = crypto.encrypt(app["encoding_aes_key"], plain.encode(), corp.corpid, b"0123456789abcdef")
    signature = crypto.signature(app["callback_token"], "1", "2", encrypted)
    sealed = (
        f"<xml><Encrypt>{encrypted}</Encrypt><MsgSignature>{signature}</MsgSignature>"
        "<TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>"
    )

    def outcome(answer: str) -> Any:
        done.receiver.on_post = lambda query, body: answer.encode()
        message = {"agentid": app["agentid"], "userid": "zhangsan", "content": "几点开门？"}
        done.act("member_sends_app_message", **message)
        wait_until(lambda: not corp.sim("callbacks", state="waiting")["callbacks"])
        return corp.sim("callbacks")["callbacks"][-1]["attempts"][-1]["reply"]

    assert "not encrypted" in outcome(plain)["reason_en"]
    assert outcome(sealed) == {"shown": True}
    items = corp.sim("phones/zhangsan")["items"]
    (reply,) = [item for item in items if item["kind"] == "passive_reply"]
    assert reply["body"]["text"] == {"content": "九点"}


def test_an_app_that_sees_nobody_gets_an_empty_success(cook: Callable[[str], Cook]) -> None:
    done = cook("A sync succeeds and is empty")
    everything = done.corp.client().post(BATCH, userid_list=["zhangsan"])
    assert everything["external_contact_list"], "zhangsan has customers"


def test_a_webhook_has_its_own_rules(cook: Callable[[str], Cook]) -> None:
    done = cook("A webhook refuses what add_records takes")
    added = next(reply["add_records"][0] for reply in done.answers if reply.get("add_records"))
    change = {"record_id": added["record_id"], "values": {done.seen["field_id"]: []}}
    address = f"{done.server.base_url}/cgi-bin/wedoc/smartsheet/webhook"
    answer = httpx.post(address, params={"key": done.seen["key"]}, json={"update_records": [change]})
    assert answer.json()["errcode"] == 0, "the webhook may change rows that it added"


def test_a_message_reaches_only_some(cook: Callable[[str], Cook]) -> None:
    done = cook("An app's message doesn't reach everybody")
    (seen,) = [reply["items"] for reply in done.answers if "items" in reply]
    got = [item["body"] for item in seen if item["kind"] == "app_message"]
    assert [body["text"]["content"] for body in got] == ["门店 3 缺货"]


def test_a_card_changes_once_for_each_code(cook: Callable[[str], Cook]) -> None:
    done = cook("A card that somebody pressed doesn't change")
    (after,) = [reply["items"][-1] for reply in done.answers if "items" in reply]
    assert (after["state"], after["body"]["template_card"]["replace_text"]) == ("updated", "李四已同意")
    assert "<EventKey><![CDATA[yes]]></EventKey>" in done.corp.sim("callbacks")["callbacks"][-1]["xml"]


def test_a_robot_loses_what_is_over_the_limit(cook: Callable[[str], Cook]) -> None:
    done = cook("A group robot loses messages")
    (seen,) = [reply["items"] for reply in done.answers if "items" in reply]
    of_robots = [item["body"] for item in seen if item["kind"] == "robot_message"]
    assert [body["mentioned"] for body in of_robots] == [["lisi"]]
    now = [one["body"] for one in done.corp.sim("phones/lisi")["items"] if one["kind"] == "robot_message"]
    assert [body["msgtype"] for body in now] == ["text", "markdown"], "two of the four arrived"


# --- the documents ---------------------------------------------------------------------------------------


def test_a_provider_is_refused_unlicensed_members_and_all_after_a_month(
    cook: Callable[[str], Cook],
) -> None:
    done = cook("Members without a licence are missing")
    shown = next(answer for answer in done.answers if "fail_info" in answer)
    assert {entry["follow_info"]["userid"] for entry in shown["external_contact_list"]} == {"lisi"}
    everybody = done.corp.client().post(BATCH, userid_list=["zhangsan", "lisi"], limit=100)
    assert {entry["follow_info"]["userid"] for entry in everybody["external_contact_list"]} == {
        "zhangsan",
        "lisi",
    }


def test_every_recipe_has_a_test() -> None:
    text = (DOCS.parent / "tests/scenarios/test_recipes.py").read_text(encoding="utf-8")
    assert [heading for heading in RECIPES if f'cook("{heading}")' not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_recipes_have_the_same_calls_in_both_languages(page: Path) -> None:
    assert blocks(page) == blocks(page.with_name(f"{page.stem}.zh-CN.md"))
