"""gettoken, and the platform's IP addresses."""

import httpx

from tests.conftest import Corp, WeCom


def test_a_valid_token_is_reused(corp: Corp) -> None:
    assert corp.client().token == corp.client().token


def test_each_app_has_its_own_token(corp: Corp) -> None:
    assert corp.client(corp.apps[0]).token != corp.client(corp.apps[1]).token


def test_the_secret_is_checked_before_the_corpid(corp: Corp) -> None:
    def errcode(**params: str) -> int:
        return int(httpx.get(f"{corp.server.base_url}/cgi-bin/gettoken", params=params).json()["errcode"])

    assert errcode() == 41004
    assert errcode(corpid=corp.corpid) == 41004
    assert errcode(corpsecret="x") == 41002
    assert errcode(corpid="ww0", corpsecret="x") == 40013
    assert errcode(corpid=corp.corpid, corpsecret="x") == 40001


def test_the_address_operations_put_errcode_last(wecom: WeCom) -> None:
    for operation in ("get_api_domain_ip", "getcallbackip"):
        reply = wecom.get(operation)
        assert list(reply) == ["ip_list", "errcode", "errmsg"]
        assert reply["ip_list"]


def test_only_the_address_operations_add_the_hint_to_40014(wecom: WeCom) -> None:
    wecom.token = "nonsense"
    assert wecom.get("externalcontact/get_follow_user_list") == {
        "errcode": 40014,
        "errmsg": "invalid access_token",
        "follow_user": [],
    }
    assert ", hint: [" in wecom.get("getcallbackip")["errmsg"]
