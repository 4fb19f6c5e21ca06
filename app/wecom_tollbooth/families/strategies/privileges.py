"""The privileges of a rule group's admins: five are always on, sixteen are on by default."""

from typing import Any

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.gateway.shapes import RequestModel


def _base(doc: str) -> Any:
    return Field(default=True, description=f"{doc}; a base right, cannot be switched off")


def _right(doc: str) -> Any:
    return Field(default=True, description=doc)


class Privilege(RequestModel):
    view_customer_list: bool = _base("see the list of customers")
    view_customer_data: bool = _base("see the statistics of customers")
    view_room_list: bool = _base("see the list of groups")
    contact_me: bool = _base("use 联系我")
    join_room: bool = _base("use the ways to join groups")
    share_customer: bool = _right("share customers with other members")
    oper_resign_customer: bool = _right("hand over customers of members who left")
    oper_resign_group: bool = _right("hand over groups of members who left")
    send_customer_msg: bool = _right("send messages to customers of the corp")
    edit_welcome_msg: bool = _right("set welcome messages")
    view_behavior_data: bool = _right("see the statistics of members")
    view_room_data: bool = _right("see the statistics of groups")
    send_group_msg: bool = _right("send messages to groups of customers")
    room_deduplication: bool = _right("take customers out of groups they are in twice")
    rapid_reply: bool = _right("set quick replies")
    onjob_customer_transfer: bool = _right("hand over customers of active members")
    edit_anti_spam_rule: bool = _right("edit the rules against harassment")
    export_customer_list: bool = _right("export the list of customers")
    export_customer_data: bool = _right("export the statistics of members")
    export_customer_group_list: bool = _right("export the list of groups")
    manage_customer_tag: bool = _right("manage the tags of the corp")


class PrivilegeShape(TypedDict):
    view_customer_list: bool
    view_customer_data: bool
    view_room_list: bool
    contact_me: bool
    join_room: bool
    share_customer: bool
    oper_resign_customer: bool
    oper_resign_group: bool
    send_customer_msg: bool
    edit_welcome_msg: bool
    view_behavior_data: bool
    view_room_data: bool
    send_group_msg: bool
    room_deduplication: bool
    rapid_reply: bool
    onjob_customer_transfer: bool
    edit_anti_spam_rule: bool
    export_customer_list: bool
    export_customer_data: bool
    export_customer_group_list: bool
    manage_customer_tag: bool


SAMPLE = {flag: flag != "share_customer" for flag in Privilege.model_fields}
"""As in the documented samples."""

BASE = ("view_customer_list", "view_customer_data", "view_room_list", "contact_me", "join_room")


def flags(wanted: Privilege | None) -> dict[str, bool]:
    """Returns all twenty-one flags: as requested, on by default, and the base privileges always on."""
    return {**(wanted or Privilege()).model_dump(), **dict.fromkeys(BASE, True)}
