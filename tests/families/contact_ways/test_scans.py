"""「联系我」 in the client: who is added when a customer uses a contact way, and temporary sessions."""

import threading
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.contact_ways.ways import DAY, new_way
from tests.families.factories import act, act_error
from wecom_tollbooth.families.relations import lifecycle

LATER = {"text": {"content": "感谢咨询"}, "image": {"media_id": "MEDIA"}}


def scan(corp: Corp, config_id: str, **fields: Any) -> dict[str, Any]:
    return act(corp, "scan_contact_way", config_id=config_id, **fields)


def scan_error(corp: Corp, config_id: str, **fields: Any) -> str:
    return act_error(corp, "scan_contact_way", config_id=config_id, **fields)


def follow_user(wecom: WeCom, result: dict[str, Any]) -> dict[str, Any]:
    """Returns the relation that an act made, as externalcontact/get shows it."""
    reply = wecom.get("externalcontact/get", external_userid=result["external_userid"])
    assert reply["errcode"] == 0, reply
    return next(dict(follow) for follow in reply["follow_user"] if follow["userid"] == result["userid"])


def callbacks_of(corp: Corp, result: dict[str, Any]) -> list[tuple[str, str]]:
    """Returns change type and XML of each callback that an act raised for the first app."""
    callbacks = corp.sim("callbacks", agentid=corp.apps[0]["agentid"], limit=1000)["callbacks"]
    return [(row["change_type"], row["xml"]) for row in callbacks if row["id"] in result["callbacks"]]


def sessions(corp: Corp) -> list[dict[str, Any]]:
    return list(corp.sim("temp_chats")["temp_chats"])


def frozen_corp(start_server: Any, **settings: Any) -> Corp:
    """A demo corp on a server of its own, with a frozen clock."""
    server = start_server(**settings)
    server.sim.post("/clock", json={"freeze": True})
    corp: Corp = server.make_corp(seed="demo")
    return corp


def wait(corp: Corp, seconds: int) -> None:
    assert corp.server.sim.post("/clock", json={"advance_seconds": seconds}).status_code == 200


# --- permanent contact ways ------------------------------------------------------------------------------


def test_a_scan_adds_a_customer_with_the_contact_ways_state(corp: Corp, wecom: WeCom) -> None:
    result = scan(corp, new_way(wecom, state="门店海报"), name="小王")
    assert result["userid"] == "zhangsan"
    follow = follow_user(wecom, result)
    assert (follow["state"], follow["add_way"]) == ("门店海报", 1)
    assert (follow["oper_userid"], follow["remark"]) == (result["external_userid"], "小王")
    ((change_type, xml),) = callbacks_of(corp, result)
    assert change_type == "add_external_contact"
    assert "<State><![CDATA[门店海报]]></State>" in xml
    assert f"<WelcomeCode><![CDATA[{result['welcome_code']}]]></WelcomeCode>" in xml


def test_an_empty_state_is_left_out_of_event_and_detail(corp: Corp, wecom: WeCom) -> None:
    result = scan(corp, new_way(wecom))
    assert "state" not in follow_user(wecom, result)
    assert "<State>" not in callbacks_of(corp, result)[0][1]


def test_each_app_that_sees_the_member_receives_the_event(corp: Corp, wecom: WeCom) -> None:
    blind = corp.new_app(visible={"userid": ["lisi"], "partyid": []})
    result = scan(corp, new_way(wecom))
    callbacks = [row for row in corp.sim("callbacks")["callbacks"] if row["id"] in result["callbacks"]]
    assert [row["agentid"] for row in callbacks] == [corp.apps[0]["agentid"], corp.apps[1]["agentid"]]
    assert blind["agentid"] not in {row["agentid"] for row in callbacks}


def test_a_button_works_like_a_qr_code(corp: Corp, wecom: WeCom) -> None:
    result = scan(corp, new_way(wecom, scene=1, state="小程序"))
    assert follow_user(wecom, result)["state"] == "小程序"


def test_changing_the_state_does_not_affect_earlier_customers(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, state="旧")
    first = scan(corp, config_id)
    wecom.post("externalcontact/update_contact_way", config_id=config_id, state="新", user=["lisi"])
    second = scan(corp, config_id)
    assert (first["userid"], follow_user(wecom, first)["state"]) == ("zhangsan", "旧")
    assert (second["userid"], follow_user(wecom, second)["state"]) == ("lisi", "新")


