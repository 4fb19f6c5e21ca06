"""The pages behind codes: a form for each, in the reader's language, open to everybody and no more."""

import json
import re
from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.contact_ways.ways import new_way
from tests.families.factories import act, new_member
from wecom_tollbooth.sim_api.pages.code_words import FORM, OUTCOME, PAGES


def code_pages(corp: Corp, wecom: WeCom) -> dict[str, str]:
    """The path of a page of each kind."""
    link = wecom.post(
        "externalcontact/customer_acquisition/create_link",
        link_name="海报",
        range={"user_list": ["zhangsan"]},
    )["link"]
    chat_id = act(corp, "member_creates_group", userid="zhangsan", name="群")["chat_id"]
    join = wecom.post("externalcontact/groupchat/add_join_way", scene=2, chat_id_list=[chat_id])
    names = {
        "contact_way": new_way(wecom),
        "acquisition_link": link["link_id"],
        "member": "zhangsan",
        "join_way": join["config_id"],
    }
    return {kind: f"/_sim/scan/{kind}/{corp.corpid}/{name}" for kind, name in names.items()}


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="code">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def test_each_page_has_a_form_that_performs_its_act(corp: Corp, wecom: WeCom) -> None:
    expected = {
        "contact_way": "scan_contact_way",
        "acquisition_link": "open_acquisition_link",
        "member": "customer_adds_member",
        "join_way": "scan_join_way",
    }
    for kind, path in code_pages(corp, wecom).items():
        page = httpx.get(corp.server.base_url + path)
        assert page.status_code == 200, kind
        data = data_of(page.text)
        assert (data["corpid"], data["act"]["act"]) == (corp.corpid, expected[kind])
        assert PAGES[kind]["zh-CN"]["button"] in page.text  # type: ignore[index]
        labelled = set(re.findall(r'<label for="(\w+)"', page.text))
        assert labelled == set(re.findall(r'<(?:input|select) id="(\w+)"', page.text)), kind
        answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={**data["act"], "name": "王芳"})
        assert answer.status_code == 200, answer.text


def test_a_page_has_the_readers_language(corp: Corp) -> None:
    path = f"{corp.server.base_url}/_sim/scan/member/{corp.corpid}/zhangsan"
    missing = f"{corp.server.base_url}/_sim/scan/member/{corp.corpid}/nobody"
    for address, zh, en in (
        (path, "由谁扫码", "Who scans"),
        (missing, "该成员不存在", "There is no such member"),
    ):
        assert zh in httpx.get(address).text
        english = httpx.get(address, headers={"Accept-Language": "en-GB,zh;q=0.5"}).text
        assert '<html lang="en">' in english
        assert en in english
        assert zh not in english
        assert zh in httpx.get(f"{address}?lang=zh-CN", headers={"Accept-Language": "en"}).text


def test_both_languages_have_the_same_texts() -> None:
    for texts in (FORM, *PAGES.values(), OUTCOME):
        assert set(texts["zh-CN"]) == set(texts["en"])


def test_an_acquisition_link_leads_to_its_page_with_the_channel(corp: Corp, wecom: WeCom) -> None:
    path = code_pages(corp, wecom)["acquisition_link"]
    link_id = path.rpartition("/")[2]
    answer = httpx.get(f"{corp.server.base_url}/ca/{link_id}?customer_channel=a%22b")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{path}?customer_channel=a%22b")
    assert 'value="a&#34;b"' in httpx.get(corp.server.base_url + answer.headers["location"]).text
    wecom.post("externalcontact/customer_acquisition/delete_link", link_id=link_id)
    for gone in (f"/ca/{link_id}", "/ca/%00", path):
        assert httpx.get(corp.server.base_url + gone).status_code == 404


@pytest.mark.parametrize("name", ["code.js", "code.css"])
def test_a_page_runs_its_own_files_alone_and_in_no_foreign_frame(
    corp: Corp, name: str, server: RunningServer
) -> None:
    page = httpx.get(
        f"{server.base_url}/_sim/scan/member/{corp.corpid}/zhangsan",
        headers={"Host": "192.168.1.20:8000", "Sec-Fetch-Site": "cross-site"},
    )
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert not re.search(r"<script(?![^>]*(src=|application/json))| on\w+=| style=", page.text)
    file = httpx.get(f"{server.base_url}/_sim/scan/files/{name}")
    assert file.headers["content-type"].startswith(("text/javascript", "text/css"))
    assert httpx.get(f"{server.base_url}/_sim/scan/files/code.html.jinja").status_code == 404


