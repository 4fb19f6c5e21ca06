"""Changing an older task card, which message/send still takes (page 91579, gone from the documentation)."""

from typing import Any

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.app_messages.cards.rules import TASK_CARDS
from wecom_tollbooth.families.app_messages.cards.versions import Body, body_of, change, holders
from wecom_tollbooth.families.app_messages.family import family
from wecom_tollbooth.families.app_messages.receivers import MOST_USERS, lowered, members_of
from wecom_tollbooth.families.app_messages.senders import check_agent
from wecom_tollbooth.families.app_messages.tables import APP_MESSAGE
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required, required_number
from wecom_tollbooth.world.context import Context


class UpdateTaskCardRequest(RequestModel):
    userids: list[str] = required(max_items=MOST_USERS, too_long=ErrCode.USERID_LIST_TOO_LONG)
    agentid: int = required_number(ErrCode.MISSING_AGENTID)
    task_id: str = required(ErrCode.TASK_NOT_FOUND, doc="of the card")
    replace_name: str | None = optional(doc="what the card shows in place of its buttons")
    clicked_key: str | None = optional(doc="the older form: the button that is shown as pressed")


class UpdateTaskCardReply(TypedDict, total=False):
    invaliduser: list[str]


@family.post(
    "/cgi-bin/message/update_taskcard",
    doc="91579",
    checked=None,
    meter="message.write",
    permission=Permission.APP_MESSAGE,
    errors=(
        ErrCode.USERID_LIST_TOO_LONG,
        ErrCode.INVALID_AGENTID,
        ErrCode.MISSING_AGENTID,
        ErrCode.CARD_OF_ANOTHER_APP,
        ErrCode.TASK_NOT_FOUND,
        ErrCode.BUTTON_KEY_NOT_FOUND,
        ErrCode.MISSING_BUTTON_NAME,
        ErrCode.TARGET_IS_NO_RECEIVER,
        ErrCode.NO_RIGHT_ON_APP,
    ),
    sample={
        "userids": ["userid1", "userid2"],
        "agentid": 1000002,
        "task_id": "taskid122",
        "replace_name": "已收到",
    },
)
def update_taskcard(call: Call, body: UpdateTaskCardRequest) -> UpdateTaskCardReply:
    """更新任务卡片消息状态（旧） / Change the state of a task card (old)

    Shows `replace_name` in place of the buttons on the phones of members who got the task card.
    """
    check_agent(call, body.agentid)
    message_id, msgtype = task_card(call, body.task_id)
    name = body.replace_name or _name_of(body_of(call, message_id)[msgtype], body.clicked_key or "")
    wanted = list(dict.fromkeys(body.userids))
    members, invalid = members_of(call, wanted)
    having = holders(call, message_id, members)
    if not having:
        raise Refusal(ErrCode.TARGET_IS_NO_RECEIVER, detail="nobody who was named has this card")
    change(call, message_id, having, lambda shown: with_replaced_buttons(shown, name))
    left = lowered(wanted, invalid + [one for one in members if one not in having])
    return {"invaliduser": left} if left else {}


def with_replaced_buttons(shown: Body, name: str) -> Body:
    msgtype = shown["msgtype"]
    return {**shown, msgtype: {**shown[msgtype], "replace_name": name}}


def task_card(context: Context, task_id: str) -> tuple[int, str]:
    """The app's older card, and its msgtype. Raises 42016 if it is unknown, 42015 if another app sent it."""
    query = sa.select(APP_MESSAGE.c.message_id, APP_MESSAGE.c.msgtype, APP_MESSAGE.c.agentid).where(
        APP_MESSAGE.c.corp_id == context.corp_id,
        APP_MESSAGE.c.task_id == task_id,
        APP_MESSAGE.c.msgtype.in_(TASK_CARDS),
    )
    found = {row.agentid: row for row in context.db.execute(query)}
    if context.agentid in found:
        return found[context.agentid].message_id, found[context.agentid].msgtype
    if found:
        raise Refusal(ErrCode.CARD_OF_ANOTHER_APP, detail=f"another app sent the card {task_id[:60]!r}")
    raise Refusal(ErrCode.TASK_NOT_FOUND, detail=f"no task card has the task_id {task_id[:60]!r}")


def _name_of(card: dict[str, Any], key: str) -> str:
    """What the pressed button shows. Raises 42020 without a key, 42017 for an unknown one."""
    if not key:
        raise Refusal(ErrCode.MISSING_BUTTON_NAME, detail="replace_name is required and was absent or empty")
    for button in card["btn"]:
        if button["key"] == key:
            return str(button.get("replace_name") or button["name"])
    raise Refusal(ErrCode.BUTTON_KEY_NOT_FOUND, detail=f"the card has no button {key[:60]!r}")
