"""A document with a sub-table, for the tests of smart sheets: `sheet = Sheet(wecom)`."""

from typing import Any

from tests.conftest import WeCom

AT_ONCE = 500
BY_ID = "CELL_VALUE_KEY_TYPE_FIELD_ID"


def text(value: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": value}]


class Sheet:
    """The first sub-table of a new smart sheet; `fields` are titles with their types."""

    def __init__(self, wecom: WeCom, **fields: str) -> None:
        self.wecom = wecom
        created = wecom.post("wedoc/create_doc", doc_type=10, doc_name="客户跟进表")
        assert created["errcode"] == 0, created
        self.docid: str = created["docid"]
        self.sheet_id: str = self.call("get_sheet")["sheet_list"][0]["sheet_id"]
        self.primary: str = self.call("get_fields")["fields"][0]["field_id"]
        self.ids: dict[str, str] = {"文本": self.primary}
        for title, kind in fields.items():
            self.add_field(title, kind)

    def call(self, name: str, /, **fields: Any) -> dict[str, Any]:
        """One operation of smartsheet/ on this sub-table."""
        body: dict[str, Any] = {"docid": self.docid}
        if name not in ("get_sheet", "add_sheet", "update_sheet"):
            body["sheet_id"] = self.sheet_id
        return self.wecom.post(f"wedoc/smartsheet/{name}", {**body, **fields})

    def ok(self, name: str, /, **fields: Any) -> dict[str, Any]:
        reply = self.call(name, **fields)
        assert reply["errcode"] == 0, reply
        return reply

    def add_field(self, title: str, kind: str, **property_: Any) -> str:
        given = {"field_title": title, "field_type": f"FIELD_TYPE_{kind}", **property_}
        self.ids[title] = self.ok("add_fields", fields=[given])["fields"][0]["field_id"]
        return self.ids[title]

    def add(self, *rows: dict[str, Any]) -> list[str]:
        """Adds records with these cells by title, at most AT_ONCE per call; returns their ids."""
        ids: list[str] = []
        for start in range(0, len(rows), AT_ONCE):
            records = [{"values": row} for row in rows[start : start + AT_ONCE]]
            ids += [one["record_id"] for one in self.ok("add_records", records=records)["records"]]
        return ids

    def records(self, **wanted: Any) -> list[dict[str, Any]]:
        return list(self.ok("get_records", **wanted)["records"])

    def values(self, **wanted: Any) -> list[dict[str, Any]]:
        return [record["values"] for record in self.records(**wanted)]

    def texts(self, title: str = "文本", **wanted: Any) -> list[str]:
        """The text cells of the records that a query finds."""
        return ["".join(one["text"] for one in values[title]) for values in self.values(**wanted)]

    def where(self, title: str, operator: str, **value: Any) -> list[str]:
        """The text cells of the records that one condition finds."""
        condition = {"field_id": self.ids[title], "operator": f"OPERATOR_{operator}", **value}
        return self.texts(filter_spec={"conjunction": "CONJUNCTION_AND", "conditions": [condition]})
