"""Templates of group welcomes: their content, whose they are, how many, and what joining customers see."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, act_error, customers_of
from tests.families.welcome_messages.test_welcome_message import EVERY_KIND, LINK, MINIPROGRAM, phone

TEMPLATE = "externalcontact/group_welcome_template"
HELLO = {"content": "亲爱的%NICKNAME%，欢迎%NICKNAME%"}
PARTS = {kind["msgtype"]: kind[kind["msgtype"]] for kind in EVERY_KIND}  # type: ignore[index]


def add(wecom: WeCom, **fields: Any) -> str:
    reply = wecom.post(f"{TEMPLATE}/add", {"text": HELLO, **fields})
    assert reply["errcode"] == 0, reply
    return str(reply["template_id"])


def get(wecom: WeCom, template_id: str) -> dict[str, Any]:
    reply = wecom.post(f"{TEMPLATE}/get", template_id=template_id)
    assert reply["errcode"] == 0, reply
    return {key: value for key, value in reply.items() if key not in ("errcode", "errmsg")}


def errcode(wecom: WeCom, what: str, **fields: Any) -> int:
    return int(wecom.post(f"{TEMPLATE}/{what}", fields)["errcode"])


def new_group(corp: Corp, userid: str = "zhangsan") -> str:
    return str(act(corp, "member_creates_group", userid=userid)["chat_id"])


def apply(corp: Corp, chat_id: str, template_id: str) -> None:
    act(corp, "member_applies_group_welcome", chat_id=chat_id, template_id=template_id)


def welcomes(corp: Corp, person: str) -> list[dict[str, Any]]:
    return [item for item in phone(corp, person) if item["kind"] == "group_welcome"]


# --- content ---------------------------------------------------------------------------------------------


def test_a_template_is_read_as_it_was_written(wecom: WeCom) -> None:
    template_id = add(wecom, link=LINK)
    assert template_id.startswith("msg")
    assert get(wecom, template_id) == {"text": HELLO, "link": LINK}


def test_an_image_is_shown_by_its_address(wecom: WeCom) -> None:
    given = {"media_id": "MEDIA", "pic_url": "http://p.qpic.cn/pic_wework/1/0"}
    by_media_id = get(wecom, add(wecom, image=given))["image"]
    assert list(by_media_id) == ["pic_url"]
    assert by_media_id["pic_url"] != given["pic_url"], "media_id counts before pic_url"
    by_url = get(wecom, add(wecom, image={"pic_url": given["pic_url"]}))["image"]
    assert by_url == {"pic_url": given["pic_url"]}


@pytest.mark.parametrize("first", range(5))
def test_of_several_attachments_the_first_in_the_pages_order_counts(wecom: WeCom, first: int) -> None:
    order = ["image", "link", "miniprogram", "file", "video"]
    given = {kind: PARTS[kind] for kind in order[first:]}
    assert set(get(wecom, add(wecom, **given))) == {"text", order[first]}


def test_empty_parts_count_as_absent(wecom: WeCom) -> None:
    given = {"image": {"media_id": "", "pic_url": ""}, "link": {}, "video": {"media_id": "MEDIA"}}
    assert set(get(wecom, add(wecom, **given))) == {"text", "video"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({}, 40063),
        ({"text": {"content": ""}, "image": {"media_id": ""}}, 40063),
        ({"text": {"content": "茶" * 1001}}, 40058),
        ({"link": {"title": "新茶"}}, 40063),
        ({"link": {**LINK, "desc": "茶" * 171}}, 40058),
        ({"miniprogram": {**MINIPROGRAM, "title": "茶" * 22}}, 40058),
        ({"file": {"media_id": "没有"}}, 40007),
        ({"text": HELLO, "notify": 2}, 40058),
    ],
)
def test_unfit_content_is_refused(wecom: WeCom, content: dict[str, Any], code: int) -> None:
    assert errcode(wecom, "add", **content) == code
    if "notify" not in content:
        template_id = add(wecom, text={"content": "茶" * 1000})
        assert errcode(wecom, "edit", template_id=template_id, **content) == code
        assert get(wecom, template_id) == {"text": {"content": "茶" * 1000}}


def test_an_edit_replaces_the_whole_content(wecom: WeCom) -> None:
    template_id = add(wecom, image={"media_id": "MEDIA"})
    assert errcode(wecom, "edit", template_id=template_id, link=LINK) == 0
    assert get(wecom, template_id) == {"link": LINK}


def test_only_the_app_that_made_a_template_changes_it(corp: Corp, wecom: WeCom) -> None:
    other = corp.client(corp.new_app(name="另一个"))
    template_id = add(wecom)
    assert get(other, template_id) == {"text": HELLO}
    assert errcode(other, "edit", template_id=template_id, text=HELLO) == 41058
    assert errcode(other, "del", template_id=template_id) == 41058
    assert errcode(wecom, "del", template_id=template_id, agentid=1000014) == 0


def test_an_unknown_or_deleted_template_answers_40037(wecom: WeCom) -> None:
    deleted = add(wecom)
    assert errcode(wecom, "del", template_id=deleted) == 0
    for template_id in ("msgNONE", deleted, ""):
        for what in ("get", "edit", "del"):
            assert errcode(wecom, what, template_id=template_id, text=HELLO) == 40037, what


# --- 100 of a corp ---------------------------------------------------------------------------------------


def test_a_corp_has_at_most_100_templates(start_server: Any) -> None:
    corp: Corp = start_server(limit_concurrency=100).make_corp(seed="demo")
    wecom = corp.client()
    made = [add(wecom, notify=0) for _ in range(95)]
    with ThreadPoolExecutor(8) as threads:
        at_once = Counter(threads.map(lambda _: errcode(wecom, "add", text=HELLO, notify=0), range(12)))
    assert at_once == {0: 5, 41055: 7}
    assert errcode(corp.client(corp.new_app(name="另一个")), "add", text=HELLO) == 41055
    assert errcode(wecom, "del", template_id=made[50]) == 0
    assert errcode(wecom, "add", text=HELLO) == 0
    assert errcode(wecom, "add", text=HELLO) == 41055


# --- what members see ------------------------------------------------------------------------------------


def tasks(corp: Corp, userid: str) -> list[dict[str, Any]]:
    return [item for item in phone(corp, userid) if item["kind"] == "group_welcome_task"]


def test_owners_of_groups_whom_the_app_sees_are_notified(corp: Corp, wecom: WeCom) -> None:
    for owner in ("zhangsan", "lisi"):
        new_group(corp, owner)
    narrow = corp.client(corp.new_app(name="只看李四", visible={"userid": ["lisi"], "partyid": []}))
    everybody, of_lisi, silent = add(wecom), add(narrow, notify=1), add(wecom, notify=0)
    assert silent
    assert [item["body"]["template_id"] for item in tasks(corp, "zhangsan")] == [everybody]
    seen = tasks(corp, "lisi")
    assert [item["body"]["template_id"] for item in seen] == [everybody, of_lisi]
    assert [item["from"] for item in seen] == [str(wecom.agentid), str(narrow.agentid)]
    assert seen[0]["body"]["text"] == HELLO
    assert {item["state"] for item in seen} == {"waiting"}
    assert tasks(corp, "wangwu") == []


def test_applying_confirms_the_owners_task_and_deleting_cancels_the_others(corp: Corp, wecom: WeCom) -> None:
    chat_id = new_group(corp)
    new_group(corp, "lisi")
    template_id = add(wecom)
    apply(corp, chat_id, template_id)
    assert [tasks(corp, owner)[0]["state"] for owner in ("zhangsan", "lisi")] == ["confirmed", "waiting"]
    assert errcode(wecom, "del", template_id=template_id) == 0
    assert [tasks(corp, owner)[0]["state"] for owner in ("zhangsan", "lisi")] == ["confirmed", "cancelled"]


# --- what newcomers see ----------------------------------------------------------------------------------


def test_newcomers_see_the_welcome_with_their_own_name(corp: Corp, wecom: WeCom) -> None:
    chat_id = new_group(corp)
    apply(corp, chat_id, add(wecom, link=LINK))
    first = act(corp, "join_group", chat_id=chat_id, name="王芳")["external_userid"]
    (item,) = phone(corp, first)
    assert (item["kind"], item["from"], item["state"]) == ("group_welcome", "zhangsan", "delivered")
    assert item["body"] == {
        "chat_id": chat_id,
        "text": {"content": "亲爱的王芳，欢迎王芳"},
        "attachments": [{"msgtype": "link", "link": LINK}],
    }
    act(corp, "join_group", chat_id=chat_id, name="李雷")
    assert len(phone(corp, first)) == 1, "those who are in the group are not greeted again"


def test_several_newcomers_at_once_are_greeted_and_members_are_not(corp: Corp, wecom: WeCom) -> None:
    chat_id = new_group(corp)
    apply(corp, chat_id, add(wecom, text={"content": "欢迎入群"}))
    two = customers_of(wecom)[:2]
    act(corp, "join_group", chat_id=chat_id, people=[*two, "lisi"])
    assert [len(welcomes(corp, person)) for person in (*two, "lisi")] == [1, 1, 0]


def test_a_scanned_join_way_greets_too(corp: Corp, wecom: WeCom) -> None:
    chat_id = new_group(corp)
    apply(corp, chat_id, add(wecom))
    way = wecom.post("externalcontact/groupchat/add_join_way", scene=2, chat_id_list=[chat_id])["config_id"]
    joined = act(corp, "scan_join_way", config_id=way, name="王芳")
    assert welcomes(corp, joined["external_userid"])[0]["body"]["text"]["content"] == "亲爱的王芳，欢迎王芳"


def test_groups_without_a_template_greet_nobody(corp: Corp, wecom: WeCom) -> None:
    chat_id, other = new_group(corp), new_group(corp)
    apply(corp, other, add(wecom))
    joined = act(corp, "join_group", chat_id=chat_id)
    assert phone(corp, joined["external_userid"]) == []


def test_an_edited_template_greets_with_its_new_content_and_a_deleted_one_no_more(
    corp: Corp, wecom: WeCom
) -> None:
    chat_id = new_group(corp)
    template_id = add(wecom)
    apply(corp, chat_id, template_id)
    assert errcode(wecom, "edit", template_id=template_id, text={"content": "新的欢迎"}) == 0
    joined = act(corp, "join_group", chat_id=chat_id)["external_userid"]
    assert welcomes(corp, joined)[0]["body"]["text"]["content"] == "新的欢迎"
    assert errcode(wecom, "del", template_id=template_id) == 0
    assert welcomes(corp, act(corp, "join_group", chat_id=chat_id)["external_userid"]) == []
    assert len(welcomes(corp, joined)) == 1, "what was shown stays"


def test_the_owner_changes_the_welcome_or_removes_it(corp: Corp, wecom: WeCom) -> None:
    chat_id = new_group(corp)
    apply(corp, chat_id, add(wecom))
    apply(corp, chat_id, add(wecom, text={"content": "第二个"}))
    joined = act(corp, "join_group", chat_id=chat_id)["external_userid"]
    assert [item["body"]["text"]["content"] for item in welcomes(corp, joined)] == ["第二个"]
    act(corp, "member_applies_group_welcome", chat_id=chat_id)
    assert welcomes(corp, act(corp, "join_group", chat_id=chat_id)["external_userid"]) == []


def test_only_existing_templates_are_applied_to_existing_groups(corp: Corp, wecom: WeCom) -> None:
    chat_id, template_id = new_group(corp), add(wecom)
    refused = [
        act_error(corp, "member_applies_group_welcome", chat_id=chat_id, template_id="msgNONE"),
        act_error(corp, "member_applies_group_welcome", chat_id="wrNONE", template_id=template_id),
    ]
    assert "no group welcome template 'msgNONE'" in refused[0]
    assert "no customer group 'wrNONE'" in refused[1]
    act(corp, "dismiss_group", chat_id=chat_id)
    assert act_error(corp, "member_applies_group_welcome", chat_id=chat_id, template_id=template_id)