def test_the_act_behind_an_open_page_asks_for_the_admin_token(start_server: Any) -> None:
    own = start_server(admin_token="t")
    own.sim.headers["Authorization"] = "Bearer t"
    corp = own.make_corp(seed="demo", activity=False)
    page = httpx.get(f"{own.base_url}/_sim/scan/member/{corp.corpid}/zhangsan")
    body = data_of(page.text)["act"]
    acts = f"{own.base_url}/_sim/corps/{corp.corpid}/acts"
    assert httpx.post(acts, json=body).status_code == 401
    with_token = {"Authorization": "Bearer t", "Sec-Fetch-Site": "same-origin", "Origin": own.base_url}
    assert httpx.post(acts, json=body, headers=with_token).status_code == 200
    foreign = {**with_token, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}
    assert httpx.post(acts, json=body, headers=foreign).status_code == 403
    assert httpx.get(f"{own.base_url}/_sim/corps/{corp.corpid}/people?kind=customer").status_code == 401


def test_under_wecoms_name_the_page_leads_to_where_acts_are_possible(corp: Corp) -> None:
    path = f"/_sim/scan/member/{corp.corpid}/zhangsan"
    page = httpx.get(corp.server.base_url + path, headers={"Host": "work.weixin.qq.com"}).text
    here = f"http://{corp.server.settings.host}:{corp.server.settings.port}"
    assert f'href="{here}{path}?lang=zh-CN"' in page
    assert "<form" not in page


# --- the people to choose from ---------------------------------------------------------------------------


def test_people_are_found_by_a_part_of_the_name_or_the_whole_id(server: RunningServer) -> None:
    empty_corp = server.make_corp()
    new_member(empty_corp, "zhangsan")
    first = act(empty_corp, "member_adds_customer", userid="zhangsan", name="王芳")["external_userid"]
    person = {"type": 2, "name": "王小_明", "corp_name": "甲乙商贸"}
    second = act(empty_corp, "member_adds_customer", userid="zhangsan", **person)["external_userid"]

    def found(**query: Any) -> list[str]:
        answer = empty_corp.server.sim.get(f"/corps/{empty_corp.corpid}/people", params=query)
        return [one["id"] for one in answer.json()["people"]]

    assert sorted(found(kind="customer")) == sorted([first, second])
    assert found(kind="customer", find="小_") == [second]
    assert found(kind="customer", find=first) == [first]
    assert found(kind="customer", find=first[:-1]) == []
    assert found(kind="member", find="ZhangSan") == ["zhangsan"]
    shown = empty_corp.server.sim.get(f"/corps/{empty_corp.corpid}/people?kind=customer&find={second}").json()
    assert shown["people"] == [{"id": second, "kind": "customer", **person, "userids": ["zhangsan"]}]
    assert empty_corp.server.sim.get(f"/corps/{empty_corp.corpid}/people?kind=robot").status_code == 422
    assert (
        empty_corp.server.sim.get(f"/corps/{empty_corp.corpid}/people?kind=member&limit=101").status_code
        == 422
    )


# --- the list of codes -----------------------------------------------------------------------------------


def test_codes_that_work_are_listed_with_page_and_picture(corp: Corp, wecom: WeCom) -> None:
    pages = code_pages(corp, wecom)
    codes = corp.server.sim.get(f"/corps/{corp.corpid}/codes").json()["codes"]
    by_page = {code["page"]: code for code in codes}
    for kind in ("contact_way", "acquisition_link", "join_way"):
        code = by_page[pages[kind]]
        assert (code["kind"], code["page"].rpartition("/")[2]) == (kind, code["id"])
        image = httpx.get(corp.server.base_url + code["image"])
        assert image.headers["content-type"] == "image/png"
    assert by_page[pages["acquisition_link"]]["url"].endswith(pages["acquisition_link"].rpartition("/")[2])
    assert by_page[pages["join_way"]]["leads_to"] == ["群"]
    wecom.post("externalcontact/del_contact_way", config_id=by_page[pages["contact_way"]]["id"])
    fewer = corp.server.sim.get(f"/corps/{corp.corpid}/codes?limit=1").json()["codes"]
    assert {"acquisition_link", "join_way"} <= {code["kind"] for code in fewer}
    assert len(fewer) <= 3
    assert pages["contact_way"] not in {code["page"] for code in fewer}
