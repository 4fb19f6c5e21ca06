"""The event of a member tag's change, with the example of its page (90972, 2026-06)."""

from wecom_tollbooth.callbacks.event_xml import to_xml
from wecom_tollbooth.callbacks.events.directory import UpdateTag

EXAMPLE = (
    "<xml><ToUserName><![CDATA[toUser]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
    "<CreateTime>1403610513</CreateTime><MsgType><![CDATA[event]]></MsgType>"
    "<Event><![CDATA[change_contact]]></Event><ChangeType><![CDATA[update_tag]]></ChangeType>"
    "<TagId>1</TagId><AddUserItems><![CDATA[zhangsan,lisi]]></AddUserItems>"
    "<DelUserItems><![CDATA[zhangsan1,lisi1]]></DelUserItems><AddPartyItems><![CDATA[1,2]]></AddPartyItems>"
    "<DelPartyItems><![CDATA[3,4]]></DelPartyItems></xml>"
)


def test_update_tag_is_written_as_on_its_page() -> None:
    event = UpdateTag(
        TagId=1,
        AddUserItems="zhangsan,lisi",
        DelUserItems="zhangsan1,lisi1",
        AddPartyItems="1,2",
        DelPartyItems="3,4",
    )
    assert to_xml("toUser", 1403610513, event) == EXAMPLE
