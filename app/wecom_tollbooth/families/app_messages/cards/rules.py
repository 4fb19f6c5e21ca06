"""What a template card must have, by its type (pages 90236 and 94888, 2026-02)."""

import re
from collections.abc import Callable
from typing import Any

from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.media.lookup import check_media
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.world.context import Context

Card = dict[str, Any]

TASK_CARDS = ("interactive_taskcard", "taskcard")
"""Message types of the older cards."""
NOTICES = ("text_notice", "news_notice")
INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")
NARROWEST, WIDEST = 1.3, 2.25
"""Bounds of card_image.aspect_ratio."""
KEY_BYTES, OPTION_ID_BYTES = 1024, 128
_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_PARTS = {
    "text_notice": ("emphasis_content", "sub_title_text", "jump_list", "quote_area"),
    "news_notice": ("image_text_area", "card_image", "vertical_content_list", "jump_list", "quote_area"),
    "button_interaction": ("sub_title_text", "button_selection", "button_list", "quote_area"),
    "vote_interaction": ("checkbox", "submit_button"),
    "multiple_interaction": ("select_list", "submit_button"),
}
"""What each type shows besides source, main_title and, but for the last two, what all others have."""
_OF_ALL = ("card_type", "source", "main_title", "task_id", "replace_text")
_OF_MOST = ("action_menu", "horizontal_content_list", "card_action")


def can_call_back(card: Card) -> bool:
    """Whether members can press something, so that the app gets an event."""
    return card["card_type"] in INTERACTIVE or "action_menu" in card


CheckFile = Callable[..., object]
"""check_media, or what a robot has in its place."""


def checked_card(
    context: Context,
    card: Card,
    *,
    update: bool = False,
    check_file: CheckFile = check_media,
    menu_entries: int = 3,
) -> Card:
    """The card with only what its type shows; `update`: as update_template_card takes it.

    Its menu has at most `menu_entries`.

    Raises 42031 for an unknown card_type, 42014 for a wrong task_id, and the codes of the fields.
    """
    card_type = card.get("card_type", "")
    if card_type not in _PARTS:
        raise Refusal(
            ErrCode.INVALID_CARD_TYPE,
            detail=f"card_type {card_type[:60]!r} is not one of {', '.join(_PARTS)}",
        )
    names = (*_OF_ALL, *_PARTS[card_type], *(_OF_MOST if "submit_button" not in _PARTS[card_type] else ()))
    kept = {name: card[name] for name in names if card.get(name)}
    if not update:
        kept.pop("replace_text", None)
        _check_task_id(kept)
    _check_titles(kept)
    _check_shared(context, kept, check_file, menu_entries)
    _TYPES[card_type](kept, update)
    return kept


def _check_task_id(card: Card) -> None:
    task_id = card.get("task_id", "")
    if not task_id and not can_call_back(card):
        return
    if not _TASK_ID.fullmatch(task_id):
        raise Refusal(
            ErrCode.INVALID_TASK_ID, detail="template_card.task_id: letters, digits and _-@, 1 to 128 bytes"
        )


def _check_titles(card: Card) -> None:
    has_title = bool(card.get("main_title", {}).get("title"))
    if not has_title and not (card["card_type"] == "text_notice" and card.get("sub_title_text")):
        raise Refusal(ErrCode.CARD_MISSING_TITLE, detail="template_card.main_title.title is required")


def _check_shared(context: Context, card: Card, check_file: CheckFile, menu_entries: int) -> None:
    """Parts that several types have."""
    if "action_menu" in card:
        _check_keyed(card["action_menu"].get("action_list") or [], menu_entries, "action_menu.action_list")
    for area in ("quote_area", "image_text_area"):
        _check_link(card.get(area, {}), area)
    _refuse_more_than(card, "horizontal_content_list", 6, ErrCode.CARD_HORIZONTAL_LIST)
    for one in card.get("horizontal_content_list", []):
        _check_horizontal(context, one, check_file)
    _refuse_more_than(card, "jump_list", 3, ErrCode.CARD_JUMP_LIST)
    for one in card.get("jump_list", []):
        _need(one, "title", ErrCode.CARD_MISSING_TITLE, "jump_list")
        _check_link(one, "jump_list")
    _refuse_more_than(card, "vertical_content_list", 4, ErrCode.CARD_VERTICAL_LIST)
    for one in card.get("vertical_content_list", []):
        _need(one, "title", ErrCode.CARD_MISSING_TITLE, "vertical_content_list")
    _check_action(card)


def _check_action(card: Card) -> None:
    action = card.get("card_action", {})
    kinds = (1, 2) if card["card_type"] in NOTICES else (0, 1, 2)
    kind = action.get("type") or 0
    if kind not in kinds:
        raise Refusal(
            ErrCode.CARD_ACTION,
            detail=f"card_action.type {kind} is not one of {kinds} in {card['card_type']}",
        )
    _check_link(action, "card_action")


def _check_link(holder: Card, field: str) -> None:
    """Type 1 needs a url, type 2 the appid of a mini-program."""
    if holder.get("type") == 1:
        _need(holder, "url", ErrCode.CARD_MISSING_URL, field)
    if holder.get("type") == 2 and field != "horizontal_content_list":
        _need(holder, "appid", ErrCode.CARD_MISSING_APPID, field)


