"""The permission rules of a smart sheet that has a field of each type that rules treat differently."""

from typing import Any

from tests.conftest import WeCom
from tests.families.sheets import Sheet

FOR_ALL, FOR_SOME = 1, 2
EVERY_RECORD = {"record_range_type": 1}
EVERY_FIELD = {"field_range_type": 1}
MAY_WORK = {"can_insert_record": True, "can_delete_record": True, "can_create_modify_delete_view": False}


class Rules:
    def __init__(self, wecom: WeCom) -> None:
        self.wecom = wecom
        self.sheet = Sheet(wecom, 人="USER", 选="SINGLE_SELECT", 数="NUMBER", 式="FORMULA", 建="CREATED_TIME")
        self.sheet_id, self.ids = self.sheet.sheet_id, self.sheet.ids

    def call(self, name: str, /, **body: Any) -> dict[str, Any]:
        given = {"docid": self.sheet.docid, **body}
        return self.wecom.post(f"wedoc/smartsheet/content_priv/{name}", given)

    def ok(self, name: str, /, **body: Any) -> dict[str, Any]:
        reply = self.call(name, **body)
        assert reply["errcode"] == 0, reply
        return reply

    def create(self, name: str) -> int:
        return int(self.ok("create_rule", name=name)["rule_id"])

    def of_all(self) -> dict[str, Any]:
        (rule,) = self.ok("get_sheet_priv", type=FOR_ALL)["rule_list"]
        return dict(rule)

    def of(self, *rule_ids: int) -> list[dict[str, Any]]:
        return list(self.ok("get_sheet_priv", type=FOR_SOME, rule_id_list=rule_ids)["rule_list"])

    def set(self, rule_id: int | None = None, **priv: Any) -> dict[str, Any]:
        """Sets the permissions of a rule on the sub-table, by default of the rule for all members."""
        which = {"type": FOR_SOME, "rule_id": rule_id} if rule_id else {"type": FOR_ALL}
        return self.call("update_sheet_priv", **which, priv_list=[{"sheet_id": self.sheet_id, **priv}])

    def field(self, title: str, kind: str, *rights: str) -> dict[str, Any]:
        """A rule of the field with the given ones of edit, insert and view."""
        type_name = f"FIELD_TYPE_{kind}" if kind else ""
        return {
            "field_id": self.ids[title],
            "field_type": type_name,
            **{f"can_{one}": one in rights for one in ("edit", "insert", "view")},
        }
