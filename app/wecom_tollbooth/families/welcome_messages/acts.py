"""What members do with group welcomes in the client."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.group_chats.lookup import the_group_of_its_owner
from wecom_tollbooth.families.phones.screens import CONFIRMED, set_state
from wecom_tollbooth.families.welcome_messages.tables import (
    GROUP_WELCOME,
    GroupWelcome,
    GroupWelcomeTemplate,
)
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class MemberAppliesGroupWelcome(ActModel):
    chat_id: str
    template_id: str | None = Field(default=None, description="left out: the group greets no more")


@act("member_applies_group_welcome")
def member_applies_group_welcome(act: Act, body: MemberAppliesGroupWelcome) -> dict[str, Any]:
    """群主设置入群欢迎语 / The owner chooses the template that greets newcomers; raises nothing."""
    chat = the_group_of_its_owner(act, body.chat_id)
    act.db.execute(
        sa.delete(GROUP_WELCOME).where(
            GROUP_WELCOME.c.corp_id == act.corp_id, GROUP_WELCOME.c.chat_id == chat.chat_id
        )
    )
    if body.template_id is not None:
        key = (act.corp_id, body.template_id)
        template = act.db.session.get(GroupWelcomeTemplate, key, with_for_update=True)
        if template is None:
            raise ActRefused(f"there is no group welcome template {body.template_id!r}, or no longer")
        act.db.session.add(
            GroupWelcome(corp_id=act.corp_id, chat_id=chat.chat_id, template_id=template.template_id)
        )
        if template.message_id is not None:
            set_state(act, template.message_id, CONFIRMED, chat.owner)
    return {"chat_id": chat.chat_id, "userid": chat.owner, "template_id": body.template_id}
