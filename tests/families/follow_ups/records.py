"""Helpers for tests of follow-ups: FollowUps for the operations, FollowUpSheet for the smart sheet."""

from typing import Any

from tests.conftest import WeCom

PATH = "externalcontact/follow_up/"
STAGES = ("untouched", "connected", "cooperating", "ended")


class FollowUps:
    """The operations on follow-ups of a corp, and its pairs of members and customers without a record."""

    def __init__(self, wecom: WeCom) -> None:
        self.wecom = wecom
        self._free = self._pairs()

    def _pairs(self) -> list[tuple[str, str]]:
        found = []
        for userid in self.wecom.get("externalcontact/get_follow_user_list")["follow_user"]:
            listed = self.wecom.get("externalcontact/list", userid=userid)
            found += [(userid, customer) for customer in listed["external_userid"]]
        return found

    @property
    def now(self) -> int:
        return int(self.wecom.corp.server.sim.get("/clock").json()["now"])

    def call(self, operation: str, /, **body: Any) -> dict[str, Any]:
        return self.wecom.post(PATH + operation, body)

    def ok(self, operation: str, /, **body: Any) -> dict[str, Any]:
        reply = self.call(operation, **body)
        assert reply["errcode"] == 0, reply
        return reply

    def pair(self, userid: str | None = None) -> dict[str, str]:
        """A member and a customer without a record."""
        found = next(pair for pair in self._free if userid in (None, pair[0]))
        self._free.remove(found)
        return {"userid": found[0], "external_userid": found[1]}

    def add(self, userid: str | None = None, **fields: Any) -> str:
        return str(self.ok("add", **{**self.pair(userid), **fields})["follow_up_id"])

    def get(self, id_: str) -> dict[str, Any]:
        return dict(self.ok("get", follow_up_id=id_)["follow_up"])

    def board(self, **body: Any) -> dict[str, list[str]]:
        stages = self.ok("board", **body)["stages"]
        return {stage["stage_id"]: [card["follow_up_id"] for card in stage["cards"]] for stage in stages}

    def counts(self, **body: Any) -> dict[str, int]:
        return {stage["stage_id"]: stage["count"] for stage in self.ok("board", **body)["stages"]}

    def listed(self, **body: Any) -> list[str]:
        """The ids of the records on all pages of a list."""
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            reply = self.ok("list", **body, **cursor)
            found += [one["follow_up_id"] for one in reply["follow_ups"]]
            if "next_cursor" not in reply:
                return found
            cursor = {"cursor": reply["next_cursor"]}


def frozen(start_server: Any) -> FollowUps:
    """The records of a corp on a server whose clock is frozen."""
    server = start_server()
    server.sim.post("/clock", json={"freeze": True})
    return FollowUps(server.make_corp(seed="demo").client())


class FollowUpSheet:
    """The smart sheet of the corp's follow-up records."""

    def __init__(self, wecom: WeCom) -> None:
        self.wecom = wecom
        self.where = {
            name: value
            for name, value in wecom.post("externalcontact/follow_up/get_sheet").items()
            if name in ("docid", "sheet_id")
        }

    def call(self, name: str, /, **body: Any) -> dict[str, Any]:
        return self.wecom.post(f"wedoc/smartsheet/{name}", {**self.where, **body})

    def ok(self, name: str, /, **body: Any) -> dict[str, Any]:
        reply = self.call(name, **body)
        assert reply["errcode"] == 0, reply
        return reply

    def rows(self, **wanted: Any) -> dict[str, dict[str, Any]]:
        return {one["record_id"]: one["values"] for one in self.ok("get_records", **wanted)["records"]}

    def found(self, field_id: str, operator: str, **value: Any) -> list[str]:
        condition = {"field_id": field_id, "operator": f"OPERATOR_{operator}", **value}
        return list(self.rows(filter_spec={"conditions": [condition]}))

    def change(self, record_id: str, **values: Any) -> dict[str, Any]:
        return self.call("update_records", records=[{"record_id": record_id, "values": values}])
