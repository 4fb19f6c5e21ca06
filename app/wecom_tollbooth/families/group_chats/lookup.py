"""Finding one customer group, for operations and acts."""

from wecom_tollbooth.families.directory.tables import LEFT, Member
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.families.group_chats.tables import GroupChat
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.world.acts import Act, ActRefused
from wecom_tollbooth.world.context import Context


def the_group(context: Context, chat_id: str, *, lock: bool = True) -> GroupChat:
    """Returns the group; raises 40050 for an unknown one, 49008 for a dissolved one.

    `lock`: no other transaction can change it before this one ends.
    """
    chat = context.db.session.get(GroupChat, (context.corp_id, chat_id), with_for_update=lock)
    if chat is None:
        raise context.refusal(ErrCode.INVALID_CHAT_ID, f"there is no customer group {chat_id!r} in this corp")
    if chat.dismissed_at is not None:
        raise context.refusal(
            ErrCode.GROUP_DISSOLVED, f"the group {chat_id} was dissolved at {chat.dismissed_at}"
        )
    return chat


def the_visible_group(
    call: Call, chat_id: str, not_a_customer_group: Code = ErrCode.NOT_A_CUSTOMER_GROUP
) -> GroupChat:
    """As the_group; also raises 60011 outside the app's range, 90501 if the owner may have no customers."""
    chat = the_group(call, chat_id, lock=False)
    if not sees(call, chat.owner):
        raise Refusal(
            ErrCode.NO_PRIVILEGE, detail=f"{chat.owner}, the owner, is outside the app's visible range"
        )
    owner = call.db.session.get_one(Member, (call.corp_id, chat.owner))
    if not owner.may_follow and owner.status != LEFT:
        raise Refusal(not_a_customer_group, detail=f"{chat.owner}, the owner, may have no customers")
    return chat


def the_group_of_its_owner(act: Act, chat_id: str) -> GroupChat:
    """Returns the group for an act of its owner; raises ActRefused also if the owner has left the corp."""
    chat = the_group(act, chat_id)
    owner = act.db.session.get(Member, (act.corp_id, chat.owner))
    if owner is None or owner.status == LEFT:
        raise ActRefused(f"{chat.owner}, who owns {chat_id}, has left the corp")
    return chat
