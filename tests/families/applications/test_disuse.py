"""Apps that nobody used for long: closed by the platform, opened again by an admin."""

from tests.conftest import Corp, WeCom
from tests.families.factories import act, act_error
from tests.providers import Provider


def last_event(corp: Corp, agentid: int) -> str:
    callbacks = corp.sim("callbacks", agentid=agentid)["callbacks"]
    return str(max(callbacks, key=lambda one: int(one["id"]))["xml"])


def test_a_closed_app_answers_48006_until_an_admin_opens_it(corp: Corp, wecom: WeCom) -> None:
    act(corp, "platform_closes_unused_app", agentid=wecom.agentid)
    refused = wecom.get("externalcontact/get_follow_user_list")
    assert refused["errcode"] == 48006
    assert wecom.post("message/send", touser="zhangsan")["errcode"] == 48006
    own = f"<Event><![CDATA[close_inactive_agent]]></Event><AgentID>{wecom.agentid}</AgentID></xml>"
    assert last_event(corp, wecom.agentid).endswith(own)
    other = corp.client(corp.new_app())
    assert other.get("externalcontact/get_follow_user_list")["errcode"] == 0
    act(corp, "admin_reopens_unused_app", agentid=wecom.agentid)
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 0
    assert "reopen_inactive_agent" in last_event(corp, wecom.agentid)


def test_an_app_of_a_provider_may_be_closed_too(corp: Corp) -> None:
    app = Provider(corp.server).app_in(corp, "provider_developed")
    act(corp, "platform_closes_unused_app", agentid=app.agentid)
    assert app.get("externalcontact/get_follow_user_list")["errcode"] == 48006


def test_acts_that_cannot_happen(corp: Corp, wecom: WeCom) -> None:
    assert "no app 7" in act_error(corp, "platform_closes_unused_app", agentid=7)
    assert "not closed" in act_error(corp, "admin_reopens_unused_app", agentid=wecom.agentid)
    act(corp, "platform_closes_unused_app", agentid=wecom.agentid)
    assert "closed already" in act_error(corp, "platform_closes_unused_app", agentid=wecom.agentid)
