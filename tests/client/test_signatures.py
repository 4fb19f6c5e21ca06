"""Signatures of pages: the documented ones are right, and a wrong one is explained."""

import hashlib
import html
from urllib.parse import quote, unquote

import pytest

from wecom_tollbooth.client.domains import find_problems as find_domain_problems
from wecom_tollbooth.client.signatures import Signed, Suspects, find_problems, sign

TICKET = "TB-corp-ticket-0001"
NONCE, TIMESTAMP = "tollboothNonce01", "1798700000"
URL = (
    "https://scrm.example.test:8443/sidebar/?corp_id=ww0123456789abcdef&agent_id=1000002&t=%E4%BD%A0%E5%A5%BD"
)
PAGE = f"{URL}#/customer?id=1"
OTHERS = Suspects(
    tickets=[("TB-agent-ticket-0001", "应用的 jsapi_ticket", "the app's jsapi_ticket")],
    addresses=["https://scrm.example.test:8443/first?x=1#/a"],
    noncestrs=["another"],
    timestamps=["1798600000"],
)


def wrong_parts(
    signature: str, page: str = PAGE, nonce: str = NONCE, timestamp: str = TIMESTAMP
) -> list[str]:
    signed = Signed(page, nonce, timestamp, signature)
    return [problem.part for problem in find_problems(TICKET, signed, OTHERS)]


def with_url(url: str) -> str:
    return sign(TICKET, NONCE, TIMESTAMP, url)


def test_the_documented_example_is_right() -> None:
    """Page 90506, 2024-11."""
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    signed = Signed(
        "http://mp.weixin.qq.com?params=value",
        "Wm3WZYTPz0wzccnW",
        "1414587457",
        "0f9de62fce790f9a083d5c99e95740ceb90c27ed",
    )
    assert find_problems(ticket, signed) == []


def test_an_address_with_port_encoded_query_and_fragment_is_signed_up_to_the_fragment() -> None:
    assert wrong_parts("123466bc1083ebe50549317ad768365a3757bbef") == []


@pytest.mark.parametrize(
    ("signature", "part"),
    [
        ("28d4a9deebc19626f340622b1467a8a215776060", "url"),
        ("1798ae64e286be408dbda62cb0398a10588acaa3", "url"),
        ("f88a6b3b1e93704e8927b51eca82a170295e73d0", "signature"),
        ("c023339748ec106eb88f65c9528c86c341bcbb95", "ticket"),
    ],
    ids=["with the fragment", "decoded", "in another order", "with the app's ticket"],
)
def test_typical_wrong_signatures_are_explained(signature: str, part: str) -> None:
    assert wrong_parts(signature) == [part]


@pytest.mark.parametrize(
    "url",
    [
        PAGE,
        unquote(URL),
        quote(URL, safe=""),
        html.escape(URL),
        URL.partition("?")[0],
        URL.partition("&")[0],
        URL.replace(":8443", ""),
        URL.replace(":8443", ":443"),
        URL.replace("https", "http"),
        "https://scrm.example.test:8443/",
        "https://scrm.example.test:8443/first?x=1",
    ],
)
def test_a_wrong_url_is_named(url: str) -> None:
    assert wrong_parts(with_url(url)) == ["url"]


def test_a_port_that_is_not_in_the_address_is_named() -> None:
    assert wrong_parts(with_url("https://a.test:443/x"), page="https://a.test/x") == ["url"]


def test_a_wrong_nonce_timestamp_or_ticket_is_named() -> None:
    assert wrong_parts(sign(TICKET, NONCE.lower(), TIMESTAMP, URL)) == ["noncestr"]
    assert wrong_parts(sign(TICKET, "another", TIMESTAMP, URL)) == ["noncestr"]
    assert wrong_parts(sign(TICKET, NONCE, "1798700007", URL)) == ["timestamp"]
    assert wrong_parts(sign(TICKET, NONCE, "1798600000", URL)) == ["timestamp"]
    assert wrong_parts(sign("", NONCE, TIMESTAMP, URL)) == ["ticket"]


def test_two_mistakes_at_once_are_both_named() -> None:
    assert wrong_parts(sign("TB-agent-ticket-0001", NONCE, TIMESTAMP, PAGE)) == ["url", "ticket"]


def test_a_wrong_computation_is_named() -> None:
    right = with_url(URL)
    text = f"jsapi_ticket={TICKET}&noncestr={NONCE}&timestamp={TIMESTAMP}&url={URL}"
    assert wrong_parts(right.upper()) == ["signature"]
    assert wrong_parts(hashlib.sha256(text.encode()).hexdigest()) == ["signature"]
    assert wrong_parts(hashlib.sha1(text.replace("noncestr", "nonceStr").encode()).hexdigest()) == [
        "signature"
    ]
    assert wrong_parts("f" * 40) == ["signature"]


def test_missing_and_odd_fields_are_named() -> None:
    assert wrong_parts("", nonce="", timestamp="") == ["noncestr", "timestamp", "signature"]
    assert wrong_parts("x", timestamp="1798700000000") == ["timestamp"]
    assert wrong_parts("x", timestamp="१२३") == ["timestamp"]
    assert wrong_parts("x", timestamp="12.5") == ["timestamp"]


def test_without_a_ticket_only_the_ticket_is_named() -> None:
    signed = Signed(PAGE, NONCE, TIMESTAMP, "f" * 40)
    assert [problem.part for problem in find_problems(None, signed)] == ["ticket"]


@pytest.mark.parametrize(
    ("address", "trusted", "allowed"),
    [
        ("https://crm.example.test/x", ["crm.example.test"], True),
        ("https://a.crm.example.test/x", ["crm.example.test"], True),
        ("http://CRM.example.test:8443/x", ["crm.example.test"], True),
        ("https://anything.test/", [], True),
        ("https://crm.example.test:8443/x", ["crm.example.test:8443"], True),
        ("https://crm.example.test/x", ["crm.example.test:443"], True),
        ("https://crm.example.test:9/x", ["crm.example.test:8443"], False),
        ("https://evilcrm.example.test/x", ["crm.example.test"], False),
        ("https://example.test/x", ["crm.example.test"], False),
        ("https://crm.example.test@evil.test/", ["crm.example.test"], False),
        ("https://crm.example.test.evil.test/", ["crm.example.test"], False),
        ("javascript:alert(1)", ["crm.example.test"], False),
        ("https://[::", [], False),
        ("", [], False),
    ],
)
def test_names_below_a_trusted_domain_may_use_the_sdk(
    address: str, trusted: list[str], allowed: bool
) -> None:
    assert (find_domain_problems(address, trusted) == []) is allowed
