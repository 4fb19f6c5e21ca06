"""What members do with their group chats in the client."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.app_chats.membership import find_chat
from wecom_tollbooth.families.app_chats.tables import MEMBER_CHAT
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class ChatNotice(ActModel):
    chatid: str
    notice: str = Field(max_length=2000, description="empty: none")


@act("member_changes_chat_notice")
def member_changes_chat_notice(act: Act, body: ChatNotice) -> dict[str, Any]:
    """成员修改内部群公告 / The notice of a group of members changes or is removed."""
    if find_chat(act, body.chatid, to_write=True) is None:
        raise ActRefused(f"there is no group of members {body.chatid!r}")
    this = (MEMBER_CHAT.c.corp_id == act.corp_id) & (MEMBER_CHAT.c.chat_id == body.chatid)
    act.db.execute(sa.update(MEMBER_CHAT).where(this).values(notice=body.notice))
    return {"chatid": body.chatid}
