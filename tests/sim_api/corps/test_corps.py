"""/_sim/corps: corps are created, listed, shown and deleted, independent of each other."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import Corp, RunningServer, WeCom

StartServer = Callable[..., RunningServer]

KINDS = ["self_built", "self_built", "self_built_unlisted", "contacts_sync", "customer_contact"]
APP_FIELDS = {"agentid", "name", "kind", "secret", "callback_token", "encoding_aes_key", "callback_url"}
KEPT = {"usage_record", "usage_total", "usage_level", "ledger_seal", "closed_corp", "closed_app"}
"""Tables that keep the rows of a deleted corp, so that its usage can still be read and billed."""
OPEN = ("/_sim/qr/", "/_sim/scan/")
"""Images of QR codes and their pages, which customers open."""


def rows_by_table(server: RunningServer, corpid: str) -> dict[str, int]:
    """The corp's row count in each table of the database, including tables without a model."""
    with server.server.database.transaction() as tx:
        inspector = sa.inspect(tx.connection)
        counts = {}
        for name in inspector.get_table_names():
            if any(column["name"] == "corp_id" for column in inspector.get_columns(name)):
                query = sa.text(f'SELECT count(*) FROM "{name}" WHERE corp_id = :corpid')
                counts[name] = int(tx.execute(query, {"corpid": corpid}).scalar_one())
        return counts


def everything_shown(corp: Corp) -> dict[str, Any]:
    """Everything the API and the control API show of a corp, apart from times."""
    wecom = corp.client()
    members = wecom.get("externalcontact/get_follow_user_list")["follow_user"]
    customers = {
        userid: wecom.get("externalcontact/list", userid=userid).get("external_userid", [])
        for userid in members
    }
    details = [
        wecom.get("externalcontact/get", external_userid=external_userid)["external_contact"]
        for external_userids in customers.values()
        for external_userid in external_userids
    ]
    groups = wecom.post("externalcontact/get_corp_tag_list")["tag_group"]
    tags = [(tag["id"], tag["name"]) for group in groups for tag in group["tag"]]
    return {"apps": corp.apps, "customers": customers, "details": details, "tags": tags, "token": wecom.token}


# --- make, list, show ------------------------------------------------------------------------------------


def test_a_new_corp_has_apps_of_every_kind_and_the_first_may_call(server: RunningServer) -> None:
    made = server.sim.post("/corps", json={"name": "甲乙茶饮"}).json()
    assert made["name"] == "甲乙茶饮"
    assert made["corpid"].startswith("ww")
    assert len(made["corpid"]) == 18
    assert [app["kind"] for app in made["apps"]] == KINDS
    assert all(set(app) == APP_FIELDS for app in made["apps"])
    assert len({app["secret"] for app in made["apps"]}) == len(KINDS)
    assert {len(app["encoding_aes_key"]) for app in made["apps"]} == {43}
    wecom = Corp(server, made).client()
    assert wecom.get("externalcontact/get_follow_user_list")["follow_user"] == ["admin"]


def test_an_empty_body_creates_an_empty_corp(server: RunningServer) -> None:
    corp = server.make_corp()
    assert corp.client().get("externalcontact/list", userid="admin")["errcode"] == 84061
    assert corp.server.sim.get(f"/corps/{corp.corpid}").json()["name"] == "演示企业"


def test_a_demo_corp_has_the_requested_numbers_of_members_and_customers(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=8, customers=25)
    shown = everything_shown(corp)
    assert len(shown["customers"]) == 8
    assert len({customer["external_userid"] for customer in shown["details"]}) == 25


def test_a_corp_is_returned_as_created_and_listed(server: RunningServer) -> None:
    made = server.sim.post("/corps", json={}).json()
    assert server.sim.get(f"/corps/{made['corpid']}").json() == made
    listed = server.sim.get("/corps").json()["corps"]
    (entry,) = [corp for corp in listed if corp["corpid"] == made["corpid"]]
    assert entry["name"] == made["name"]
    assert abs(entry["created_at"] - server.sim.get("/clock").json()["now"]) < 60


def test_corps_are_listed_oldest_first(start_server: StartServer) -> None:
    server = start_server()
    assert server.sim.get("/corps").json() == {"corps": []}
    server.sim.post("/clock", json={"freeze": True})
    corpids = []
    for _ in range(3):
        corpids.append(server.make_corp().corpid)
        server.sim.post("/clock", json={"advance_seconds": 1})
    assert [corp["corpid"] for corp in server.sim.get("/corps").json()["corps"]] == corpids


