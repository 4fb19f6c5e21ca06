"""userid and open_userid: a provider's app converts the corp's ids, a self-built app converts them back."""

from typing import Any

from tests.conftest import Corp, WeCom
from tests.providers import Provider

TO_OPEN, BACK = "batch/userid_to_openuserid", "batch/openuserid_to_userid"


def open_ids(app: WeCom, *userids: str) -> list[str]:
    return [one["open_userid"] for one in app.post(TO_OPEN, userid_list=[*userids])["open_userid_list"]]


def back(app: WeCom, source: int, *open_userids: str) -> dict[str, Any]:
    return app.post(BACK, open_userid_list=[*open_userids], source_agentid=source)


def test_each_provider_has_an_id_of_its_own_for_a_member(provider: Provider, corp: Corp) -> None:
    third, developed = provider.app_in(corp), provider.app_in(corp, "provider_developed")
    (open_userid,) = open_ids(third, "zhangsan")
    assert open_userid.startswith("wo")
    assert len(open_userid) == 32
    assert open_ids(developed, "zhangsan") == [open_userid]
    assert open_ids(third, "zhangsan") == [open_userid]
    assert open_ids(Provider(corp.server).app_in(corp), "zhangsan") != [open_userid]


def test_members_whom_the_app_does_not_see_are_invalid(provider: Provider, corp: Corp) -> None:
    third = provider.app_in(corp, visible={"userid": ["zhangsan"]})
    reply = third.post(TO_OPEN, userid_list=["lisi", "ZhangSan", "nobody", "zhangsan"])
    assert [one["userid"] for one in reply["open_userid_list"]] == ["ZhangSan", "zhangsan"]
    assert reply["open_userid_list"][0]["open_userid"] == reply["open_userid_list"][1]["open_userid"]
    assert reply["invalid_userid_list"] == ["lisi", "nobody"]


def test_a_self_built_app_converts_open_userids_back(provider: Provider, corp: Corp, wecom: WeCom) -> None:
    third = provider.app_in(corp)
    of_zhangsan, of_lisi = open_ids(third, "zhangsan", "lisi")
    narrow = provider.app_in(corp, visible={"userid": ["lisi"]})
    for kind in ("self_built", "self_built_unlisted"):
        reply = back(corp.client(corp.app_of_kind(kind)), third.agentid, of_zhangsan, "woX", of_zhangsan)
        assert reply["userid_list"] == [{"open_userid": of_zhangsan, "userid": "zhangsan"}]
        assert reply["invalid_open_userid_list"] == ["woX"]
    reply = back(wecom, narrow.agentid, of_zhangsan, of_lisi)
    assert reply["userid_list"] == [{"open_userid": of_lisi, "userid": "lisi"}]
    assert reply["invalid_open_userid_list"] == [of_zhangsan], "the source does not see zhangsan"
    caller = corp.client(corp.new_app(visible={"userid": ["lisi"]}))
    assert back(caller, third.agentid, of_zhangsan)["userid_list"] == [], "the caller does not see zhangsan"


def test_a_member_who_left_has_no_id_in_either_direction(
    provider: Provider, corp: Corp, wecom: WeCom
) -> None:
    third = provider.app_in(corp)
    (of_lisi,) = open_ids(third, "lisi")
    corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": "member_leaves_corp", "userid": "lisi"})
    assert third.post(TO_OPEN, userid_list=["lisi"])["invalid_userid_list"] == ["lisi"]
    assert back(wecom, third.agentid, of_lisi)["invalid_open_userid_list"] == [of_lisi]


def test_what_is_wrong_with_a_conversion_is_said(provider: Provider, corp: Corp, wecom: WeCom) -> None:
    third = provider.app_in(corp)
    (of_zhangsan,) = open_ids(third, "zhangsan")
    assert back(wecom, wecom.agentid, of_zhangsan)["errcode"] == 301002, "not a provider's app"
    assert back(wecom, 999, of_zhangsan)["errcode"] == 301002
    stranger = Provider(corp.server).app_in(corp)
    assert back(wecom, stranger.agentid, of_zhangsan)["errcode"] == 60221, "another provider's id"
    assert wecom.post(BACK, open_userid_list=[of_zhangsan])["errcode"] == 40063
    assert wecom.post(BACK, source_agentid=third.agentid)["errcode"] == 40063
    assert back(wecom, third.agentid, *["woX"] * 1001)["errcode"] == 40058
    assert third.post(TO_OPEN, userid_list=[])["errcode"] == 40031
    assert third.post(TO_OPEN, userid_list=["zhangsan"] * 1001)["errcode"] == 40058
    assert back(third, third.agentid, of_zhangsan)["errcode"] == 48002
    assert wecom.post(TO_OPEN, userid_list=["zhangsan"])["errcode"] == 48002
