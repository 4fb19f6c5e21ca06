"""Any value in any field of a message of any type: none causes a system error."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import ON_POSTGRESQL, RunningServer, WeCom
from tests.families.app_messages.cards import BUTTONS, NEWS, NOTICE, SELECTS, TASK, VOTE, app_with_address
from tests.families.app_messages.test_send import ARTICLE, CARD, MEDIA, MP_ARTICLE
from tests.in_process import InProcess

MENU = {"action_list": [{"text": "接受推送", "key": "A"}]}
ITEMS = [{"key": "会议室", "value": "402"}]
PARTS: list[tuple[str, dict[str, Any]]] = [
    ("text", {"content": "$userName=lisi$"}),
    ("image", MEDIA),
    ("video", {**MEDIA, "title": "片头", "description": "说明"}),
    ("textcard", CARD),
    ("news", {"articles": [{**ARTICLE, "appid": "wx1", "pagepath": "a", "picurl": "b", "description": "c"}]}),
    ("mpnews", {"articles": [{**MP_ARTICLE, "author": "小王", "digest": "摘要"}]}),
    ("miniprogram_notice", {"appid": "wx1", "title": "会议室预订", "page": "a", "content_item": ITEMS}),
    ("interactive_taskcard", TASK),
    ("template_card", {**NOTICE, "action_menu": MENU, "task_id": "n-1"}),
    ("template_card", {**NEWS, "image_text_area": {"type": 1, "url": "a", "image_url": "b"}}),
    ("template_card", BUTTONS),
    ("template_card", VOTE),
    ("template_card", SELECTS),
]
HOSTILE: list[Any] = [
    "字" * 5_000,
    2**63 - 1,
    *([] if ON_POSTGRESQL else ["", -1, 1.5, [], {}, [{"a": 1}]]),
]


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths to everything in the part."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inner:
        yield from places(one, (*path, step))


def changed(part: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    whole = copy.deepcopy(part)
    holder: Any = whole
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return whole


@pytest.fixture(scope="module")
def app(server: RunningServer) -> WeCom:
    return app_with_address(server.make_corp(seed="demo"))


@pytest.mark.parametrize(
    ("msgtype", "part"), PARTS, ids=[part.get("card_type", name) for name, part in PARTS]
)
def test_no_value_in_a_part_causes_a_system_error(app: WeCom, msgtype: str, part: dict[str, Any]) -> None:
    api = InProcess(app.corp.server)
    about = {"touser": "lisi", "msgtype": msgtype, "agentid": app.agentid, "enable_id_trans": 1}
    for path in places(part):
        for value in HOSTILE:
            body = json.dumps({**about, msgtype: changed(part, path, value)}).encode()
            answer = api.request("POST", "/cgi-bin/message/send", {"access_token": app.token}, body)
            assert answer.json()["errcode"] != -1, (path, value)
    api.close()
