"""Who gets a message: members, departments, @all, the visible range, licences."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.app_messages.sending import phone, send, sent
from tests.families.factories import new_member
from tests.families.providers.licences import license_members
from tests.providers import Provider
from wecom_tollbooth.db import CompiledStatement

NOTICE = {"appid": "wx123", "title": "会议室预订成功通知"}


def got_it(corp: Corp, *userids: str) -> list[str]:
    return [userid for userid in userids if phone(corp, userid)]


@pytest.fixture
def shops(corp: Corp) -> Corp:
    """Department 20 and below it 30; anna is in 20, ben in 30."""
    directory = corp.client(corp.app_of_kind("contacts_sync"))
    for id_, above in ((20, 1), (30, 20)):
        body = {"name": f"门店{id_}", "parentid": above, "id": id_}
        assert directory.post("department/create", body)["errcode"] == 0
    new_member(corp, "anna", department=20)
    new_member(corp, "ben", department=30)
    return corp


def test_departments_include_those_below(shops: Corp) -> None:
    sent(shops.client(), touser="", toparty="20")
    assert got_it(shops, "anna", "ben", "lisi") == ["anna", "ben"]
    sent(shops.client(), touser="lisi | anna", toparty=" 30 ")
    assert [len(phone(shops, one)) for one in ("anna", "ben", "lisi")] == [2, 2, 1]


def test_whoever_is_named_twice_gets_it_once(shops: Corp) -> None:
    sent(shops.client(), touser="anna|ANNA|anna", toparty="20|30|20")
    assert len(phone(shops, "anna")) == 1


def test_at_all_is_everybody_whom_the_app_sees_and_the_rest_does_not_count(shops: Corp) -> None:
    app = shops.new_app(kind="self_built", visible={"userid": ["lisi"], "partyid": [20]})
    reply = sent(shops.client(app), touser="@all", toparty="99", totag="1")
    assert "invalidparty" not in reply
    assert got_it(shops, "anna", "ben", "lisi", "zhangsan") == ["anna", "ben", "lisi"]
    sent(shops.client(), touser="@all")
    assert got_it(shops, "zhangsan") == ["zhangsan"]


def test_invalid_receivers_are_named_and_the_others_get_it(shops: Corp) -> None:
    app = shops.new_app(kind="self_built", visible={"userid": ["lisi"], "partyid": [30]})
    reply = sent(shops.client(app), touser="Nobody|LiSi|ZhangSan", toparty="30|20|99|x", totag="7 | 8")
    assert reply["invaliduser"] == "nobody|zhangsan"
    assert reply["invalidparty"] == "20|99|x"
    assert reply["invalidtag"] == "7|8"
    assert got_it(shops, "anna", "ben", "lisi", "zhangsan") == ["ben", "lisi"]


@pytest.mark.parametrize(
    "who",
    [
        {"touser": "nobody"},
        {"touser": "", "toparty": "99"},
        {"touser": "", "totag": "1"},
        {"touser": "zhangsan"},
        {"touser": "", "toparty": "1"},
    ],
)
def test_nobody_left_answers_81013(corp: Corp, who: dict[str, Any]) -> None:
    app = corp.new_app(kind="self_built", visible={"userid": ["lisi"], "partyid": []})
    reply = send(corp.client(app), **who)
    assert reply["errcode"] == 81013
    assert reply["errmsg"].startswith("user & party & tag all invalid")


def test_disabled_members_get_nothing(corp: Corp, wecom: WeCom) -> None:
    directory = corp.client(corp.app_of_kind("contacts_sync"))
    assert directory.post("user/update", userid="lisi", enable=0)["errcode"] == 0
    assert send(wecom)["errcode"] == 81013
    assert sent(wecom, touser="lisi|zhangsan")["invaliduser"] == "lisi"
    sent(wecom, touser="@all")
    assert phone(corp) == []


@pytest.mark.parametrize(
    ("who", "errcode"),
    [
        ({"touser": ""}, 82001),
        ({"touser": " | "}, 82001),
        ({"touser": "|".join(f"user{one}" for one in range(1001))}, 40032),
        ({"touser": "", "toparty": "|".join(map(str, range(101)))}, 82002),
        ({"touser": "", "totag": "|".join(map(str, range(101)))}, 82003),
    ],
)
def test_how_many_receivers_a_message_may_have(wecom: WeCom, who: dict[str, Any], errcode: int) -> None:
    assert send(wecom, **who)["errcode"] == errcode


def test_a_thousand_users_may_be_named(corp: Corp, wecom: WeCom) -> None:
    names = [f"user{one}" for one in range(999)]
    assert sent(wecom, touser="|".join([*names, "lisi"]))["errcode"] == 0
    assert len(phone(corp)) == 1


def test_a_mini_program_notice_cannot_go_to_all(corp: Corp, wecom: WeCom) -> None:
    assert send(wecom, "miniprogram_notice", NOTICE, touser="@all")["errcode"] == 40058
    assert phone(corp) == []


def test_members_without_a_licence_are_named_only_if_they_were(corp: Corp) -> None:
    provider = Provider(corp.server)
    app = provider.app_in(corp, "provider_developed")
    license_members(provider, corp, "lisi", type="base")
    reply = sent(app, touser="LISI|ZhangSan", toparty="1")
    assert reply["unlicenseduser"] == "zhangsan"
    assert got_it(corp, "lisi", "zhangsan") == ["lisi"]
    assert "unlicenseduser" not in sent(app, touser="@all")
    assert send(app, touser="zhangsan")["errcode"] == 81013


def statements_of_a_message_to_all(
    server: RunningServer, members: int, monkeypatch: pytest.MonkeyPatch
) -> int:
    wecom = server.make_corp(seed="demo", members=members, customers=0).client()
    sent(wecom)
    ran: list[object] = []
    run = CompiledStatement._run

    def counted(self: CompiledStatement, tx: Any, params: dict[str, Any]) -> Any:
        if wecom.corp.corpid in params.values():  # the background threads look at other things meanwhile
            ran.append(self)
        return run(self, tx, params)

    with monkeypatch.context() as patch:
        patch.setattr(CompiledStatement, "_run", counted)
        sent(wecom, touser="@all")
    assert phone(wecom.corp, "lisi")[1]["state"] == "delivered"
    return len(ran)


def test_a_message_to_all_takes_as_many_statements_for_many_members(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = (statements_of_a_message_to_all(server, members, monkeypatch) for members in (5, 300))
    assert few == many


@pytest.mark.slow
def test_twenty_thousand_members_get_a_message_to_all(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=20_000, customers=0)
    wecom = corp.client()
    sent(wecom, touser="@all")
    (counted,) = wecom.post("message/get_statistics")["statistics"]
    everybody = len(wecom.get("user/simplelist", department_id=1, fetch_child=1)["userlist"])
    assert counted["count"] == everybody >= 20_000
    assert len(phone(corp)) == 1
