"""What members press on the cards that apps send (page 90240)."""

from collections.abc import Sequence
from typing import Annotated

from wecom_tollbooth.callbacks.events.app_messages import AgentIdValue
from wecom_tollbooth.callbacks.events.event import Doc, Event, Repeated, Shape, UserId, constant
from wecom_tollbooth.callbacks.events.receiver_rules import THE_APP_OF_THE_MEMBER

TaskIdValue = Annotated[str, Doc("task_id of the card", "卡片的 task_id")]
ButtonKey = Annotated[str, Doc("key of the button", "按钮的 key")]
CardTypeValue = Annotated[str, Doc("card_type of the card", "卡片的 card_type")]
ResponseCodeValue = Annotated[
    str,
    Doc("for one update of the card within 72 hours", "用于更新卡片，72 小时内有效，只能使用一次"),
]


class OptionIds(Shape):
    OptionId: Annotated[Repeated, Doc("the chosen options", "选中的选项")]


class SelectedItem(Shape):
    element = "SelectedItem"
    QuestionKey: Annotated[str, Doc("the question", "问题的 key")]
    OptionIds: Annotated[OptionIds, Doc("what was chosen", "对应问题的选项列表")]


class CardEvent(Event):
    """成员点击卡片 / Members press what is on a card."""

    page = "90240"
    checked = "2026-11"
    receivers = THE_APP_OF_THE_MEMBER


class TemplateCardEvent(CardEvent):
    """模板卡片事件 / A member presses a button of a template card, or submits what they chose."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("template_card_event")
    EventKey: ButtonKey
    TaskId: TaskIdValue
    CardType: CardTypeValue
    ResponseCode: ResponseCodeValue
    AgentID: AgentIdValue
    SelectedItems: (
        Annotated[Sequence[SelectedItem], Doc("where the card has questions", "卡片有选择项时才有")] | None
    ) = None


class TemplateCardMenuEvent(CardEvent):
    """模板卡片右上角菜单事件 / A member picks an entry of the menu of a template card."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("template_card_menu_event")
    EventKey: Annotated[str, Doc("key of the entry", "菜单项的 key")]
    TaskId: TaskIdValue
    CardType: CardTypeValue
    ResponseCode: ResponseCodeValue
    AgentID: AgentIdValue


class TaskcardClick(CardEvent):
    """任务卡片事件（旧） / A member presses a button of an older task card; withdrawn from the page."""

    takes_reply = True
    FromUserName: UserId
    Event: str = constant("taskcard_click")
    EventKey: ButtonKey
    TaskId: TaskIdValue
    AgentId: AgentIdValue