def _check_horizontal(context: Context, one: Card, check_file: CheckFile) -> None:
    field = "horizontal_content_list"
    _need(one, "keyname", ErrCode.CARD_MISSING_KEYNAME, field)
    _check_link(one, field)
    match one.get("type"):
        case 2:
            _need(one, "media_id", ErrCode.CARD_MISSING_MEDIA_ID, field)
            check_file(context, one["media_id"], "file", field=f"{field}.media_id")
        case 3:
            _need(one, "userid", ErrCode.CARD_USERID, field)
            if find_member(context, one["userid"]) is None:
                raise Refusal(ErrCode.CARD_USERID, detail=f"{field}.userid: no member {one['userid'][:60]!r}")


# --- the types -------------------------------------------------------------------------------------------


def _text_notice(card: Card, update: bool) -> None:
    pass


def _news_notice(card: Card, update: bool) -> None:
    if "card_image" not in card and "image_text_area" not in card:
        raise Refusal(ErrCode.CARD_IMAGE_URL, detail="news_notice needs card_image or image_text_area")
    if "card_image" in card:
        _need(card["card_image"], "url", ErrCode.CARD_IMAGE_URL, "card_image")
        ratio = card["card_image"].get("aspect_ratio", NARROWEST)
        if not NARROWEST <= ratio <= WIDEST:
            raise _invalid("card_image.aspect_ratio", f"{ratio} is not from {NARROWEST} to {WIDEST}")
    if "image_text_area" in card:
        _need(card["image_text_area"], "image_url", ErrCode.CARD_IMAGE_URL, "image_text_area")


def _button_interaction(card: Card, update: bool) -> None:
    _check_keyed(card.get("button_list", []), 6, "button_list")
    if "button_selection" in card:
        _check_question(card["button_selection"], 10, "button_selection")


def _vote_interaction(card: Card, update: bool) -> None:
    _check_question(card.get("checkbox", {}), 20, "checkbox")
    _check_submit(card, update)


def _multiple_interaction(card: Card, update: bool) -> None:
    selects = card.get("select_list", [])
    if not 1 <= len(selects) <= 3:
        raise Refusal(ErrCode.CARD_SELECT_LIST, detail=f"select_list has {len(selects)} entries, not 1 to 3")
    for one in selects:
        _check_question(one, 10, "select_list")
    if len({one["question_key"] for one in selects}) < len(selects):
        raise Refusal(
            ErrCode.CARD_QUESTION_KEY, detail="two entries of select_list have the same question_key"
        )
    _check_submit(card, update)


_TYPES = {
    "text_notice": _text_notice,
    "news_notice": _news_notice,
    "button_interaction": _button_interaction,
    "vote_interaction": _vote_interaction,
    "multiple_interaction": _multiple_interaction,
}


# --- what can be pressed or chosen -----------------------------------------------------------------------


def _check_keyed(buttons: list[Card], most: int, field: str) -> None:
    """Buttons, or entries of the menu: each with a text and, unless it opens a url, a key of its own."""
    if not 1 <= len(buttons) <= most:
        raise _invalid(field, f"{len(buttons)} entries, not 1 to {most}")
    for one in buttons:
        _need(one, "text", ErrCode.CARD_BUTTON_TEXT, field)
        if one.get("type") == 1:
            _need(one, "url", ErrCode.CARD_MISSING_URL, field)
        else:
            _need(one, "key", ErrCode.CARD_BUTTON_KEY, field, KEY_BYTES)
    keys = [one["key"] for one in buttons if one.get("type") != 1]
    if len(set(keys)) < len(keys):
        is_menu = field.startswith("action_menu")
        code = ErrCode.CARD_MENU_KEY_REPEATED if is_menu else ErrCode.CARD_BUTTON_KEY
        raise Refusal(code, detail=f"two entries of {field} have the same key")


def _check_question(question: Card, most: int, field: str) -> None:
    _need(question, "question_key", ErrCode.CARD_QUESTION_KEY, field, KEY_BYTES)
    options = question.get("option_list") or []
    if not 1 <= len(options) <= most:
        raise Refusal(ErrCode.CARD_OPTION_LIST, detail=f"{field} has {len(options)} options, not 1 to {most}")
    for one in options:
        _need(one, "id", ErrCode.CARD_OPTION_ID, f"{field}.option_list", OPTION_ID_BYTES)
        _need(one, "text", ErrCode.CARD_OPTION_TEXT, f"{field}.option_list")
    if len({one["id"] for one in options}) < len(options):
        raise Refusal(ErrCode.CARD_OPTION_ID, detail=f"two options of {field} have the same id")


def _check_submit(card: Card, update: bool) -> None:
    if update and "submit_button" not in card:
        return
    _need(card.get("submit_button", {}), "key", ErrCode.CARD_SUBMIT_KEY, "submit_button", KEY_BYTES)
    card["submit_button"] = {"text": "提交"} | card["submit_button"]


def _need(holder: Card, name: str, code: Code, field: str, most: int | None = None) -> None:
    value = holder.get(name) or ""
    if not value:
        raise Refusal(code, detail=f"template_card.{field}.{name} is required and was absent or empty")
    if most is not None and len(value.encode()) > most:
        raise Refusal(code, detail=f"template_card.{field}.{name} has over {most} bytes")


def _refuse_more_than(card: Card, name: str, most: int, code: Code) -> None:
    if len(card.get(name, [])) > most:
        raise Refusal(code, detail=f"template_card.{name} has {len(card[name])} entries, at most {most}")


def _invalid(field: str, reason: str) -> Refusal:
    return Refusal(ErrCode.INVALID_PARAMETER, f"{field} invalid", detail=f"template_card.{field}: {reason}")
