"""Who has published a moment, who sees it, and stopping it."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import RunningServer
from tests.families.factories import act, act_error, follow, new_contact, new_member, seen_by
from tests.families.moments.shop import (
    CANCEL,
    COMMENTS,
    CUSTOMERS,
    FOLLOWERS,
    HELLO,
    RANGE,
    SENT,
    TASKS,
    Shop,
    frozen,
    shop,
)
from wecom_tollbooth.families.moments.tables import MOMENT_VIEWER
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER, WECHAT

__all__ = ["frozen", "shop"]

CAN_SEE = (
    (EXTERNAL_CONTACT.c.corp_id == FOLLOW_USER.c.corp_id)
    & (EXTERNAL_CONTACT.c.external_userid == FOLLOW_USER.c.external_userid)
    & (EXTERNAL_CONTACT.c.type == WECHAT)
    & FOLLOW_USER.c.deleted_by_customer_at.is_(None)
    & IS_ACTIVE
)
OF_PUBLICATION = (RANGE, SENT, COMMENTS)


# --- who has published it --------------------------------------------------------------------------------


def test_members_have_published_it_or_not(shop: Shop) -> None:
    moment_id = shop.make(visible_range={"sender_list": {"user_list": ["zhangsan", "lisi"]}})
    assert shop.tasks(moment_id) == [("lisi", 0), ("zhangsan", 0)]
    shop.publish(moment_id)
    assert shop.tasks(moment_id) == [("lisi", 0), ("zhangsan", 1)]
    assert shop.tasks(moment_id, seen_by(shop.corp, userid=["lisi"])) == [("lisi", 0)]
    assert "already" in act_error(
        shop.corp, "member_publishes_moment", userid="zhangsan", moment_id=moment_id
    )


def test_members_come_in_pages(shop: Shop) -> None:
    moment_id = shop.make()
    first = shop.wecom.post(TASKS, moment_id=moment_id, limit=2)
    assert len(first["task_list"]) == 2
    rest = shop.wecom.post(TASKS, moment_id=moment_id, limit=1001, cursor=first["next_cursor"])
    assert rest["next_cursor"] == ""
    asked = [row["userid"] for page in (first, rest) for row in page["task_list"]]
    assert asked == [userid for userid, _ in shop.tasks(moment_id)]


def test_while_members_are_being_asked_the_tasks_answer_41079(shop: Shop, monkeypatch: Any) -> None:
    """The clock is moved to the second in which the moment is made, and no further task of it runs."""
    monkeypatch.setattr("wecom_tollbooth.families.moments.jobs.TASKS_AFTER", 1)
    shop.add()
    shop.wait(1)
    (moment,) = shop.listed()["moment_list"]
    assert shop.wecom.post(TASKS, moment_id=moment["moment_id"])["errcode"] == 41079
    shop.wait(1)
    assert shop.wecom.post(TASKS, moment_id=moment["moment_id"])["errcode"] == 0


def test_more_members_than_fit_into_a_transaction_are_all_asked(shop: Shop, monkeypatch: Any) -> None:
    monkeypatch.setattr("wecom_tollbooth.families.moments.jobs.MEMBERS_AT_ONCE", 2)
    asked = [userid for userid, _ in shop.tasks(shop.make())]
    assert asked == FOLLOWERS
    some = shop.make(visible_range={"sender_list": {"user_list": ["lisi", "zhangsan"]}})
    assert [userid for userid, _ in shop.tasks(some)] == ["lisi", "zhangsan"]


@pytest.mark.parametrize("operation", [TASKS, CANCEL, *OF_PUBLICATION])
def test_a_missing_moment_id_answers_41059_and_an_unknown_one_41060(shop: Shop, operation: str) -> None:
    assert shop.wecom.post(operation, userid="zhangsan")["errcode"] == 41059
    assert shop.wecom.post(operation, moment_id="momNobody", userid="zhangsan")["errcode"] == 41060


# --- who sees it -----------------------------------------------------------------------------------------


def test_a_public_moment_reaches_all_customers_of_who_publishes_it(shop: Shop) -> None:
    moment_id = shop.published()
    assert shop.sent(moment_id) == CUSTOMERS
    assert shop.sent(moment_id, operation=RANGE) == []
    body = {"moment_id": moment_id, "text": HELLO}
    assert shop.phone(CUSTOMERS[0]) == [("moment", "zhangsan", "delivered", body)]


def test_a_moment_for_a_tag_reaches_only_customers_who_have_it(shop: Shop) -> None:
    first, second, other = CUSTOMERS[:3]
    tag = shop.tag(first)
    shop.mark(second, tag)
    moment_id = shop.published(visible_range={"external_contact_list": {"tag_list": [tag]}})
    assert shop.sent(moment_id) == shop.sent(moment_id, operation=RANGE) == sorted([first, second])
    assert shop.phone(other) == []


def test_who_cannot_see_it_is_in_the_chosen_range_only(shop: Shop) -> None:
    sees, deleted, wecom_user = (
        new_contact(shop.corp, "wmSees"),
        new_contact(shop.corp, "wmDeleted"),
        new_contact(shop.corp, "woUser", type=2),
    )
    new_member(shop.corp, "zhaoliu")
    for seq, customer in enumerate((sees, deleted, wecom_user)):
        follow(shop.corp, customer, "zhaoliu", seq=seq + 1, deleted_by_customer_at=(seq == 1 and 1) or None)
    tag = shop.tag(sees, "zhaoliu")
    shop.mark(deleted, tag, "zhaoliu")
    shop.mark(wecom_user, tag, "zhaoliu")
    for range_ in ({}, {"external_contact_list": {"tag_list": [tag]}}):
        moment_id = shop.make(visible_range=range_)
        shop.publish(moment_id, "zhaoliu")
        assert shop.sent(moment_id, "zhaoliu") == [sees]
    assert shop.sent(moment_id, "zhaoliu", RANGE) == sorted([sees, deleted, wecom_user])
    assert shop.phone(deleted) == shop.phone(wecom_user) == []


def test_the_customers_who_may_see_a_moment_come_in_pages(shop: Shop) -> None:
    tag = shop.tag(CUSTOMERS[0])
    for customer in CUSTOMERS[1:]:
        shop.mark(customer, tag)
    moment_id = shop.published(visible_range={"external_contact_list": {"tag_list": [tag]}})
    asked = {"moment_id": moment_id, "userid": "zhangsan", "limit": 3}
    first = shop.wecom.post(RANGE, **asked)
    rest = shop.wecom.post(RANGE, **asked, cursor=first["next_cursor"])
    seen = [row["external_userid"] for row in first["customer_list"] + rest["customer_list"]]
    assert (len(first["customer_list"]), sorted(seen)) == (3, CUSTOMERS)


def test_more_customers_than_fit_into_a_transaction_are_all_reached(shop: Shop, monkeypatch: Any) -> None:
    monkeypatch.setattr("wecom_tollbooth.families.moments.publication.CUSTOMERS_AT_ONCE", 3)
    moment_id = shop.published()
    shop.wait(1)
    assert shop.sent(moment_id) == CUSTOMERS
    pages, cursor = [], ""
    while True:
        page = shop.wecom.post(SENT, moment_id=moment_id, userid="zhangsan", limit=2, cursor=cursor)
        pages += [row["external_userid"] for row in page["customer_list"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert pages == CUSTOMERS


@pytest.mark.slow
def test_every_customer_of_twenty_thousand_sees_it_once(frozen: RunningServer) -> None:
    shop = Shop(frozen.make_corp(seed="demo", members=6, customers=20_000))
    moment_id = shop.make()
    for userid, _ in shop.tasks(moment_id):
        shop.publish(moment_id, userid)
    shop.wait(1)
    with shop.corp.server.server.database.transaction() as tx:
        of_corp = FOLLOW_USER.c.corp_id == shop.corp.corpid
        relations = tx.execute(sa.select(sa.func.count()).where(of_corp, CAN_SEE)).scalar_one()
        of_moment = MOMENT_VIEWER.c.moment_id == moment_id
        viewers = sa.select(sa.func.count()).where(MOMENT_VIEWER.c.corp_id == shop.corp.corpid, of_moment)
        assert tx.execute(viewers).scalar_one() == relations >= 19_000


@pytest.mark.parametrize("operation", OF_PUBLICATION)
def test_only_who_published_it_has_customers_and_comments(shop: Shop, operation: str) -> None:
    senders = {"sender_list": {"user_list": ["zhangsan", "lisi"]}}
    moment_id = shop.published(visible_range=senders)

    def errcode(userid: str, wecom: Any = None) -> int:
        return int((wecom or shop.wecom).post(operation, moment_id=moment_id, userid=userid)["errcode"])

    assert errcode("ZhangSan") == 0
    assert errcode("lisi") == 41062
    assert errcode("wangwu") == errcode("nobody") == 41061
    assert errcode("zhangsan", seen_by(shop.corp, userid=["lisi"])) == 60011
    assert errcode("") == 40063


@pytest.mark.parametrize("operation", [TASKS, RANGE, SENT])
def test_a_cursor_of_another_list_answers_50100(shop: Shop, operation: str) -> None:
    tag = shop.tag(CUSTOMERS[0])
    shop.mark(CUSTOMERS[1], tag)
    range_ = {"external_contact_list": {"tag_list": [tag]}}
    first, second = shop.published(visible_range=range_), shop.published(visible_range=range_)
    page = shop.wecom.post(SENT, moment_id=first, userid="zhangsan", limit=1)
    for cursor in ("CURSOR", page["next_cursor"]):
        reply = shop.wecom.post(operation, moment_id=second, userid="zhangsan", cursor=cursor)
        assert reply["errcode"] == 50100


# --- stopping it -----------------------------------------------------------------------------------------


def test_a_stopped_moment_cannot_be_published_any_more(shop: Shop) -> None:
    moment_id = shop.published()
    for _ in range(2):
        assert shop.wecom.post(CANCEL, moment_id=moment_id)["errcode"] == 0
    assert "stopped" in act_error(shop.corp, "member_publishes_moment", userid="lisi", moment_id=moment_id)
    assert [state for _, _, state, _ in shop.phone("zhangsan")] == ["published"]
    assert [state for _, _, state, _ in shop.phone("lisi")] == ["cancelled"]
    assert dict(shop.tasks(moment_id))["lisi"] == 0
    assert shop.sent(moment_id) == CUSTOMERS


def test_a_moment_stopped_while_it_is_made_asks_nobody_further(shop: Shop, monkeypatch: Any) -> None:
    monkeypatch.setattr("wecom_tollbooth.families.moments.jobs.TASKS_AFTER", 1)
    jobid = shop.add()
    shop.wait(1)
    (moment,) = shop.listed()["moment_list"]
    assert shop.wecom.post(CANCEL, moment_id=moment["moment_id"])["errcode"] == 0
    shop.wait(2)
    assert shop.result(jobid)["status"] == 3
    assert shop.tasks(moment["moment_id"]) == []


# --- acts that are refused -------------------------------------------------------------------------------


def test_only_who_is_asked_and_active_can_publish(shop: Shop) -> None:
    moment_id = shop.make(visible_range={"sender_list": {"user_list": ["zhangsan"]}})
    publish = "member_publishes_moment"
    assert "not asked" in act_error(shop.corp, publish, userid="lisi", moment_id=moment_id)
    assert "no member" in act_error(shop.corp, publish, userid="nobody", moment_id=moment_id)
    assert "no moment" in act_error(shop.corp, publish, userid="zhangsan", moment_id="momNobody")
    act(shop.corp, "admin_sets_member_status", userid="zhangsan", status=2)
    assert "not active" in act_error(shop.corp, publish, userid="zhangsan", moment_id=moment_id)
