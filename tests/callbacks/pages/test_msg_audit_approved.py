"""The event of a customer's consent to the message archive, with the example of its page (92005, 2021-03)."""

from wecom_tollbooth.callbacks.event_xml import to_xml
from wecom_tollbooth.callbacks.events.contacts import MsgAuditApproved

EXAMPLE = (
    "<xml><ToUserName><![CDATA[toUser]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
    "<CreateTime>1403610513</CreateTime><MsgType><![CDATA[event]]></MsgType>"
    "<Event><![CDATA[change_external_contact]]></Event>"
    "<ChangeType><![CDATA[msg_audit_approved]]></ChangeType><UserID><![CDATA[zhangsan]]></UserID>"
    "<ExternalUserID><![CDATA[woAJ2GCAAABiuyujaWJHDDGi0mACHAAA]]></ExternalUserID>"
    "<WelcomeCode><![CDATA[WELCOMECODE]]></WelcomeCode></xml>"
)


def test_msg_audit_approved_is_written_as_on_its_page() -> None:
    customer = "woAJ2GCAAABiuyujaWJHDDGi0mACHAAA"
    event = MsgAuditApproved(UserID="zhangsan", ExternalUserID=customer, WelcomeCode="WELCOMECODE")
    assert to_xml("toUser", 1403610513, event) == EXAMPLE
