"""Webhooks of the tests of smart sheets."""

from typing import Any

import httpx

from tests.conftest import Corp
from tests.families.factories import act
from tests.families.sheets import Sheet


class Webhook:
    """A webhook that zhangsan opened, and calls to it from outside the corp."""

    def __init__(self, corp: Corp, docid: str, sheet_id: str, **fields: Any) -> None:
        where = {"docid": docid, "sheet_id": sheet_id}
        made = act(corp, "member_opens_webhook", userid="zhangsan", **where, **fields)
        self.corp = corp
        self.http = httpx.Client(timeout=60, verify=False)
        self.id: str = made["webhook_id"]
        self.key: str = made["key"]
        self.sample: dict[str, Any] = made["sample"]
        self.address = corp.server.base_url + made["path"]

    def send(self, body: Any = None, *, content: bytes | None = None, **fields: Any) -> dict[str, Any]:
        given = {"content": content} if content is not None else {"json": fields if body is None else body}
        answer = self.http.post(self.address, **given)
        assert answer.status_code == 200
        reply: dict[str, Any] = answer.json()
        assert answer.headers["error-code"] == str(reply["errcode"])
        return reply

    def ok(self, body: Any = None, **fields: Any) -> dict[str, Any]:
        reply = self.send(body, **fields)
        assert reply["errcode"] == 0, reply
        return reply

    def add(self, *rows: dict[str, Any]) -> list[str]:
        reply = self.ok(add_records=[{"values": row} for row in rows])
        return [record["record_id"] for record in reply["add_records"]]

    def refusal(self, **cells: Any) -> int:
        """The errcode of one row with these cells."""
        return int(self.send(add_records=[{"values": cells}])["errcode"])

    def close(self) -> None:
        act(self.corp, "member_closes_webhook", webhook_id=self.id)


def webhook_of(sheet: Sheet, **fields: Any) -> Webhook:
    return Webhook(sheet.wecom.corp, sheet.docid, sheet.sheet_id, **fields)
