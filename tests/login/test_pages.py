"""The login pages: who may log in where, what comes back, and what a broken rule looks like."""

from urllib.parse import quote

import httpx
import pytest

from tests.conftest import Corp, RunningServer

PAGE = "https://crm.example.test:8443/cb?next=%2Fhome&x=1#/route"


@pytest.fixture
def demo(server: RunningServer) -> Corp:
    return server.make_corp(seed="demo", members=3, customers=12)


def get(corp: Corp, path: str, query: str, **fields: str) -> httpx.Response:
    """GET of a login page; `query` is sent as it is."""
    written = "&".join([*(f"{name}={quote(value, safe='')}" for name, value in fields.items()), query])
    return httpx.get(f"{corp.server.base_url}{path}?{written}")


def oauth(corp: Corp, query: str = "", **fields: str) -> httpx.Response:
    usual = {"appid": corp.corpid, "redirect_uri": PAGE, "response_type": "code", "scope": "snsapi_base"}
    return get(corp, "/connect/oauth2/authorize", query, **{**usual, **fields})


def web(corp: Corp, path: str = "/wwlogin/sso/login", **fields: str) -> httpx.Response:
    usual = {"appid": corp.corpid, "agentid": str(corp.apps[0]["agentid"]), "redirect_uri": PAGE}
    return get(corp, path, "", **{"login_type": "CorpApp", **usual, **fields})


def test_the_page_lists_members_and_customers_and_each_logs_in(demo: Corp) -> None:
    page = oauth(demo)
    assert page.status_code == 200
    assert "as=zhangsan" in page.text
    assert "客户 Customers" in page.text
    href = page.text.split('<a href="')[1].split('"')[0].replace("&amp;", "&")
    chosen = httpx.get(f"{demo.server.base_url}/connect/oauth2/authorize{href}")
    assert chosen.status_code == 302


def test_redirect_and_state_come_back_untouched(demo: Corp) -> None:
    state = "a%2Fb%20c+d%E4%BD%A0"
    location = oauth(demo, f"state={state}&as=zhangsan").headers["location"]
    address, _, fragment = location.partition("#")
    assert fragment == "/route"
    head, code_and_state = address.split("&code=")
    assert head == "https://crm.example.test:8443/cb?next=%2Fhome&x=1"
    assert code_and_state.partition("&state=")[2] == state
    assert oauth(demo, "as=zhangsan", redirect_uri="http://a.test/").headers["location"].endswith("&state=")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"appid": "wwnobody"}, 40013),
        ({"scope": "snsapi_userinfo"}, 40063),
        ({"response_type": "token"}, 40063),
        ({"agentid": "999"}, 40056),
        ({"agentid": "१"}, 40056),
        ({"redirect_uri": ""}, 50001),
        ({"redirect_uri": "javascript:alert(1)"}, 50001),
        ({"redirect_uri": "https%3A%2F%2Fcrm.example.test"}, 50001),
        ({"redirect_uri": "https://crm.example.test\r\nSet-Cookie: x=1"}, 50001),
        ({"redirect_uri": "https://[::"}, 50001),
        ({"as": "nobody"}, 40003),
    ],
)
def test_a_broken_rule_is_named_with_its_code(demo: Corp, fields: dict[str, str], code: int) -> None:
    page = oauth(demo, **fields)
    assert page.status_code == 403
    assert f"errcode {code}" in page.text
    assert "location" not in page.headers


def test_only_trusted_domains_get_a_code_port_included(demo: Corp) -> None:
    app = demo.new_app(trusted_domains=["crm.example.test", "CRM.example.test:8443"])
    agentid = str(app["agentid"])
    assert oauth(demo, "as=zhangsan", agentid=agentid).status_code == 302
    for host in ("crm.example.test:9999", "evil.test", "sub.crm.example.test", "crm.example.test@evil.test"):
        page = oauth(demo, "as=zhangsan", agentid=agentid, redirect_uri=f"https://{host}/cb")
        assert (page.status_code, "errcode 50001" in page.text) == (403, True)
    assert "errcode -31039" in web(demo, agentid=agentid, redirect_uri="https://evil.test/").text


