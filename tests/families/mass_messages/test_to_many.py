"""A mass message to many customers: in slices, each customer once, one call booked."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act
from tests.families.mass_messages.messages import ADD, RESULTS, TASKS, TEXT, made, run_tasks
from wecom_tollbooth.families.mass_messages import delivery, dispatch
from wecom_tollbooth.families.mass_messages.tables import MASS_RECEIVER
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.families.relations.tables import FOLLOW_USER
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG
from wecom_tollbooth.world.acts import Act


def a_tag_of_everybody(wecom: WeCom) -> str:
    """A tag that every member has put on every customer."""
    corpid = wecom.corp.corpid
    tag_id = str(wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]["tag"][0]["id"])
    with wecom.corp.server.server.database.transaction() as tx:
        of_corp = FOLLOW_TAG.c.corp_id == corpid
        tx.execute(sa.delete(FOLLOW_TAG).where(of_corp, FOLLOW_TAG.c.tag_id == tag_id))
        every = sa.select(
            FOLLOW_USER.c.corp_id, FOLLOW_USER.c.external_userid, FOLLOW_USER.c.userid, sa.literal(tag_id)
        ).where(FOLLOW_USER.c.corp_id == corpid)
        names = ["corp_id", "external_userid", "userid", "tag_id"]
        tx.execute(sa.insert(FOLLOW_TAG).from_select(names, every))
    return tag_id


def count(corp: Corp, what: Any, *where: Any) -> int:
    with corp.server.server.database.transaction() as tx:
        return int(tx.execute(sa.select(sa.func.count(what)).where(*where)).scalar_one())


def all_rows(wecom: WeCom, operation: str, rows: str, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        reply = wecom.post(operation, **asked, limit=1000, cursor=cursor)
        assert reply["errcode"] == 0, reply
        found += reply[rows]
        cursor = reply["next_cursor"]
        if not cursor:
            return found


@pytest.mark.parametrize("customers", [200, pytest.param(100_000, marks=pytest.mark.slow)])
def test_everybody_gets_it_once_in_slices_and_one_call_is_booked(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, customers: int
) -> None:
    corp = server.make_corp(
        seed="demo", members=4 if customers < 1000 else 10, customers=customers, activity=False
    )
    wecom = corp.client()
    tag_id = a_tag_of_everybody(wecom)
    if customers < dispatch.SLICE:
        monkeypatch.setattr(dispatch, "SLICE", 70)
        monkeypatch.setattr(delivery, "CUSTOMERS_AT_ONCE", 7)
    slices: list[int] = []

    def note_size(table: sa.Table, run: Any) -> Any:
        def noted(act: Act, *about: Any) -> Any:
            before = _rows(act, table)
            came = run(act, *about)
            slices.append(_rows(act, table) - before)
            return came

        return noted

    def _rows(act: Act, table: sa.Table) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(table.c.corp_id == act.corp_id)
        return int(act.db.execute(query).scalar_one())

    if customers <= 1000:
        monkeypatch.setattr(dispatch, "_note_customers", note_size(MASS_RECEIVER, dispatch._note_customers))
        monkeypatch.setattr(delivery, "_send_some", note_size(PHONE_ITEM, delivery._send_some))
    msgid = made(wecom, tag_filter={"group_list": [{"tag_list": [tag_id]}]})["msgid"]
    senders = [task["userid"] for task in all_rows(wecom, TASKS, "task_list", msgid=msgid)]
    for userid in senders:
        act(corp, "member_confirms_group_message", userid=userid, msgid=msgid)
    run_tasks(corp)
    received = [
        one["external_userid"]
        for userid in senders
        for one in all_rows(wecom, RESULTS, "send_list", msgid=msgid, userid=userid)
        if one["status"] == 1
    ]
    assert len(received) == len(set(received))
    reachable = count(
        corp,
        FOLLOW_USER.c.external_userid.distinct(),
        FOLLOW_USER.c.corp_id == corp.corpid,
        FOLLOW_USER.c.ended_at.is_(None),
        FOLLOW_USER.c.pending_confirmation.is_(False),
        FOLLOW_USER.c.deleted_by_customer_at.is_(None),
    )
    assert len(received) == reachable > 0.8 * customers
    a_customer = PHONE_ITEM.c.person.in_(sa.select(FOLLOW_USER.c.external_userid))
    assert count(corp, PHONE_ITEM.c.id, PHONE_ITEM.c.corp_id == corp.corpid, a_customer) == reachable
    of_customers = (PHONE_MESSAGE.c.corp_id == corp.corpid, PHONE_MESSAGE.c.kind == "mass_message")
    assert count(corp, PHONE_MESSAGE.c.id, *of_customers) == len(senders)
    if customers <= 1000:
        assert len(slices) > customers / dispatch.SLICE + len(senders)
        assert max(slices) <= dispatch.SLICE
    assert len(corp.sim("ledger", operation="/cgi-bin/" + ADD)["records"]) == 1
    assert TEXT["content"] in json.dumps(wecom.corp.sim(f"phones/{received[0]}"), ensure_ascii=False)
