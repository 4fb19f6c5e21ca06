"""GET /_sim/corps/{corpid}/calls/latest: what a list asks for that is watched while calls arrive."""

from typing import Any

from tests.conftest import Corp, WeCom


def operations(calls: list[dict[str, Any]]) -> list[str]:
    return [call["path"].removeprefix("/cgi-bin/externalcontact/") for call in calls]


def test_only_what_is_new_is_listed(corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/get_follow_user_list")
    seen = corp.sim("calls/latest")
    refused = wecom.get("externalcontact/list", userid="nobody")
    since = corp.sim("calls/latest", after=seen["after"])

    known = {call["seq"] for call in seen["calls"]}
    (new,) = [call for call in since["calls"] if call["seq"] not in known]
    assert new["hint"] in refused["errmsg"]
    assert (new["errcode"], new["detail"]) == (40003, "there is no member 'nobody' in this corp")
    assert (seen["more"], since["more"]) == (False, False)


def test_the_newest_come_first_and_the_answer_says_that_there_were_more(corp: Corp, wecom: WeCom) -> None:
    for name in ("get_follow_user_list", "get_corp_tag_list", "list"):
        wecom.get(f"externalcontact/{name}")
    reply = corp.sim("calls/latest", limit=2)
    assert operations(reply["calls"]) == ["list", "get_corp_tag_list"]
    assert reply["more"] is True


def test_a_filter_lets_the_refused_through_and_moves_on(corp: Corp, wecom: WeCom) -> None:
    wecom.get("externalcontact/list", userid="nobody")
    wecom.get("externalcontact/get_follow_user_list")
    reply = corp.sim("calls/latest", refused=True)
    assert operations(reply["calls"]) == ["list"]
    assert reply["after"] == corp.sim("calls/latest")["after"]