def test_skip_verify_adds_a_pending_contact_until_the_member_confirms(corp: Corp, wecom: WeCom) -> None:
    result = scan(corp, new_way(wecom, state="s"), member_confirms=False)
    ((change_type, xml),) = callbacks_of(corp, result)
    assert change_type == "add_half_external_contact"
    assert "<State><![CDATA[s]]></State>" in xml
    assert wecom.get("externalcontact/get", external_userid=result["external_userid"])["errcode"] == 84061
    pair = {"userid": result["userid"], "external_userid": result["external_userid"]}
    confirmed = act(corp, "member_confirms_customer", **pair)
    assert callbacks_of(corp, confirmed)[0][0] == "add_external_contact"
    follow = follow_user(wecom, result)
    assert (follow["state"], follow["add_way"]) == ("s", 1)


def test_without_skip_verify_an_unconfirmed_scan_adds_nobody(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, skip_verify=False)
    assert "does not confirm" in scan_error(corp, config_id, member_confirms=False)
    assert corp.sim("callbacks")["callbacks"] == []
    follow_user(wecom, scan(corp, config_id))


def test_a_scan_finds_a_known_customer_by_id_or_unionid(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, type=2, user=["zhangsan", "lisi", "wangwu"])
    first = scan(corp, config_id, unionid="o_one", name="甲")["external_userid"]
    assert scan(corp, config_id, unionid="o_one")["external_userid"] == first
    assert scan(corp, config_id, external_userid=first)["external_userid"] == first
    followers = wecom.get("externalcontact/get", external_userid=first)["follow_user"]
    assert [follow["userid"] for follow in followers] == ["lisi", "wangwu", "zhangsan"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"config_id": "42b3"}, "there is no contact way '42b3'"),
        ({"external_userid": "wm_nobody"}, "there is no external contact"),
        ({"userid": "zhangsan"}, "Extra inputs are not permitted"),
        ({"type": 3}, "type: "),
        ({"member_confirms": "perhaps"}, "member_confirms: "),
    ],
)
def test_an_invalid_scan_is_refused(corp: Corp, wecom: WeCom, fields: dict[str, Any], why: str) -> None:
    assert why in act_error(corp, "scan_contact_way", **{"config_id": new_way(wecom), **fields})
    assert corp.sim("callbacks")["callbacks"] == []


def test_scanning_a_deleted_or_foreign_contact_way_is_refused(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom)
    other = corp.server.make_corp(seed="demo")
    assert "there is no contact way" in scan_error(other, config_id)
    wecom.post("externalcontact/del_contact_way", config_id=config_id)
    assert "there is no contact way" in scan_error(corp, config_id)


# --- which member is added -------------------------------------------------------------------------------


def test_members_of_a_contact_way_take_turns(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, type=2, user=["wangwu", "zhangsan", "lisi"])
    order = ["lisi", "wangwu", "zhangsan"]
    assert [scan(corp, config_id)["userid"] for _ in range(6)] == order * 2


def test_members_of_departments_and_subdepartments_take_turns(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, type=2, user=["zhangsan"], party=[1])
    result = [scan(corp, config_id)["userid"] for _ in range(5)]
    assert sorted(result) == ["lisi", "sunqi", "wangwu", "zhangsan", "zhaoliu"]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("admin_sets_member_status", {"status": 2}),
        ("member_sets_real_name", {"real_named": False}),
        ("admin_sets_follow_right", {"may_follow": False}),
        ("member_leaves_corp", {}),
    ],
)
def test_members_who_cannot_have_customers_are_skipped(
    corp: Corp, wecom: WeCom, name: str, fields: dict[str, Any]
) -> None:
    single = new_way(wecom, user=["lisi"])
    several = new_way(wecom, type=2, user=["lisi", "zhangsan"])
    act(corp, name, userid="lisi", **fields)
    assert [scan(corp, several)["userid"] for _ in range(2)] == ["zhangsan"] * 2
    assert scan_error(corp, single)


