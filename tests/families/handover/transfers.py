"""Transferring customers through the API and through acts."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, customers_of

DAY = 24 * 3600
TRANSFER = "externalcontact/transfer_customer"
RESULT = "externalcontact/transfer_result"
RESIGNED_TRANSFER = "externalcontact/resigned/transfer_customer"
RESIGNED_RESULT = "externalcontact/resigned/transfer_result"
UNASSIGNED = "externalcontact/get_unassigned_list"


class Shop:
    """A corp on a server of its own with a frozen clock; zhangsan's customers have no other follower."""

    def __init__(self, corp: Corp) -> None:
        self.corp = corp
        self.sim = corp.server.sim
        self.agentid = corp.apps[0]["agentid"]

    @property
    def wecom(self) -> WeCom:
        """A caller with a token valid at the current clock."""
        return self.corp.client()

    @property
    def now(self) -> int:
        return int(self.sim.get("/clock").json()["now"])

    def wait(self, seconds: int) -> None:
        assert self.sim.post("/clock", json={"advance_seconds": seconds}).status_code == 200

    def add(self, userid: str = "zhangsan", **fields: Any) -> str:
        return str(act(self.corp, "member_adds_customer", userid=userid, **fields)["external_userid"])

    def transfer(
        self, *customers: str, operation: str = TRANSFER, giver: str = "zhangsan", taker: str = "lisi"
    ) -> list[int]:
        """Returns the errcode of each customer."""
        reply = self.wecom.post(
            operation, handover_userid=giver, takeover_userid=taker, external_userid=list(customers)
        )
        assert reply["errcode"] == 0, reply
        assert [one["external_userid"] for one in reply["customer"]] == list(customers)
        return [one["errcode"] for one in reply["customer"]]

    def result(
        self, *, operation: str = RESULT, giver: str = "zhangsan", taker: str = "lisi"
    ) -> list[tuple[str, int, int]]:
        reply = self.wecom.post(operation, handover_userid=giver, takeover_userid=taker)
        assert reply["errcode"] == 0, reply
        return [(one["external_userid"], one["status"], one["takeover_time"]) for one in reply["customer"]]

    def follower(self, customer: str, userid: str) -> dict[str, Any]:
        reply = self.wecom.get("externalcontact/get", external_userid=customer)
        (found,) = [one for one in reply["follow_user"] if one["userid"] == userid]
        return dict(found)

    def followers(self, customer: str) -> list[str]:
        reply = self.wecom.get("externalcontact/get", external_userid=customer)
        return [one["userid"] for one in reply.get("follow_user", ())]

    def customers(self, userid: str) -> list[str]:
        reply = self.wecom.get("externalcontact/list", userid=userid)
        return [] if reply["errcode"] == 84061 else customers_of(self.wecom, userid)

    def events_of(self, customer: str, since: int = 0) -> list[tuple[str, str]]:
        """Returns the events about the customer that the first app received since then, oldest first."""
        rows = self.corp.sim("callbacks", agentid=self.agentid, limit=1000)["callbacks"]
        return [
            (row["change_type"], row["xml"])
            for row in sorted(rows, key=lambda row: row["id"])
            if customer in row["xml"] and row["id"] > since
        ]

    def last_event_id(self) -> int:
        rows = self.corp.sim("callbacks", agentid=self.agentid, limit=1000)["callbacks"]
        return max((row["id"] for row in rows), default=0)

    @property
    def contacts(self) -> int:
        return int(self.corp.sim("contact_limit")["contacts"])


@pytest.fixture
def shop(start_server: Any) -> Shop:
    server = start_server()
    server.sim.post("/clock", json={"freeze": True})
    return Shop(server.make_corp(seed="demo"))


def each_unfit_taker(corp: Corp) -> Iterator[str]:
    """Makes lisi unable to take over customers, in one way after another."""
    act(corp, "admin_sets_member_status", userid="lisi", status=2)
    yield "disabled"
    act(corp, "admin_sets_member_status", userid="lisi", status=4)
    yield "not activated"
    act(corp, "admin_sets_member_status", userid="lisi", status=1)
    act(corp, "member_sets_real_name", userid="lisi", real_named=False)
    yield "not real-named"
