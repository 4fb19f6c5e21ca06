"""创建发表任务: a moment is made a second after the call, and its result is there another second later."""

from typing import Any

import pytest

from tests.conftest import WeCom
from tests.families.factories import act, insert, seen_by
from tests.families.moments.shop import ADD, CUSTOMERS, FOLLOWERS, HELLO, RESULT, Shop, frozen, shop
from wecom_tollbooth.families.moments.creation import A_MONTH
from wecom_tollbooth.families.moments.tables import MomentCorp
from wecom_tollbooth.world.clock import DAY, month_of

__all__ = ["frozen", "shop"]

IMAGE = {"msgtype": "image", "image": {"media_id": "M1"}}
VIDEO = {"msgtype": "video", "video": {"media_id": "M2"}}
LINK: dict[str, Any] = {
    "msgtype": "link",
    "link": {"title": "茶单", "url": "https://example.com", "media_id": "M3"},
}


def refused(wecom: WeCom, **fields: Any) -> tuple[int, str]:
    reply = wecom.post(ADD, fields)
    assert "jobid" not in reply
    return reply["errcode"], reply["errmsg"].split(", hint")[0]


# --- the job ---------------------------------------------------------------------------------------------


def test_a_job_begins_after_a_second_and_ends_after_another(shop: Shop) -> None:
    jobid = shop.add()
    assert len(jobid) <= 64
    states = [shop.result(jobid)]
    for _ in range(2):
        shop.wait(1)
        states.append(shop.result(jobid))
    assert [state["status"] for state in states] == [1, 2, 3]
    assert {state["type"] for state in states} == {"add_moment_task"}
    assert ["result" in state for state in states] == [False, False, True]
    result = states[-1]["result"]
    assert result.pop("moment_id").startswith("mom")
    assert result == {
        "errcode": 0,
        "errmsg": "ok",
        "invalid_sender_list": {"user_list": [], "department_list": []},
        "invalid_external_contact_list": {"tag_list": []},
    }


def test_a_jobid_is_read_from_a_posted_body_too(shop: Shop) -> None:
    jobid = shop.add()
    assert shop.wecom.post(RESULT, jobid=jobid)["status"] == 1
    assert shop.wecom.post(RESULT)["errcode"] == 40063


def test_a_job_is_forgotten_after_24_hours(shop: Shop) -> None:
    jobid = shop.add()
    shop.wait(DAY - 1)
    assert shop.result(jobid)["status"] == 3
    shop.wait(1)
    assert shop.wecom.get(RESULT, jobid=jobid)["errcode"] == 40088
    shop.add()
    assert shop.wecom.get(RESULT, jobid=jobid)["errcode"] == 40088


@pytest.mark.parametrize("jobid", ["nobody's", "字" * 65])
def test_an_unknown_jobid_answers_40088(shop: Shop, jobid: str) -> None:
    assert shop.wecom.get(RESULT, jobid=jobid)["errcode"] == 40088


# --- who is asked ----------------------------------------------------------------------------------------


def test_without_a_range_every_member_who_may_have_customers_is_asked(shop: Shop) -> None:
    assert shop.tasks(shop.make()) == [(userid, 0) for userid in FOLLOWERS]


def test_senders_are_named_or_come_from_departments(shop: Shop) -> None:
    senders = {"user_list": ["LiSi", "nobody"], "department_list": [2, 77]}
    jobid = shop.add(visible_range={"sender_list": senders})
    shop.wait(2)
    result = shop.result(jobid)["result"]
    assert result["invalid_sender_list"] == {"user_list": ["nobody"], "department_list": [77]}
    asked = [userid for userid, _ in shop.tasks(result["moment_id"])]
    assert asked == ["lisi", "wangwu"]


def test_senders_outside_the_visible_range_are_invalid(shop: Shop) -> None:
    app = seen_by(shop.corp, userid=["zhangsan"])
    senders = {"user_list": ["zhangsan", "lisi"], "department_list": [1]}
    jobid = shop.add(app, visible_range={"sender_list": senders})
    everyone = shop.add(app)
    shop.wait(2)
    result = shop.result(jobid)["result"]
    assert result["invalid_sender_list"] == {"user_list": ["lisi"], "department_list": [1]}
    assert shop.tasks(result["moment_id"]) == [("zhangsan", 0)]
    assert shop.tasks(shop.result(everyone)["result"]["moment_id"]) == [("zhangsan", 0)]


def test_with_tags_only_members_who_have_such_customers_are_asked(shop: Shop) -> None:
    customer = CUSTOMERS[0]
    tag = shop.tag(customer)
    range_ = {"external_contact_list": {"tag_list": [tag, "etNobody"]}}
    jobid = shop.add(visible_range=range_)
    both = shop.add(visible_range={**range_, "sender_list": {"user_list": ["lisi"]}})
    shop.wait(2)
    result = shop.result(jobid)["result"]
    assert result["invalid_external_contact_list"] == {"tag_list": ["etNobody"]}
    assert shop.tasks(result["moment_id"]) == [("zhangsan", 0)]
    assert shop.tasks(shop.result(both)["result"]["moment_id"]) == []


