"""Chats and profiles that a page opens (pages 92525, 93071, 91798)."""

from typing import Any

from wecom_tollbooth.client.functions.registry import Invocation, failed, function, text_of, texts
from wecom_tollbooth.families.directory.lookup import find_members
from wecom_tollbooth.families.group_chats.acts import MemberCreatesGroup, member_creates_group
from wecom_tollbooth.families.group_chats.lookup import the_group
from wecom_tollbooth.families.group_chats.membership import present_in
from wecom_tollbooth.families.relations.lifecycle import are_contacts, relation_of

MOST_INSIDE, MOST_WITH_CUSTOMERS = 2000, 40
"""People in a chat of members, and in one with WeChat users (page 92525)."""


@function("openEnterpriseChat")
def open_enterprise_chat(call: Invocation) -> dict[str, Any]:
    """Opens a group, the chat with one person, or a new group with several."""
    params = call.params
    chat_id = text_of(params, "chatId")
    if chat_id:
        return _open_group(call, chat_id)
    members = _members(call, texts(params.get("userIds")) or texts(params.get("useridlist")))
    customers = _customers(call, texts(params.get("externalUserIds")) or texts(params.get("openIds")))
    if not members and not customers:
        raise failed("userIds 与 externalUserIds 至少填一个", "give userIds or externalUserIds")
    most = MOST_WITH_CUSTOMERS if customers else MOST_INSIDE
    if len(members) + len(customers) > most:
        raise failed(f"会话最多 {most} 人", f"a chat has at most {most} people")
    if not members and len(customers) == 1:
        call.then["open_chat"] = {"external_userid": customers[0]}
        return {}
    if not customers:
        call.then["open_members"] = members
        return {}
    name = text_of(params, "groupName", "chatname")[:64]
    made = member_creates_group(
        call.act, MemberCreatesGroup(userid=call.userid, name=name, people=[*members, *customers])
    )
    return _opened(call, made["chat_id"])


@function("navigateToAddCustomer", identity="app", of_customers=True, on_mobile_alone=True)
def navigate_to_add_customer(call: Invocation) -> dict[str, Any]:
    call.then["add_customer"] = True
    return {}


@function("openUserProfile")
def open_user_profile(call: Invocation) -> dict[str, Any]:
    kind, person = text_of(call.params, "type"), text_of(call.params, "userid")
    if kind == "2":
        _customers(call, [person])
        call.then["open_profile"] = {"external_userid": person}
    else:
        call.then["open_profile"] = {"userid": person}
    return {}


def _open_group(call: Invocation, chat_id: str) -> dict[str, Any]:
    chat = the_group(call.act, chat_id, lock=False)
    if not present_in(call.act.db, call.act.corp_id, chat.chat_id, [call.userid]):
        raise failed(f"{call.userid} 不在群 {chat_id} 中", f"{call.userid} is not in the group {chat_id}")
    return _opened(call, chat.chat_id)


def _opened(call: Invocation, chat_id: str) -> dict[str, Any]:
    """The reply names the group to pages with the app's identity alone."""
    call.then["open_chat"] = {"chat_id": chat_id}
    identity = call.webview.app_identity
    return {"chatId": chat_id} if identity and "openEnterpriseChat" in identity["apis"] else {}


def _members(call: Invocation, userids: list[str]) -> list[str]:
    """The other members of the chat, as the directory spells them. Raises Failed for an unknown one."""
    found = find_members(call.act, userids)
    for userid in userids:
        if userid not in found:
            raise failed(f"企业中没有成员 {userid!r}", f"there is no member {userid!r}")
    return [one.userid for one in found.values() if one.userid != call.userid]


def _customers(call: Invocation, external_userids: list[str]) -> list[str]:
    for external_userid in external_userids:
        if not are_contacts(relation_of(call.act, call.userid, external_userid)):
            raise failed(
                f"{external_userid!r} 不是 {call.userid} 的客户",
                f"{external_userid!r} is no customer of {call.userid}",
            )
    return list(dict.fromkeys(external_userids))
