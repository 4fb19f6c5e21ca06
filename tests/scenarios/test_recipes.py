"""The recipes in HTTP of docs/recipes: every call runs, and each problem described really occurs."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

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


def test_every_recipe_has_a_test() -> None:
    text = (DOCS.parent / "tests/scenarios/test_recipes.py").read_text(encoding="utf-8")
    assert [heading for heading in RECIPES if f'cook("{heading}")' not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_recipes_have_the_same_calls_in_both_languages(page: Path) -> None:
    assert blocks(page) == blocks(page.with_name(f"{page.stem}.zh-CN.md"))
