"""What members press on cards: written as page 90240 shows it."""

from typing import Any

import pytest

from wecom_tollbooth.callbacks.event_xml import to_xml
from wecom_tollbooth.callbacks.events.cards import (
    CardEvent,
    OptionIds,
    SelectedItem,
    TaskcardClick,
    TemplateCardEvent,
    TemplateCardMenuEvent,
)

CARD: dict[str, Any] = {
    "FromUserName": "FromUser",
    "EventKey": "key111",
    "TaskId": "taskid111",
    "CardType": "text_notice",
    "ResponseCode": "ResponseCode",
    "AgentID": 1,
}
PRESSED = (
    "<EventKey><![CDATA[key111]]></EventKey><TaskId><![CDATA[taskid111]]></TaskId>"
    "<CardType><![CDATA[text_notice]]></CardType><ResponseCode><![CDATA[ResponseCode]]></ResponseCode>"
    "<AgentID>1</AgentID>"
)


def item(number: int, *options: str) -> SelectedItem:
    return SelectedItem(QuestionKey=f"QuestionKey{number}", OptionIds=OptionIds(OptionId=list(options)))


EXAMPLES: list[tuple[CardEvent, str]] = [
    (
        TemplateCardEvent(
            SelectedItems=[item(1, "OptionId1", "OptionId2"), item(2, "OptionId3", "OptionId4")], **CARD
        ),
        f"{PRESSED}<SelectedItems>"
        "<SelectedItem><QuestionKey><![CDATA[QuestionKey1]]></QuestionKey><OptionIds>"
        "<OptionId><![CDATA[OptionId1]]></OptionId><OptionId><![CDATA[OptionId2]]></OptionId></OptionIds>"
        "</SelectedItem>"
        "<SelectedItem><QuestionKey><![CDATA[QuestionKey2]]></QuestionKey><OptionIds>"
        "<OptionId><![CDATA[OptionId3]]></OptionId><OptionId><![CDATA[OptionId4]]></OptionId></OptionIds>"
        "</SelectedItem></SelectedItems>",
    ),
    (TemplateCardMenuEvent(**CARD), PRESSED),
    (
        TaskcardClick(FromUserName="FromUser", EventKey="key111", TaskId="taskid111", AgentId=1),
        "<EventKey><![CDATA[key111]]></EventKey><TaskId><![CDATA[taskid111]]></TaskId><AgentId>1</AgentId>",
    ),
]


@pytest.mark.parametrize(("event", "own"), EXAMPLES, ids=[one.event for one, _ in EXAMPLES])
def test_an_event_is_written_as_its_page_shows(event: CardEvent, own: str) -> None:
    assert to_xml("toUser", 123456789, event) == (
        "<xml><ToUserName><![CDATA[toUser]]></ToUserName><FromUserName><![CDATA[FromUser]]></FromUserName>"
        "<CreateTime>123456789</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{event.event}]]></Event>{own}</xml>"
    )
