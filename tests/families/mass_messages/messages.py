"""Mass messages in the tests: making one, having its tasks made, confirming, and what came of it."""

import time
from typing import Any

import sqlalchemy as sa

from tests.conftest import Corp, WeCom
from tests.families.factories import act
from wecom_tollbooth.db import run_slices
from wecom_tollbooth.families.mass_messages.tables import MAKING_TASKS, MASS_MESSAGE
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.world import scheduled_tasks
from wecom_tollbooth.world.scheduled_tasks import SCHEDULED_TASK

ADD = "externalcontact/add_msg_template"
REMIND = "externalcontact/remind_groupmsg_send"
CANCEL = "externalcontact/cancel_groupmsg_send"
LIST = "externalcontact/get_groupmsg_list_v2"
TASKS = "externalcontact/get_groupmsg_task"
RESULTS = "externalcontact/get_groupmsg_send_result"
OLD_RESULTS = "externalcontact/get_group_msg_result"
TEXT = {"content": "新茶上市"}
SECONDS_TO_MAKE = 30


def run_tasks(corp: Corp) -> None:
    """Runs what the corp has scheduled for the next seconds, now."""
    server = corp.server.server
    found = 1
    while found:
        with server.database.transaction() as tx:
            now = server.context(tx).now
            soon = (SCHEDULED_TASK.c.corp_id == corp.corpid) & (SCHEDULED_TASK.c.due_at <= now + 60)
            found = tx.execute(sa.update(SCHEDULED_TASK).where(soon).values(due_at=now)).rowcount
        run_slices(server.database, scheduled_tasks.run_due(server.settings))


def made(wecom: WeCom, **fields: Any) -> dict[str, Any]:
    """The answer to an accepted message, by default one with a text; its tasks are made."""
    reply = wecom.post(ADD, **{"text": TEXT, **fields})
    assert reply["errcode"] == 0, reply
    run_tasks(wecom.corp)
    deadline = time.monotonic() + SECONDS_TO_MAKE
    while _being_made(wecom.corp, reply["msgid"]):  # by the server's own thread, which was quicker
        assert time.monotonic() < deadline, reply
        time.sleep(0.02)
    return reply


def _being_made(corp: Corp, msgid: str) -> bool:
    mine = (MASS_MESSAGE.c.corp_id == corp.corpid) & (MASS_MESSAGE.c.msgid == msgid)
    with corp.server.server.database.transaction() as tx:
        return tx.execute(sa.select(MASS_MESSAGE.c.state).where(mine)).scalar() == MAKING_TASKS


def refused(wecom: WeCom, **fields: Any) -> int:
    return int(wecom.post(ADD, **{"text": TEXT, **fields})["errcode"])


def confirm(corp: Corp, msgid: str, userid: str = "zhangsan", **fields: Any) -> None:
    act(corp, "member_confirms_group_message", userid=userid, msgid=msgid, **fields)
    run_tasks(corp)


def tasks(wecom: WeCom, msgid: str, **fields: Any) -> dict[str, int]:
    """The status of each member's task."""
    reply = wecom.post(TASKS, msgid=msgid, **fields)
    assert reply["errcode"] == 0, reply
    return {one["userid"]: one["status"] for one in reply["task_list"]}


def results(wecom: WeCom, msgid: str, userid: str = "zhangsan", **fields: Any) -> dict[str, int]:
    """The status of each customer or group of the member's task."""
    reply = wecom.post(RESULTS, msgid=msgid, userid=userid, **fields)
    assert reply["errcode"] == 0, reply
    return {one.get("external_userid") or one["chat_id"]: one["status"] for one in reply["send_list"]}


def phone(corp: Corp, person: str) -> list[tuple[str, str, dict[str, Any], str]]:
    """Kind, sender, body and state of what the person's phone shows, oldest first."""
    query = (
        sa.select(PHONE_MESSAGE.c.kind, PHONE_MESSAGE.c.sender, PHONE_MESSAGE.c.body, PHONE_ITEM.c.state)
        .join(
            PHONE_MESSAGE,
            (PHONE_MESSAGE.c.corp_id == PHONE_ITEM.c.corp_id)
            & (PHONE_MESSAGE.c.id == PHONE_ITEM.c.message_id),
        )
        .where(PHONE_ITEM.c.corp_id == corp.corpid, PHONE_ITEM.c.person == person)
        .order_by(PHONE_ITEM.c.id)
    )
    with corp.server.server.database.transaction() as tx:
        return [tuple(row) for row in tx.execute(query)]
