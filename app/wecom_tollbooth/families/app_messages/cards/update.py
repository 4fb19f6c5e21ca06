"""Changing a template card after it was sent, by a response_code (page 94888, 2026-02)."""

from typing import Any

from typing_extensions import TypedDict

from wecom_tollbooth.families.app_messages.cards.response_codes import use
from wecom_tollbooth.families.app_messages.cards.rules import INTERACTIVE, checked_card
from wecom_tollbooth.families.app_messages.cards.shapes import TemplateCardGiven
from wecom_tollbooth.families.app_messages.cards.versions import Body, body_of, change, holders, sender_of
from wecom_tollbooth.families.app_messages.family import family
from wecom_tollbooth.families.app_messages.id_names import put_names
from wecom_tollbooth.families.app_messages.receivers import (
    MOST_PARTIES,
    MOST_TAGS,
    MOST_USERS,
    departments_of,
    lowered,
    members_of,
)
from wecom_tollbooth.families.app_messages.senders import check_agent
from wecom_tollbooth.families.directory.receiving import members_in
from wecom_tollbooth.families.member_tags.lookup import members_with_tags
from wecom_tollbooth.families.mini_programs.lookup import refuse_unassociated
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional, read, required, required_number
from wecom_tollbooth.world.context import Context


class ButtonChange(RequestModel):
    replace_name: str | None = optional(doc="required; the text of the grey button")


class UpdateCardRequest(RequestModel):
    userids: list[str] | None = optional(max_items=MOST_USERS, too_long=ErrCode.USERID_LIST_TOO_LONG)
    partyids: list[int] | None = optional(max_items=MOST_PARTIES, too_long=ErrCode.TOO_MANY_PARTIES)
    tagids: list[int] | None = optional(max_items=MOST_TAGS, too_long=ErrCode.TOO_MANY_TAGS)
    atall: int | None = optional(doc="1: everybody who got the card")
    agentid: int = required_number(ErrCode.MISSING_AGENTID, doc="the app that sent the card")
    response_code: str = required(
        ErrCode.INVALID_RESPONSE_CODE, doc="of message/send or of an event; valid once, for 72 hours"
    )
    button: ButtonChange | None = optional(doc="makes the buttons of the card grey")
    template_card: dict[str, Any] | None = optional(
        doc="a whole new card instead, as in message/send; without task_id, with replace_text"
    )
    enable_id_trans: int | None = optional(doc="1: ids such as $userName=ID$ become names")


class UpdateReply(TypedDict, total=False):
    invaliduser: list[str]


@family.post(
    "/cgi-bin/message/update_template_card",
    doc="94888",
    checked="2026-02",
    meter="message.write",
    permission=Permission.APP_MESSAGE,
    errors=(
        ErrCode.MINI_PROGRAM_NOT_ASSOCIATED,
        ErrCode.USERID_LIST_TOO_LONG,
        ErrCode.INVALID_AGENTID,
        ErrCode.MISSING_AGENTID,
        ErrCode.CARD_OF_ANOTHER_APP,
        ErrCode.MISSING_BUTTON_NAME,
        ErrCode.INVALID_CARD_TYPE,
        ErrCode.CARD_MISSING_TITLE,
        ErrCode.INVALID_RESPONSE_CODE,
        ErrCode.TOO_MANY_PARTIES,
        ErrCode.TOO_MANY_TAGS,
        ErrCode.NO_UPDATE_TARGET,
        ErrCode.TARGET_IS_NO_RECEIVER,
        ErrCode.NO_RIGHT_ON_APP,
    ),
    sample={
        "userids": ["userid1", "userid2"],
        "partyids": [2, 3],
        "tagids": [44, 55],
        "atall": 0,
        "agentid": 1000002,
        "response_code": "response_code",
        "button": {"replace_name": "replace_name"},
    },
)
def update_template_card(call: Call, body: UpdateCardRequest) -> UpdateReply:
    """更新模版卡片消息 / Change a template card

    Changes the card on the phones of members who got it: `button` makes its buttons grey, `template_card`
    shows another card instead. A wrong field of the new card answers the codes of message/send.
    """
    check_agent(call, body.agentid)
    message_id = use(call, body.response_code)
    if message_id is None:
        raise Refusal(
            ErrCode.INVALID_RESPONSE_CODE,
            detail="response_code is unknown, was used, or is over 72 hours old",
        )
    if sender_of(call, message_id) != call.agentid:
        raise Refusal(ErrCode.CARD_OF_ANOTHER_APP, detail="another app sent the card of this response_code")
    having, invalid = _targets(call, body, message_id)
    if body.template_card:
        card = new_card(call, body.template_card, enable_id_trans=bool(body.enable_id_trans))
        change(call, message_id, having, lambda shown: with_card(shown, card))
    else:
        name = (body.button.replace_name if body.button else None) or ""
        if not name:
            raise Refusal(
                ErrCode.MISSING_BUTTON_NAME, detail="button.replace_name or template_card must be given"
            )
        refuse_without_buttons(call, message_id)
        change(call, message_id, having, lambda shown: with_grey_buttons(shown, name))
    return {"invaliduser": invalid} if invalid else {}


def new_card(call: Call, given: dict[str, Any], *, enable_id_trans: bool) -> Body:
    """The card as checked. Raises the codes of message/send."""
    shape = read(TemplateCardGiven, given, call.warn)
    card = checked_card(call, shape.model_dump(exclude_none=True), update=True)
    refuse_unassociated(call, card, "template_card")
    if enable_id_trans:
        put_names(call, "template_card", card)
    return card


def with_card(shown: Body, card: Body) -> Body:
    """The message with the new card, which keeps the task_id of the old one."""
    task_id = shown["template_card"].get("task_id")
    return {**shown, "template_card": card | ({"task_id": task_id} if task_id else {})}


def with_grey_buttons(shown: Body, name: str) -> Body:
    return {**shown, "template_card": {**shown["template_card"], "replace_text": name}}


def refuse_without_buttons(context: Context, message_id: int) -> None:
    """Raises 40058 for a card that was sent as a notice, which has no buttons."""
    card_type = body_of(context, message_id)["template_card"]["card_type"]
    if card_type not in INTERACTIVE:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            "button invalid",
            detail=f"a card of the type {card_type} has no buttons",
        )


def _targets(call: Call, body: UpdateCardRequest, message_id: int) -> tuple[dict[str, int], list[str]]:
    """The members whose card changes, with the version they have, and the userids that are no receivers.

    Raises 82101 if nobody is named, 82102 if nobody who was has the card.
    """
    wanted: list[str] = []
    invalid: list[str] = []
    if body.atall:
        having = holders(call, message_id)
    else:
        if not body.userids and not body.partyids and not body.tagids:
            raise Refusal(
                ErrCode.NO_UPDATE_TARGET, detail="userids, partyids, tagids and atall are all empty"
            )
        wanted = list(dict.fromkeys(body.userids or []))
        members, invalid = members_of(call, wanted)
        departments, _ = departments_of(call, [str(one) for one in body.partyids or []])
        tagged, _ = members_with_tags(call, [str(one) for one in body.tagids or []])
        having = holders(call, message_id, {*members, *members_in(call, departments), *tagged})
        invalid += [one for one in members if one not in having]
    if not having:
        raise Refusal(ErrCode.TARGET_IS_NO_RECEIVER, detail="nobody who was named has this card")
    return having, lowered(wanted, invalid)
