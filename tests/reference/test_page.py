"""/docs: the list of all operations in one language, and the document of a single one.

What needs the whole of /openapi.json is in tests/gateway/test_openapi.py.
"""

import html
import re
from typing import Any

import httpx
import pytest

from tests.conftest import RunningServer
from wecom_tollbooth.client.page import CHINESE, ENGLISH
from wecom_tollbooth.reference.one_language import text_in

CHINESE_WORD = re.compile("[\u4e00-\u9fff]")
ENGLISH_WORDS = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}")


def get(server: RunningServer, address: str, **options: Any) -> httpx.Response:
    return httpx.get(server.base_url + address, **options)


def shown(server: RunningServer, address: str = "/docs", **headers: str) -> str:
    answer = get(server, address, headers=headers)
    assert answer.status_code == 200
    return str(answer.text)


def visible(page: str) -> str:
    """What a reader sees of the list, without scripts, attributes and the button of the other language."""
    page = re.sub(r"<script.*?</script>|<nav.*?</nav>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub("<[^>]*>", "\n", page))


def test_the_list_is_in_the_language_of_the_browser(server: RunningServer) -> None:
    chinese = visible(shown(server, **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}))
    english = visible(shown(server, **{"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"}))
    assert not CHINESE_WORD.search(english)
    assert not ENGLISH_WORDS.search(chinese)
    assert "编辑客户企业标签" in chinese
    assert "Tag a customer" in english


def test_a_chosen_language_is_kept(server: RunningServer) -> None:
    answer = get(server, "/docs", params={"lang": "en"}, headers={"Accept-Language": "zh-CN"})
    assert '<html lang="en">' in answer.text
    kept = answer.headers["set-cookie"].partition(";")[0]
    assert '<html lang="en">' in shown(server, **{"Accept-Language": "zh-CN", "Cookie": kept})
    assert "set-cookie" not in get(server, "/docs", params={"lang": "fr"}).headers


@pytest.mark.parametrize(
    "words",
    [
        "externalcontact/mark_tag",
        "编辑客户企业标签",
        "tag a customer",
        "externalcontact_mark_tag",
        "post m",
    ],
)
def test_an_entry_is_searched_by_path_and_by_words_of_both_languages(
    server: RunningServer, words: str
) -> None:
    (searched,) = re.findall(r'id="externalcontact_mark_tag" data-searched="([^"]*)"', shown(server))
    assert all(word in html.unescape(searched) for word in words.split())


def test_the_page_names_no_other_server(server: RunningServer) -> None:
    page = shown(server)
    linked = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert [address for address in linked if "//" in address] == []
    own = [address for address in linked if address.startswith("docs/")]
    assert [get(server, f"/{address}").status_code for address in own] == [200, 200]
    policy = get(server, "/docs").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_it_asks_for_the_admin_token_where_there_is_one(server: RunningServer, start_server: Any) -> None:
    assert 'id="token"' not in shown(server)
    assert 'id="token"' in shown(start_server(admin_token="a-token-of-tests"))


def test_an_unknown_operation_and_file_answer_404(server: RunningServer) -> None:
    for address in ("/docs/operations/nothing", "/docs/files/nothing.js"):
        answer = get(server, address)
        assert answer.status_code == 404
        assert "nothing" in answer.json()["error"]


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("服务 / The server", "服务", "The server"),
        ("是否可以有客户（范围）/ Whether it may", "是否可以有客户（范围）", "Whether it may"),
        ("读 `a / b`", "读 `a / b`", "读 `a / b`"),
        ("only English", "only English", "only English"),
        ("只有中文", "只有中文", "只有中文"),
        (
            "见 `x`。\n\n还有。\n\nSee `x`, as 客户 says.\n\nMore.",
            "见 `x`。\n\n还有。",
            "See `x`, as 客户 says.\n\nMore.",
        ),
    ],
)
def test_a_text_in_one_language(text: str, chinese: str, english: str) -> None:
    assert text_in(CHINESE, text) == chinese
    assert text_in(ENGLISH, text) == english
