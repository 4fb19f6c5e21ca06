"""No secret of a corp can be read from the journal or the log, wherever a caller put it."""

import json
import logging
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Corp, RunningServer
from tests.families.factories import act
from tests.families.sheets import Sheet
from tests.in_process import InProcess
from tests.providers import Provider
from wecom_tollbooth.gateway.journal.masking import shorten, shown_body, shown_query, without

NAMES = (
    "access_token", "Access_Token", "ACCESS_TOKEN", "accessToken", "access-token", "corpsecret", "CorpSecret",
    "secret", "appsecret", "suite_access_token", "provider_access_token", "suite_secret", "Suite_Secret",
    "provider_secret", "permanent_code", "Permanent_Code", "suite_ticket", "SuiteTicket", "jsapi_ticket",
    "encodingaeskey", "EncodingAESKey", "encoding_aes_key", "Token", "callback_token", "auth_code",
    "pre_auth_code",
)  # fmt: skip
NO_FAULT = (
    {"a": "b"},
    {"errcode": 0},
    {"userid": "zhangsan", "remark": "下午茶 100%", "welcome_code": "x" * 40},
)


def formats(name: str, value: str) -> Iterator[bytes]:
    """Bodies in which a caller may send a secret, whole and broken."""
    whole = json.dumps({"corpid": "ww1", name: value, "limit": 5})
    yield whole.encode()
    yield json.dumps({"corpid": "ww1", name: value}, indent=2).encode()
    yield f"{whole[:-1]},}}".encode()
    yield whole[: whole.index(value) + len(value)].encode()
    yield whole.replace('"', "'").encode()
    yield json.dumps({"a": [{"b": {name: value}}]}).encode()
    yield json.dumps({name: ["first", value, {"deep": value}]}).encode()
    yield json.dumps({"note": f"{name}={value}", "url": f"https://host/p?x=1&{name}={value}"}).encode()
    yield json.dumps({"inside": whole}).encode()
    yield f"corpid=ww1&{name}={value}&limit=5".encode()
    yield f"corpid=ww1&{quote(name[0])}%{ord(name[1]):02x}{name[2:]}={value}".encode()
    yield f"<xml><{name}>{value}</{name}><a>1</a></xml>".encode()
    yield f"<xml><{name}><![CDATA[{value}]]></{name}></xml>".encode()
    yield (
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: text/plain\r\n\r\n'
        f"{value}\r\n--x--"
    ).encode()
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in name)
    yield f'{{"{escaped}":"{value}"}}'.encode()
    yield whole.replace(value, "".join(f"\\u{ord(sign):04x}" for sign in value)).encode()


@pytest.mark.parametrize("name", NAMES)
def test_a_value_with_a_secret_name_is_shortened_in_every_format(name: str) -> None:
    value = "Zq3-x_" + "k7Wm9" * 8
    for body in formats(name, value):
        text, secrets = shown_body(body)
        assert value not in without(text, secrets), body
        assert value[20:] not in without(text, secrets), body
    text, secrets = shown_query({"a": "b", name: value})
    assert text == f"a=b&{name}={value[:8]}…"
    assert secrets == [value]


def test_other_values_are_shown_unchanged() -> None:
    for body in NO_FAULT:
        assert shown_body(json.dumps(body, ensure_ascii=False).encode()) == (
            json.dumps(body, ensure_ascii=False),
            [],
        )
    query = {
        "userid": "zhangsan",
        "external_userid": "wm" + "x" * 30,
        "cursor": "c" * 80,
        "corpid": "ww" + "0" * 16,
    }
    assert shown_query(query)[1] == []


def test_a_short_secret_is_not_shown_at_all() -> None:
    assert (shorten("12345678"), shorten("123456789")) == ("…", "12345678…")
    assert shown_query({"key": "abc"})[0] == "key=…"


def test_a_secret_is_shortened_where_only_its_beginning_is_shown() -> None:
    assert without("'abcdefghijkl… (150 characters)", ["abcdefghijklmnop"]) == "'abcdefgh…… (150 characters)"
    assert without("abcdefghi abcdefghi", ["abcdefghijklmnop"]) == "abcdefgh… abcdefgh…"
    assert without("abcdefgh", ["abcdefghijklmnop"]) == "abcdefgh"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode), st.sampled_from(NAMES))
