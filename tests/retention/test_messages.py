"""What people were sent is kept by age: phones, messages of apps, mass messages, moments."""

import sqlalchemy as sa

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act
from tests.retention.test_retention import StartServer, ids, removed, run
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.families.app_messages.tables import (
    APP_MESSAGE,
    CARD_VERSION,
    RESPONSE_CODE,
    SENT_CONTENT,
)
from wecom_tollbooth.families.mass_messages.tables import (
    MASS_MESSAGE,
    MASS_RECEIVED,
    MASS_RECEIVER,
    MASS_TASK,
)
from wecom_tollbooth.families.moments.tables import (
    MOMENT,
    MOMENT_PUBLICATION,
    MOMENT_REACTION,
    MOMENT_VIEWER,
)
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.retention import Retention
from wecom_tollbooth.world.clock import DAY

BY_KIND = {
    "duplicates": SENT_CONTENT,
    "response_codes": RESPONSE_CODE,
    "mass_counts": MASS_RECEIVED,
    "card_versions": CARD_VERSION,
    "app_messages": APP_MESSAGE,
    "mass_receivers": MASS_RECEIVER,
    "mass_tasks": MASS_TASK,
    "mass_messages": MASS_MESSAGE,
    "moment_viewers": MOMENT_VIEWER,
    "moment_reactions": MOMENT_REACTION,
    "moment_publications": MOMENT_PUBLICATION,
    "moments": MOMENT,
    "phones": PHONE_ITEM,
}
CARD = {
    "card_type": "button_interaction",
    "main_title": {"title": "开门了吗"},
    "task_id": "door",
    "button_list": [{"text": "开了", "key": "yes"}],
}


def counts(corp: Corp) -> dict[str, int]:
    with corp.server.server.database.transaction() as tx:
        found = {}
        for kind, table in {**BY_KIND, "texts": PHONE_MESSAGE}.items():
            query = sa.select(sa.func.count()).select_from(table).where(table.c.corp_id == corp.corpid)
            found[kind] = int(tx.execute(query).scalar_one())
        return found


def advance(corp: Corp, seconds: int) -> None:
    assert corp.server.sim.post("/clock", json={"advance_seconds": seconds}).status_code == 200


def ask(wecom: WeCom, operation: str, **fields: object) -> dict[str, object]:
    reply = wecom.post(operation, **fields)
    assert reply["errcode"] == 0, reply
    return reply


def send_everything(corp: Corp) -> str:
    """Something of each kind; returns the msgid of the mass message."""
    wecom = corp.client()
    with corp.server.server.database.transaction() as tx:  # a card with buttons needs an address
        own = (APP.c.corp_id == corp.corpid) & (APP.c.agentid == wecom.agentid)
        tx.execute(sa.update(APP).where(own).values(callback_url="http://127.0.0.1:9/"))
    ask(wecom, "message/send", agentid=wecom.agentid, touser="zhangsan", msgtype="text",
        text={"content": "早"}, enable_duplicate_check=1)  # fmt: skip
    sent = ask(wecom, "message/send", agentid=wecom.agentid, touser="zhangsan|lisi",
               msgtype="template_card", template_card=CARD)  # fmt: skip
    ask(wecom, "message/update_template_card", agentid=wecom.agentid, userids=["lisi"],
        response_code=sent["response_code"], button={"replace_name": "好"})  # fmt: skip
    customer = act(corp, "member_adds_customer", userid="zhangsan")["external_userid"]
    msgid = str(ask(wecom, "externalcontact/add_msg_template", sender="zhangsan", external_userid=[customer],
                    text={"content": "新茶"})["msgid"])  # fmt: skip
    advance(corp, 2)
    act(corp, "member_confirms_group_message", userid="zhangsan", msgid=msgid)
    moment = act(corp, "member_posts_moment", userid="zhangsan", text="新店")["moment_id"]
    act(corp, "customer_likes_moment", external_userid=customer, moment_id=moment)
    return msgid


def swept(corp: Corp, retention: Retention, left: dict[str, int]) -> None:
    """Rounds until the corp has these rows, for on PostgreSQL the server's own round may be at work."""
    for _ in range(1_000):
        run(corp.server, retention)
        if {kind: rows for kind, rows in counts(corp).items() if rows} == left:
            return
    assert counts(corp) == left


def small(start_server: StartServer) -> RunningServer:
    return start_server(messages_kept_days=30)


def test_messages_go_by_their_age_with_all_that_belongs_to_them(start_server: StartServer) -> None:
    corp = small(start_server).make_corp(seed="demo", members=2, customers=0)
    retention = Retention(corp.server.settings, corp.server.server.database)
    msgid = send_everything(corp)
    before = counts(corp)
    assert all(before.values()), before
    run(corp.server, retention)
    assert counts(corp) == before
    advance(corp, 5 * DAY)
    young = ("duplicates", "response_codes")
    swept(corp, retention, {kind: rows for kind, rows in before.items() if kind not in young})
    assert ask(corp.client(), "externalcontact/get_groupmsg_task", msgid=msgid)["task_list"]
    advance(corp, 26 * DAY)
    swept(corp, retention, {"mass_counts": 1})
    advance(corp, 32 * DAY)
    swept(corp, retention, {})
    del before["texts"]
    assert removed(corp) == before
    assert corp.client().post("externalcontact/get_groupmsg_task", msgid=msgid)["errcode"] == 41047


def test_a_younger_item_keeps_its_text(start_server: StartServer) -> None:
    corp = small(start_server).make_corp(seed="demo", members=2, customers=0)
    send_everything(corp)
    texts = ids(corp.server, PHONE_MESSAGE, corp.corpid)
    with corp.server.server.database.transaction() as tx:
        later = sa.update(PHONE_ITEM).where(
            PHONE_ITEM.c.corp_id == corp.corpid, PHONE_ITEM.c.person == "lisi"
        )
        tx.execute(later.values(at=PHONE_ITEM.c.at + 20 * DAY))
    advance(corp, 31 * DAY)
    retention = Retention(corp.server.settings, corp.server.server.database)
    swept(corp, retention, {"mass_counts": 1, "phones": 1, "texts": 1})
    assert [item["kind"] for item in corp.sim("phones/lisi")["items"]] == ["app_message"]
    left = ids(corp.server, PHONE_MESSAGE, corp.corpid)
    assert len(left) == 1
    assert set(left) < set(texts)
