"""What a mass message costs: the calls about it, however many customers it reaches."""

from typing import Any

from tests.conftest import Corp, RunningServer
from tests.families.factories import insert, new_member
from tests.families.mass_messages.messages import confirm, made, results
from wecom_tollbooth.families.relations.tables import ExternalContact, FollowUser

CUSTOMERS = 501
"""More than one slice of the making of tasks, and of the sending."""


def lines_of(corp: Corp) -> dict[str, int]:
    return {line["meter"]: line["quantity"] for line in corp.sim("statement")["lines"]}


def test_a_mass_message_to_many_customers_is_one_call(server: RunningServer) -> None:
    corp = server.make_corp()
    new_member(corp, "zhangsan")
    people = [f"wm{number:05}" for number in range(CUSTOMERS)]
    about: dict[str, Any] = {"corp_id": corp.corpid, "type": 1, "name": "顾客", "created_at": 1_790_000_000}
    insert(corp, *(ExternalContact(external_userid=one, **about) for one in people))
    of_zhangsan: dict[str, Any] = {"corp_id": corp.corpid, "userid": "zhangsan", "createtime": 1_790_000_000}
    insert(
        corp,
        *(FollowUser(external_userid=one, seq=place, **of_zhangsan) for place, one in enumerate(people, 1)),
    )
    wecom = corp.client()
    msgid = made(wecom, sender="zhangsan")["msgid"]
    confirm(corp, msgid)
    statuses = results(wecom, msgid, limit=1_000)
    assert list(statuses.values()) == [1] * CUSTOMERS
    (sent,) = [line for line in corp.sim("statement")["lines"] if line["meter"] == "message.write"]
    assert (sent["quantity"], sent["unit_price"], sent["amount"]) == (1, "0.002", "0.00")
    assert sent["made_of"] == [{"operation": "/cgi-bin/externalcontact/add_msg_template", "quantity": 1}]
    assert lines_of(corp)["message.list"] == 1, "one page of results was read"
    records = corp.sim("ledger", meter="message.write")["records"]
    assert [record["quantity"] for record in records] == [1]