def test_any_body_is_masked_without_an_error(junk: bytes, name: str) -> None:
    for body in (junk, name.encode() + junk, f'{{"{name}":"'.encode() + junk, junk + b"\\u0074oken=" + junk):
        text, secrets = shown_body(body)
        without(text, secrets)


@pytest.mark.parametrize(
    "mark", ["token", "token=", 'token"', "\\u0074", "secret\r\n", "%74=", "&key=", "token:[["]
)
def test_masking_time_is_bounded(mark: str) -> None:
    """Twenty bodies of nothing but marks: only the beginning is looked at, in linear time."""
    began = time.thread_time()
    for body in ((mark * 400_000).encode(), ('{"a":"' + mark * 400_000).encode()):
        for _ in range(10):
            shown_body(body)
    assert time.thread_time() - began < 20 * 0.05


# --- a scan of everything --------------------------------------------------------------------------------


def secrets_of(server: RunningServer, corp: Corp, provider: Provider) -> dict[str, str]:
    """Every secret and token that the corp and a provider of it have."""
    app = corp.apps[0]
    path = f"/corps/{corp.corpid}/apps/{app['agentid']}/callback"
    aes_key, token = "q" * 20 + "w" * 22 + "E", "callbackToken123"
    answer = server.sim.put(
        path, json={"url": "http://127.0.0.1:9/", "token": token, "encoding_aes_key": aes_key}
    )
    assert answer.status_code in (200, 422), answer.text
    third_party = corp.new_app(kind="third_party", provider_id=provider.id)
    sheet = Sheet(corp.client())
    webhook = act(corp, "member_opens_webhook", userid="zhangsan", docid=sheet.docid, sheet_id=sheet.sheet_id)
    return {
        "corpsecret": str(app["secret"]),
        "encodingaeskey": aes_key,
        "token": token,
        "access_token": corp.client().token,
        "permanent_code": str(third_party["secret"]),
        "suite_secret": provider.made["suite_secret"],
        "provider_secret": provider.made["provider_secret"],
        "suite_ticket": provider.ticket(),
        **provider.suite_token(),
        **provider.provider_token(),
        "key": str(webhook["key"]),
    }


def test_no_secret_of_a_corp_is_in_the_journal_or_in_the_log(
    server: RunningServer, corp: Corp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider, api = Provider(server), InProcess(server)
    secrets = secrets_of(server, corp, provider)
    token = secrets["access_token"]
    paths = ("gettoken", "externalcontact/list", "no/such/path")
    for (name, value), path in ((pair, path) for pair in secrets.items() for path in paths):
        for spelled in (name, name.upper(), name.title()):
            misplaced = {"corpid" if len(value) > 32 else spelled: value}
            for query in ({spelled: value}, {"access_token": token, spelled: value}, misplaced):
                api.request("GET", f"/cgi-bin/{path}", query)
                api.request("GET", f"/cgi-bin/{path}/{value}", query)
        for body in formats(name, value):
            if name != "key" or b"key=" in body:
                api.request("POST", f"/cgi-bin/{path}", {"access_token": token}, body)
    api.close()
    seen: list[dict[str, Any]] = []
    for address in ("/calls", f"/corps/{corp.corpid}/calls", f"/corps/{provider.id}/calls"):
        page = server.sim.get(address, params={"limit": 1000}).json()
        seen += page["calls"]
        journal = json.dumps(page, ensure_ascii=False)
        for name, value in secrets.items():
            assert value not in journal, (name, [call for call in page["calls"] if value in str(call)][:2])
    assert len(seen) > 500
    ours = [
        record for record in caplog.records if record.name.startswith(("tollbooth", "uvicorn", "sqlalchemy"))
    ]
    logged = "\n".join(logging.Formatter().format(record) for record in ours)
    for name, value in secrets.items():
        assert value not in logged, name


def test_the_traceback_of_a_database_error_shows_no_values(server: RunningServer) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as failed, server.server.database.transaction() as tx:
        tx.execute(sa.text("INSERT INTO no_such_table VALUES (:secret)"), {"secret": "kept-to-ourselves"})
    assert "kept-to-ourselves" not in str(failed.value)