def test_who_is_outside_the_visible_range_gives_no_private_details(demo: Corp) -> None:
    app = demo.new_app(visible={"userid": ["lisi"]})
    wanted = {"agentid": str(app["agentid"]), "scope": "snsapi_privateinfo"}
    assert oauth(demo, "as=lisi", **wanted).status_code == 302
    assert "errcode 60011" in oauth(demo, "as=zhangsan", **wanted).text
    assert oauth(demo, "as=zhangsan", agentid=str(app["agentid"])).status_code == 302


def test_the_qr_login_is_for_members_and_asks_for_an_app(demo: Corp) -> None:
    customer = demo.client().get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    for path in ("/wwlogin/sso/login", "/wwopen/sso/qrConnect"):
        assert "as=zhangsan" in web(demo, path).text
        assert web(demo, path, **{"as": "zhangsan"}).status_code == 302
        assert "errcode -31028" in web(demo, path, agentid="").text
        assert "errcode -31027" in web(demo, path, appid="").text
        assert "errcode 40003" in web(demo, path, **{"as": customer}).text
    assert "errcode -31037" in web(demo, login_type="ServiceApp").text
    assert "errcode -31040" in web(demo, login_type="Other").text


def test_the_old_qr_login_names_the_corp_in_its_redirect(demo: Corp) -> None:
    for path, has_appid in (("/wwopen/sso/qrConnect", True), ("/wwlogin/sso/login", False)):
        location = web(demo, path, **{"as": "zhangsan"}).headers["location"]
        assert (f"&appid={demo.corpid}#" in location) == has_appid


def test_a_code_of_the_qr_login_names_the_member_without_a_ticket(demo: Corp) -> None:
    location = web(demo, **{"as": "zhangsan"}).headers["location"]
    code = location.split("code=")[1].split("&")[0]
    visitor = demo.client().get("auth/getuserinfo", code=code)
    assert (visitor["userid"], "user_ticket" in visitor) == ("zhangsan", False)


def test_a_panel_hears_of_the_login_as_it_asked(demo: Corp) -> None:
    callback = web(demo, redirect_type="callback", **{"as": "zhangsan"})
    assert (callback.status_code, "onLoginSuccess" in callback.text) == (200, True)
    top = web(demo, redirect_type="top", **{"as": "zhangsan"})
    assert "window.top.location.href" in top.text
    script = web(demo, "/wwopen/sso/qrConnect", login_type="jssdk", **{"as": "zhangsan"})
    assert "window.parent.postMessage" in script.text
    assert "onLoginFail" in web(demo, agentid="999").text


def test_panels_may_be_in_frames_of_other_sites_and_the_oauth_page_in_the_client_page(demo: Corp) -> None:
    assert "x-frame-options" not in web(demo).headers
    assert "content-security-policy" not in web(demo).headers
    assert (
        oauth(demo)
        .headers["content-security-policy"]
        .startswith("frame-ancestors 'self' http://127.0.0.1:* https://127.0.0.1:* http://localhost:*")
    )


def test_what_is_in_the_address_cannot_become_part_of_the_page(demo: Corp) -> None:
    evil = "https://a.test/</script><script>alert(1)</script>"
    for page in (
        oauth(demo, redirect_uri=evil),
        web(demo, redirect_uri=evil),
        web(demo, redirect_uri=evil, redirect_type="top", **{"as": "zhangsan"}),
        oauth(demo, scope="<script>alert(1)</script>"),
        oauth(demo, 'x="><script>alert(1)</script>'),
    ):
        assert "<script>alert(1)" not in page.text


def test_the_null_character_is_named_on_every_page_and_database(demo: Corp) -> None:
    for answer in (
        oauth(demo, appid="a\x00b"),
        oauth(demo, "as=%00"),
        web(demo, appid="\x00"),
        web(demo, "/wwopen/sso/qrConnect", **{"as": "zhang\x00san"}),
        oauth(demo, state="\x00"),
    ):
        assert answer.status_code == 403, answer.text
        assert "40058" in answer.text
