"""What admins and members set in the console and the client."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.db import upsert
from wecom_tollbooth.families.attachments.message_content import TEXT_BYTES
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.directory.offboarding import left_behind
from wecom_tollbooth.families.group_chats.lookup import the_group_of_its_owner
from wecom_tollbooth.families.phones.screens import CONFIRMED, set_state
from wecom_tollbooth.families.relations.tables import MEMBER_GREETING
from wecom_tollbooth.families.welcome_messages.tables import (
    GROUP_WELCOME,
    GroupWelcomeTemplate,
)
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

left_behind(MEMBER_GREETING.c.userid)


class AdminSetsWelcomeMessage(ActModel):
    userid: str
    text: str = Field(max_length=TEXT_BYTES, description="empty: none, so that events bring codes again")


@act("admin_sets_welcome_message")
def admin_sets_welcome_message(act: Act, body: AdminSetsWelcomeMessage) -> dict[str, Any]:
    """管理员为成员设置欢迎语 / An admin sets what greets a member's customers in place of a code."""
    userid = the_member(act, body.userid).userid
    if body.text:
        row = {"corp_id": act.corp_id, "userid": userid, "content": {"text": {"content": body.text}}}
        act.db.execute(upsert(act.db.dialect, MEMBER_GREETING, ("corp_id", "userid")), row)
    else:
        own_row = (MEMBER_GREETING.c.corp_id == act.corp_id) & (MEMBER_GREETING.c.userid == userid)
        act.db.execute(sa.delete(MEMBER_GREETING).where(own_row))
    return {"userid": userid}


class MemberAppliesGroupWelcome(ActModel):
    chat_id: str
    template_id: str | None = Field(default=None, description="left out: the group greets no more")


@act("member_applies_group_welcome")
def member_applies_group_welcome(act: Act, body: MemberAppliesGroupWelcome) -> dict[str, Any]:
    """群主设置入群欢迎语 / The owner chooses the template that greets newcomers; raises nothing."""
    chat = the_group_of_its_owner(act, body.chat_id)
    if body.template_id is None:
        own_row = (GROUP_WELCOME.c.corp_id == act.corp_id) & (GROUP_WELCOME.c.chat_id == chat.chat_id)
        act.db.execute(sa.delete(GROUP_WELCOME).where(own_row))
    else:
        key = (act.corp_id, body.template_id)
        template = act.db.session.get(GroupWelcomeTemplate, key, with_for_update=True)
        if template is None:
            raise ActRefused(f"there is no group welcome template {body.template_id!r}, or no longer")
        row = {"corp_id": act.corp_id, "chat_id": chat.chat_id, "template_id": template.template_id}
        act.db.execute(upsert(act.db.dialect, GROUP_WELCOME, ("corp_id", "chat_id")), row)
        if template.message_id is not None:
            set_state(act, template.message_id, CONFIRMED, chat.owner)
    return {"chat_id": chat.chat_id, "userid": chat.owner, "template_id": body.template_id}
