"""Which acts leave a record in the logs of 安全管理."""

from collections.abc import Collection
from typing import NamedTuple

from pydantic import BaseModel

from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.families.directory.offboarding import creator_of
from wecom_tollbooth.families.security_logs.records import note
from wecom_tollbooth.families.security_logs.tables import ADMINS, MEMBERS
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.context import Context

ADDRESS, MASKED_ADDRESS = "192.0.2.1", "192.0.2.*"
"""From the range that RFC 5737 reserves for documentation; the log of members hides the last part."""
LONGEST_DETAIL = 200
UNKNOWN_ADMIN = "admin"


class Recorded(NamedTuple):
    """oper_type and detail_type of page 100179."""

    oper_type: int
    detail_type: int


BY_ADMINS = {
    "admin_changes_department": Recorded(3, 21),
    "admin_changes_member": Recorded(3, 15),
    "admin_changes_member_tag": Recorded(3, 40),
    "admin_closes_message_archive": Recorded(7, 140),
    "admin_creates_department": Recorded(3, 9),
    "admin_creates_member": Recorded(3, 14),
    "admin_creates_member_tag": Recorded(3, 38),
    "admin_deletes_department": Recorded(3, 10),
    "admin_deletes_member_tag": Recorded(3, 39),
    "admin_deletes_members": Recorded(3, 13),
    "admin_disables_external_payments": Recorded(8, 66),
    "admin_enables_external_payments": Recorded(8, 65),
    "admin_hands_over_corp": Recorded(2, 37),
    "admin_imports_members": Recorded(3, 16),
    "admin_moves_members": Recorded(3, 12),
    "admin_opens_message_archive": Recorded(7, 140),
    "admin_renames_member_tag": Recorded(3, 41),
    "admin_reopens_unused_app": Recorded(8, 65),
    "admin_sets_app_admin": Recorded(2, 7),
    "admin_sets_contactable_members": Recorded(8, 29),
    "admin_sets_follow_right": Recorded(13, 119),
    "admin_sets_member_status": Recorded(3, 15),
    "admin_sets_second_verification": Recorded(11, 98),
    "admin_sets_visible_range": Recorded(8, 29),
}
"""Acts of admins for which page 100179 has a number."""
BY_MEMBERS = {"member_deletes_customer": 2}
"""Acts of members with their oper_type of page 100178; customers who are added are noted as they are."""

APP_CHANGES, DISABLES_APP, ENABLES_APP, CHANGES_RANGE, CHANGES_APP = 8, 66, 65, 29, 28
"""The oper_type of what admins do to an app, and its kinds."""

LABELS = {
    "userid": "账号",
    "userids": "账号",
    "name": "姓名",
    "mobile": "手机号",
    "department": "部门",
    "external_userid": "外部联系人",
    "tagname": "标签",
}
"""Of the fields of acts, in the order of a detail_info; others follow under their own names."""


def record(act: Act, name: str, body: BaseModel) -> None:
    """Notes an act that has happened, if it is one of those that leave a record."""
    given = body.model_dump(exclude_unset=True)
    if (of_admin := BY_ADMINS.get(name)) is not None:
        content = {"detail_type": of_admin.detail_type, "detail_info": _detail(given), "ip": ADDRESS}
        note(act, ADMINS, creator_of(act) or UNKNOWN_ADMIN, of_admin.oper_type, content)
    elif (oper_type := BY_MEMBERS.get(name)) is not None:
        content = {"detail_info": _detail(given), "ip": MASKED_ADDRESS}
        note(act, MEMBERS, str(given["userid"]), oper_type, content)


def record_app_changes(context: Context, app: App, changed: Collection[str]) -> None:
    """Notes what an admin changed of an app: the names of the fields."""
    kinds = [ENABLES_APP if app.enabled else DISABLES_APP] if "enabled" in changed else []
    if "visible" in changed:
        kinds.append(CHANGES_RANGE)
    if set(changed) - {"enabled", "visible"}:
        kinds.append(CHANGES_APP)
    admin = creator_of(context) or UNKNOWN_ADMIN
    for kind in kinds:
        content = {"detail_type": kind, "detail_info": f"应用：{app.name}", "ip": ADDRESS}
        note(context, ADMINS, admin, APP_CHANGES, content)


def _detail(given: dict[str, object]) -> str:
    parts = []
    names = [*(name for name in LABELS if name in given), *(name for name in given if name not in LABELS)]
    for name in names:
        value = given[name]
        if isinstance(value, list):
            value = "、".join(str(one) for one in value if not isinstance(one, dict | list))
        if value not in ("", None) and not isinstance(value, dict):
            parts.append(f"{LABELS.get(name, name)}：{value}")
    return "；".join(parts)[:LONGEST_DETAIL]