def test_members_at_their_customer_limit_are_skipped(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = server.make_corp(seed="demo", customers=0)
    wecom = fresh.client()
    single = new_way(wecom, user=["lisi"])
    several = new_way(wecom, type=2, user=["lisi", "zhangsan"])
    scan(fresh, single), scan(fresh, single)
    monkeypatch.setattr(lifecycle, "CUSTOMERS_OF_A_MEMBER", 2)
    assert [scan(fresh, several)["userid"] for _ in range(2)] == ["zhangsan"] * 2
    assert "or is full" in scan_error(fresh, several)
    assert "the most there can be" in scan_error(fresh, single)


def test_a_scan_goes_to_a_member_who_does_not_have_the_customer(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, type=2, user=["lisi", "zhangsan"])
    customer = scan(corp, config_id)["external_userid"]
    scan(corp, config_id)
    assert scan(corp, config_id, external_userid=customer)["userid"] == "zhangsan"
    assert "has" in scan_error(corp, config_id, external_userid=customer)
    act(corp, "customer_deletes_member", userid="lisi", external_userid=customer)
    assert scan(corp, config_id, external_userid=customer)["userid"] == "lisi"


def test_an_exclusive_contact_way_assigns_customers_of_one_corp_to_one_member(
    corp: Corp, wecom: WeCom
) -> None:
    config_id = new_way(wecom, type=2, user=["lisi", "wangwu", "zhangsan"], is_exclusive=True)
    people = {"type": 2, "corp_name": "甲公司"}
    first = scan(corp, config_id, **people)["userid"]
    assert [scan(corp, config_id, **people)["userid"] for _ in range(3)] == [first] * 3
    assert scan(corp, config_id, type=2, corp_name="乙公司")["userid"] != first
    open_to_all = new_way(wecom, type=2, user=["lisi", "wangwu", "zhangsan"])
    assert len({scan(corp, open_to_all, **people)["userid"] for _ in range(3)}) == 3


def test_an_exclusive_contact_way_does_not_add_a_second_member(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, type=2, user=["lisi", "zhangsan"], is_exclusive=True)
    result = scan(corp, config_id)
    why = scan_error(corp, config_id, external_userid=result["external_userid"])
    assert f"is a contact of {result['userid']} already" in why
    act(corp, "admin_sets_member_status", userid=result["userid"], status=2)
    why = scan_error(corp, config_id, external_userid=result["external_userid"])
    assert f"leads to {result['userid']}" in why


# --- temporary contact ways ------------------------------------------------------------------------------


def test_a_temporary_contact_way_works_once_and_starts_a_session(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    wecom = corp.client()
    config_id = new_way(wecom, is_temp=True, chat_expires_in=600, state="问诊", conclusions=LATER)
    result = scan(corp, config_id)
    follow = follow_user(wecom, result)
    assert follow["state"] == "问诊"
    assert result["chat_expires_at"] == follow["createtime"] + 600
    assert sessions(corp) == [
        {
            "config_id": config_id,
            "userid": "zhangsan",
            "external_userid": result["external_userid"],
            "started_at": follow["createtime"],
            "expires_at": follow["createtime"] + 600,
            "ended_at": None,
            "sent": {},
        }
    ]
    assert "has served" in scan_error(corp, config_id)
    assert wecom.post("externalcontact/update_contact_way", config_id=config_id)["errcode"] == 41044
    assert wecom.post("externalcontact/get_contact_way", config_id=config_id)["errcode"] == 0


def test_a_temporary_contact_way_expires(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    first, second = (new_way(corp.client(), is_temp=True, expires_in=60) for _ in range(2))
    wait(corp, 59)
    scan(corp, first)
    wait(corp, 1)
    assert "expired at" in scan_error(corp, second)


def test_a_temporary_contact_way_can_be_restricted_to_a_unionid(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, is_temp=True, unionid="o_patient")
    for fields in ({}, {"unionid": "o_other"}, {"type": 2, "corp_name": "甲公司"}):
        assert "is for the unionid o_patient only" in scan_error(corp, config_id, **fields)
    assert wecom.get("externalcontact/get", external_userid="x")["errcode"] == 40096
    scan(corp, config_id, unionid="o_patient")


def test_messages_are_refused_after_the_session_ends(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    result = scan(corp, new_way(corp.client(), is_temp=True, conclusions=LATER))
    pair = {"userid": result["userid"], "external_userid": result["external_userid"]}
    wait(corp, DAY - 1)
    act(corp, "customer_sends_message", **pair, text="还在吗")
    act(corp, "member_sends_message", **pair, text="在")
    wait(corp, 1)
    assert "the temporary session" in act_error(corp, "customer_sends_message", **pair)
    assert "the temporary session" in act_error(corp, "member_sends_message", **pair)
    (session,) = sessions(corp)
    assert (session["ended_at"], session["sent"]) == (result["chat_expires_at"], LATER)
    # They remain contacts of each other.
    follow_user(corp.client(), result)


def test_closing_a_session_sends_the_conclusions_and_works_once(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    wecom = corp.client()
    result = scan(corp, new_way(wecom, is_temp=True, conclusions=LATER))
    pair = {"userid": "ZhangSan", "external_userid": result["external_userid"]}
    wait(corp, 60)
    assert wecom.post("externalcontact/close_temp_chat", pair)["errcode"] == 0
    (session,) = sessions(corp)
    assert (session["ended_at"], session["sent"]) == (session["started_at"] + 60, LATER)
    assert "the temporary session" in act_error(corp, "customer_sends_message", **pair)
    assert wecom.post("externalcontact/close_temp_chat", pair)["errcode"] == 84061


def test_an_expired_session_cannot_be_closed(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    result = scan(corp, new_way(corp.client(), is_temp=True, chat_expires_in=60))
    pair = {"userid": result["userid"], "external_userid": result["external_userid"]}
    wait(corp, 60)
    assert corp.client().post("externalcontact/close_temp_chat", pair)["errcode"] == 84061


def test_close_temp_chat_refuses_contacts_without_a_session(corp: Corp, wecom: WeCom) -> None:
    result = scan(corp, new_way(wecom))
    pair = {"userid": result["userid"], "external_userid": result["external_userid"]}

    def closed(**fields: Any) -> int:
        return int(wecom.post("externalcontact/close_temp_chat", {**pair, **fields})["errcode"])

    assert closed() == 84061
    assert closed(userid="lisi") == 84061
    assert closed(userid="nobody") == 40003
    assert closed(userid=None) == 40003
    assert closed(external_userid="wm_nobody") == 40096
    assert closed(external_userid="") == 41035
    blind = corp.client(corp.new_app(visible={"userid": ["lisi"], "partyid": []}))
    assert blind.post("externalcontact/close_temp_chat", pair)["errcode"] == 60011


def test_another_temporary_contact_way_starts_a_new_session_without_an_event(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    first, second, third = (new_way(corp.client(), is_temp=True, chat_expires_in=60) for _ in range(3))
    result = scan(corp, first)
    pair = {"userid": result["userid"], "external_userid": result["external_userid"]}
    customer = {"external_userid": result["external_userid"]}
    assert "is a contact of zhangsan already" in scan_error(corp, second, **customer)
    wait(corp, 60)
    again = scan(corp, second, **customer)
    assert (again["callbacks"], again["chat_expires_at"]) == ([], result["chat_expires_at"] + 60)
    act(corp, "customer_sends_message", **pair)
    assert [session["config_id"] for session in sessions(corp)] == [second]
    scan(corp, third)


def test_a_session_is_deleted_with_its_relation(start_server: Any) -> None:
    corp = frozen_corp(start_server)
    wecom = corp.client()
    result = scan(corp, new_way(wecom, is_temp=True, chat_expires_in=60))
    pair = {"userid": result["userid"], "external_userid": result["external_userid"]}
    act(corp, "member_deletes_customer", **pair)
    assert sessions(corp) == []
    scan(corp, new_way(wecom), external_userid=result["external_userid"])
    wait(corp, 600)
    act(corp, "customer_sends_message", **pair)


def test_deleting_the_contact_way_does_not_end_its_session(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, is_temp=True, conclusions=LATER)
    result = scan(corp, config_id)
    assert wecom.post("externalcontact/del_contact_way", config_id=config_id)["errcode"] == 0
    pair = {"userid": result["userid"], "external_userid": result["external_userid"]}
    assert wecom.post("externalcontact/close_temp_chat", pair)["errcode"] == 0
    assert sessions(corp)[0]["sent"] == LATER


def test_of_concurrent_scans_of_a_temporary_contact_way_one_succeeds(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom, is_temp=True)
    statuses: list[int] = []

    def one() -> None:
        body = {"act": "scan_contact_way", "config_id": config_id}
        statuses.append(corp.server.sim.post(f"/corps/{corp.corpid}/acts", json=body).status_code)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 422, 422, 422, 422, 422]
    assert len(sessions(corp)) == 1
