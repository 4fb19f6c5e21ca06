"""What the customer sees at the end of a temporary session."""

from typing import Any

from tests.conftest import Corp
from tests.families.contact_ways.test_scans import LATER, frozen_corp, scan, sessions, wait
from tests.families.contact_ways.ways import new_way
from tests.families.factories import act


def endings(corp: Corp, result: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        item
        for item in corp.sim(f"phones/{result['external_userid']}")["items"]
        if item["kind"] == "conclusions"
    ]


def test_conclusions_arrive_once_when_the_session_is_closed(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    wecom = corp.client()
    result = scan(corp, new_way(wecom, is_temp=True, chat_expires_in=600, conclusions=LATER))
    pair = {"userid": "zhangsan", "external_userid": result["external_userid"]}
    assert endings(corp, result) == []
    codes = [wecom.post("externalcontact/close_temp_chat", **pair)["errcode"] for _ in range(2)]
    assert codes == [0, 84061]
    wait(corp, 601)
    (item,) = endings(corp, result)
    assert (item["from"], item["at"]) == ("zhangsan", sessions(corp)[0]["ended_at"])
    assert item["body"] == {
        "text": LATER["text"],
        "attachments": [{"msgtype": "image", "image": LATER["image"]}],
    }


def test_conclusions_arrive_once_when_the_session_expires(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    wecom = corp.client()
    result = scan(corp, new_way(wecom, is_temp=True, chat_expires_in=600, conclusions=LATER))
    wait(corp, 599)
    assert endings(corp, result) == []
    wait(corp, 1)
    (item,) = endings(corp, result)
    assert item["at"] == result["chat_expires_at"] == sessions(corp)[0]["ended_at"]
    assert (
        wecom.post(
            "externalcontact/close_temp_chat",
            **{"userid": "zhangsan", "external_userid": result["external_userid"]},
        )["errcode"]
        == 84061
    )
    wait(corp, 6000)
    assert len(endings(corp, result)) == 1


def test_sessions_of_one_customer_each_end_with_their_own_conclusions(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    wecom = corp.client()
    first, second, third = (
        new_way(wecom, is_temp=True, chat_expires_in=600, conclusions={"text": {"content": text}})
        for text in ("一", "二", "三")
    )
    result = scan(corp, first)
    pair = {"userid": "zhangsan", "external_userid": result["external_userid"]}
    assert wecom.post("externalcontact/close_temp_chat", **pair)["errcode"] == 0
    scan(corp, second, external_userid=pair["external_userid"])  # ends when the first would have
    wait(corp, 600)
    scan(corp, third, external_userid=pair["external_userid"])
    wait(corp, 600)
    assert [item["body"]["text"]["content"] for item in endings(corp, result)] == ["一", "二", "三"]


def test_a_session_that_ended_with_the_relation_has_no_conclusions(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    result = scan(corp, new_way(corp.client(), is_temp=True, chat_expires_in=600, conclusions=LATER))
    pair = {"userid": "zhangsan", "external_userid": result["external_userid"]}
    act(corp, "customer_deletes_member", **pair)
    wait(corp, 601)
    assert endings(corp, result) == []


def test_a_way_without_conclusions_ends_silently(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    result = scan(corp, new_way(corp.client(), is_temp=True, chat_expires_in=600))
    wait(corp, 601)
    assert endings(corp, result) == []