def test_an_app_created_later_can_call(corp: Corp) -> None:
    app = corp.new_app(name="夜班助手", visible={"userid": ["zhangsan"]})
    assert app in corp.server.sim.get(f"/corps/{corp.corpid}").json()["apps"]
    assert corp.client(app).get("externalcontact/get_follow_user_list")["follow_user"] == ["zhangsan"]


def test_the_same_seed_gives_the_same_ids_on_two_fresh_servers(start_server: StartServer) -> None:
    shown = []
    for _ in range(2):
        server = start_server(seed=7)
        server.make_corp()
        corp = server.make_corp(seed="demo", members=6, customers=30)
        shown.append((corp.corpid, everything_shown(corp)))
    assert shown[0] == shown[1]
    other = start_server(seed=8)
    other.make_corp()
    assert other.make_corp(seed="demo").corpid != shown[0][0]


def test_creating_an_empty_corp_is_quick(start_server: StartServer) -> None:
    server = start_server()
    server.make_corp()
    milliseconds = []
    for _ in range(20):
        started = time.perf_counter()
        server.make_corp()
        milliseconds.append((time.perf_counter() - started) * 1000)
    print(f"an empty corp: median {statistics.median(milliseconds):.1f} ms, most {max(milliseconds):.1f} ms")
    assert len(server.sim.get("/corps").json()["corps"]) == 21


# --- delete ----------------------------------------------------------------------------------------------


def test_deleting_a_corp_removes_all_rows_but_its_ledger(
    server: RunningServer, corp: Corp, wecom: WeCom
) -> None:
    other = server.make_corp(seed="demo")
    other.client()
    untouched = rows_by_table(server, other.corpid)

    tag = wecom.post("externalcontact/add_corp_tag", group_name="删", tag=[{"name": "甲"}])["tag_group"][
        "tag"
    ][0]
    pair = {"userid": "zhangsan"}
    for act in ("member_adds_customer", "member_deletes_customer", "member_adds_customer"):
        done = server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": act, **pair}).json()
        pair["external_userid"] = done["external_userid"]
    assert wecom.post("externalcontact/mark_tag", **pair, add_tag=[tag["id"]])["errcode"] == 0
    before = rows_by_table(server, corp.corpid)
    used = {name for name, count in before.items() if count}
    assert used >= {"corp", "app", "access_token", "member", "department", "external_contact", "follow_user"}
    assert used >= {
        "tag",
        "tag_group",
        "follow_tag",
        "usage_record",
        "call_journal",
        "usage_total",
        "usage_level",
        "callback",
    }

    answer = server.sim.delete(f"/corps/{corp.corpid}")
    assert (answer.status_code, answer.json()) == (200, {"deleted": corp.corpid})
    kept = {name: before[name] for name in KEPT} | {"closed_corp": 1}
    kept["usage_record"] += 1
    kept["usage_total"] += 1
    assert rows_by_table(server, corp.corpid) == dict.fromkeys(before, 0) | kept, (
        "one record ends its contacts"
    )
    assert rows_by_table(server, other.corpid) == untouched


def test_a_deleted_corp_is_unknown_everywhere(server: RunningServer, corp: Corp, wecom: WeCom) -> None:
    server.sim.delete(f"/corps/{corp.corpid}")
    assert wecom.get("externalcontact/get_follow_user_list")["errcode"] == 40014
    params = {"corpid": corp.corpid, "corpsecret": corp.apps[0]["secret"]}
    assert wecom.http.get("gettoken", params=params).json()["errcode"] == 40013
    assert corp.corpid not in [entry["corpid"] for entry in server.sim.get("/corps").json()["corps"]]
    for answer in (server.sim.get(f"/corps/{corp.corpid}"), server.sim.delete(f"/corps/{corp.corpid}")):
        assert answer.status_code == 404
        assert answer.json()["error"].startswith(f"there is no corp '{corp.corpid}'")