@pytest.mark.parametrize(
    ("range_", "errcode"),
    [
        ({"sender_list": {"user_list": ["nobody"]}}, 40031),
        ({"external_contact_list": {"tag_list": ["etNobody"]}}, 40068),
    ],
)
def test_a_job_without_a_valid_sender_or_tag_makes_no_moment(
    shop: Shop, range_: dict[str, Any], errcode: int
) -> None:
    jobid = shop.add(visible_range=range_)
    shop.wait(1)
    assert shop.result(jobid)["status"] == 2
    shop.wait(1)
    result = shop.result(jobid)["result"]
    assert result["errcode"] == errcode
    assert "moment_id" not in result
    assert shop.listed()["moment_list"] == []


def test_a_member_sees_its_task_until_it_publishes(shop: Shop) -> None:
    image = shop.image()
    moment_id = shop.make(attachments=[image])
    (agentid,) = {str(shop.corp.apps[0]["agentid"])}
    body = {"moment_id": moment_id, "text": HELLO, "attachments": [image]}
    assert shop.phone("zhangsan") == [("moment_task", agentid, "waiting", body)]
    shop.publish(moment_id)
    assert shop.phone("zhangsan") == [("moment_task", agentid, "published", body)]
    assert shop.phone("lisi") == [("moment_task", agentid, "waiting", body)]


# --- content ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "errcode", "text"),
    [
        ({}, 41089, ""),
        ({"text": {"content": ""}, "attachments": []}, 41089, ""),
        ({"text": {"content": "字" * 2001}}, 40058, "invalid text size"),
        ({"text": {"content": "a" * 4001}}, 40058, "invalid text size"),
        ({"attachments": [IMAGE] * 10}, 41064, "invalid attachments size"),
        ({"attachments": [VIDEO] * 2}, 41064, "invalid attachments size"),
        ({"attachments": [LINK] * 2}, 41064, "invalid attachments size"),
        ({"attachments": [IMAGE, VIDEO]}, 41065, "invalid attachments msgtype"),
        (
            {"attachments": [{"msgtype": "file", "file": {"media_id": "M"}}]},
            41065,
            "invalid attachments msgtype",
        ),
        ({"attachments": [{}]}, 41088, ""),
        ({"attachments": [{"msgtype": "image"}]}, 41088, ""),
        ({"attachments": [{"msgtype": "video", "video": {}}]}, 40063, "invalid msg"),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": ""}}]}, 40063, ""),
        ({"attachments": [{"msgtype": "link", "link": {"media_id": "M"}}]}, 40063, ""),
        ({"attachments": [{"msgtype": "link", "link": {"url": "https://e.com"}}]}, 40063, ""),
        ({"attachments": [{"msgtype": "link", "link": {**LINK["link"], "title": "字" * 65}}]}, 40058, ""),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "no media"}}]}, 40007, ""),
    ],
)
def test_content_that_breaks_a_rule_is_refused(
    shop: Shop, fields: dict[str, Any], errcode: int, text: str
) -> None:
    code, errmsg = refused(shop.wecom, **fields)
    assert code == errcode
    assert not text or errmsg == text


@pytest.mark.parametrize(
    "fields",
    [
        {"text": {"content": "字" * 2000}},
        {"text": {"content": "a" * 4000}},
        {"text": HELLO, "attachments": []},
    ],
)
def test_a_text_within_the_limits_is_accepted(shop: Shop, fields: dict[str, Any]) -> None:
    assert shop.wecom.post(ADD, fields)["errcode"] == 0


def test_nine_images_or_a_video_or_a_link_are_accepted(shop: Shop) -> None:
    for attachments in ([shop.image()] * 9, [shop.video()], [shop.link()]):
        assert shop.wecom.post(ADD, attachments=attachments)["errcode"] == 0


# --- limits ----------------------------------------------------------------------------------------------


def test_ten_moments_a_minute_and_no_eleventh(shop: Shop) -> None:
    wecom = shop.wecom
    shop.wait(60 - shop.now % 60)
    for _ in range(10):
        shop.add(wecom)
        shop.wait(2)
    assert refused(wecom, text=HELLO)[0] == 45009
    shop.wait(40)
    shop.add(wecom)


def test_a_hundred_thousand_moments_a_month(shop: Shop) -> None:
    insert(shop.corp, MomentCorp(corp_id=shop.corp.corpid, month=month_of(shop.now), of_month=A_MONTH - 1))
    shop.add()
    assert refused(shop.wecom, text=HELLO)[0] == 41210
    shop.wait(31 * DAY)
    shop.add()


def test_too_many_jobs_at_once_answer_41078(start_server: Any) -> None:
    server = start_server(rate_limits=False)
    server.sim.post("/clock", json={"freeze": True})
    shop = Shop(server.make_corp(seed="demo"))
    for _ in range(10):
        shop.add()
    assert refused(shop.wecom, text=HELLO)[0] == 41078
    shop.wait(2)
    shop.add()


def test_a_corp_that_closed_moments_answers_41211(shop: Shop) -> None:
    act(shop.corp, "admin_opens_moments", opened=False)
    assert refused(shop.wecom, text=HELLO)[0] == 41211
    act(shop.corp, "admin_opens_moments")
    shop.add()