# --- wrong bodies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"name": ""}, "body.name: String should have at least 1 character"),
        ({"name": "长" * 65}, "body.name: String should have at most 64 characters"),
        ({"name": 5}, "body.name: Input should be a valid string"),
        ({"name": "a\x00b"}, "body.name: the character NUL (U+0000) cannot be kept; leave it out"),
        ({"seed": "luckin"}, "body.seed.named: Input should be 'empty', 'demo', 'scrm-400', 'big' or 'edge'"),
        ({"members": 0}, "body.members: Input should be greater than or equal to 1"),
        ({"members": 20_001}, "body.members: Input should be less than or equal to 20000"),
        ({"customers": -1}, "body.customers: Input should be greater than or equal to 0"),
        ({"customers": 1_000_001}, "body.customers: Input should be less than or equal to 1000000"),
        (
            {"customers": 1.5},
            "body.customers: Input should be a valid integer, got a number with a fractional part",
        ),
        ({"costumers": 5}, "body.costumers: Extra inputs are not permitted"),
    ],
)
def test_an_invalid_body_is_refused_and_creates_nothing(
    server: RunningServer, body: dict[str, Any], sentence: str
) -> None:
    before = len(server.sim.get("/corps").json()["corps"])
    answer = server.sim.post("/corps", json=body)
    assert (answer.status_code, answer.json()) == (422, {"error": sentence})
    assert len(server.sim.get("/corps").json()["corps"]) == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"corp"', b"null", b"\xff"])
def test_a_body_that_is_not_an_object_is_refused_in_the_same_form(
    server: RunningServer, content: bytes
) -> None:
    answer = server.sim.post("/corps", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert list(answer.json()) == ["error"]
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/_sim/corpse", 404, "Not Found"),
        ("PUT", "/_sim/corps", 405, "Method Not Allowed"),
        ("POST", "/_sim/operations", 405, "Method Not Allowed"),
    ],
)
def test_an_unknown_control_call_is_refused_in_the_same_form(
    server: RunningServer, method: str, path: str, status: int, reason: str
) -> None:
    answer = httpx.request(method, server.base_url + path)
    assert answer.status_code == status
    assert answer.json() == {"error": f"{method} {path}: {reason}; /docs lists the control API"}


# --- the admin token -------------------------------------------------------------------------------------


def test_with_an_admin_token_every_control_call_requires_it(start_server: StartServer) -> None:
    server = start_server(admin_token="let-me-in")
    paths = httpx.get(f"{server.base_url}/openapi.json", timeout=300).json()["paths"]
    control = [
        (method, path)
        for path in paths
        if path.startswith("/_sim/") and not path.startswith((*OPEN, "/_sim/client/"))
        for method in paths[path]
    ]
    assert len(control) > 12
    for method, path in control:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "let-me-in"}):
            address = server.base_url + path.replace("{", "").replace("}", "")
            answer = httpx.request(method, address, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.json() == {"error": "send the header Authorization: Bearer <TOLLBOOTH_ADMIN_TOKEN>"}

    server.sim.headers["authorization"] = "Bearer let-me-in"
    corp = server.make_corp()
    assert corp.client().get("externalcontact/get_follow_user_list")["errcode"] == 0, (
        "WeCom's own API does not ask"
    )


def test_without_an_admin_token_none_is_required(server: RunningServer) -> None:
    assert server.settings.admin_token == ""
    assert server.sim.get("/corps").status_code == 200


def test_an_existing_corp_can_be_seeded_with_more_customers(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=3)
    reply = server.sim.post(f"/corps/{corp.corpid}/seed", json={"customers": 4})
    assert reply.json() == {"corpid": corp.corpid, "customers": 4, "follow_ups": 0}
    assert corp.sim("usage")["contacts"] == 7
    unknown = server.sim.post("/corps/ww0/seed", json={"customers": 4})
    assert (unknown.status_code, list(unknown.json())) == (404, ["error"])


def test_a_corp_without_followers_is_seeded_without_customers(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", members=1, customers=0)
    for userid in corp.client().get("externalcontact/get_follow_user_list")["follow_user"]:
        left = server.sim.post(
            f"/corps/{corp.corpid}/acts", json={"act": "member_leaves_corp", "userid": userid}
        )
        assert left.status_code == 200, left.text
    assert server.sim.post(f"/corps/{corp.corpid}/seed", json={"customers": 4}).json()["customers"] == 0


def test_a_body_without_a_json_content_type_is_refused_with_the_reason(server: RunningServer) -> None:
    answer = server.sim.post("/corps", content=b'{"seed": "demo"}', headers={"content-type": "text/plain"})
    assert (answer.status_code, "Content-Type: application/json" in answer.json()["error"]) == (422, True)
    assert "text/plain" in answer.json()["error"]
