"""Schemathesis on the OpenAPI document: no request answers HTTP 5xx or errcode -1.

Half of its cases are valid, half are not. Each case is sent as it is, and again with ids of a demo corp and
with fields of the documented sample, so that calls get past the first check. TOLLBOOTH_TEST_REQUESTS sets the
number of requests.
"""

import functools
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import schemathesis

from tests.conftest import Corp, RunningServer
from tests.families.factories import act
from tests.families.sheets import Sheet
from tests.slow.generation import generated
from wecom_tollbooth.corps.app_kinds import OF_THE_CORP
from wecom_tollbooth.gateway.permissions import HOLDERS, Permission

REQUESTS = int(os.environ.get("TOLLBOOTH_TEST_REQUESTS", "20000"))
ROUNDS_AT_MOST = 20
VARIANTS = 12
"""Requests that are made of one generated case: generating costs ten times what a request does."""

pytestmark = pytest.mark.slow


class World:
    """A demo corp, a token of each kind of app, and existing ids by field name."""

    def __init__(self, server: RunningServer) -> None:
        self.corp = server.make_corp(seed="demo")
        missing = sorted(OF_THE_CORP - {app["kind"] for app in self.corp.apps})
        apps = [*self.corp.apps, *(self.corp.new_app(name=kind, kind=kind) for kind in missing)]
        self.tokens = {app["kind"]: self.corp.client(app).token for app in apps}
        self.ids = self._ids(self.corp)
        self.key = self._key_of_a_webhook()

    def _key_of_a_webhook(self) -> str:
        sheet = Sheet(self.corp.client())
        where = {"docid": sheet.docid, "sheet_id": sheet.sheet_id}
        return str(act(self.corp, "member_opens_webhook", userid="zhangsan", **where)["key"])

    def _ids(self, corp: Corp) -> dict[str, list[Any]]:
        wecom = corp.client()
        members = wecom.get("externalcontact/get_follow_user_list")["follow_user"]
        customers = wecom.get("externalcontact/list", userid=members[0])["external_userid"]
        made = wecom.post(
            "externalcontact/add_corp_tag", group_name="随机", tag=[{"name": "一"}, {"name": "二"}]
        )["tag_group"]
        tags = [tag["id"] for tag in made["tag"]]
        strategies = [
            wecom.post(
                "externalcontact/customer_strategy/create",
                strategy_name="规则组",
                admin_list=members[:1],
                range=[{"type": 1, "userid": member} for member in members],
            )["strategy_id"]
        ]
        config_ids = [
            wecom.post("externalcontact/add_contact_way", type=1, scene=2, user=members[:1])["config_id"]
        ]
        links = [
            wecom.post(
                "externalcontact/customer_acquisition/create_link",
                link_name="链接",
                range={"user_list": members[:1]},
            )["link"]["link_id"]
        ]
        products = [
            wecom.post(
                "externalcontact/add_product_album",
                description="一杯奶茶",
                price=1800,
                attachments=[{"type": "image", "image": {"media_id": "m1"}}],
            )["product_id"]
        ]
        rules = [
            wecom.post(
                "externalcontact/add_intercept_rule",
                rule_name="敏感词",
                word_list=["红包"],
                intercept_type=1,
                applicable_range={"user_list": members[:1]},
            )["rule_id"]
        ]
        departments = [1, 2, 3]
        return {
            **dict.fromkeys(
                ("userid", "user_list", "userid_list", "useridlist", "user", "admin_list"), members
            ),
            **dict.fromkeys(("external_userid", "external_user_list", "external_userid_list"), customers),
            **dict.fromkeys(("tag_id", "add_tag", "remove_tag"), tags),
            "group_id": [made["group_id"]],
            "strategy_id": strategies,
            "config_id": config_ids,
            "link_id": links,
            "product_id": products,
            "rule_id": rules,
            **dict.fromkeys(
                ("partyid", "party", "department", "department_id", "department_list"), departments
            ),
            "id": [*departments, *tags, made["group_id"]],
        }


def with_real_ids(rng: random.Random, value: Any, ids: dict[str, list[Any]], share: float) -> Any:
    """The value with existing ids in this share of the id fields."""
    if isinstance(value, list):
        return [with_real_ids(rng, item, ids, share) for item in value]
    if not isinstance(value, dict):
        return value
    bent = {}
    for name, item in value.items():
        if name in ids and not isinstance(item, dict) and rng.random() < share:
            some = rng.sample(ids[name], min(len(ids[name]), rng.randint(1, 3)))
            bent[name] = some if isinstance(item, list) else some[0]
        else:
            bent[name] = with_real_ids(rng, item, ids, share)
    return bent


def variants(case: Any, rng: random.Random, world: World, permission: str, sample: Any) -> Iterator[Any]:
    """The case as generated, then with existing ids, then the documented sample with some generated fields.

    The caller is mostly an app that has the permission.
    """
    holders = [world.tokens[kind] for kind in sorted(HOLDERS[Permission(permission)] & OF_THE_CORP)]
    holders = holders or list(world.tokens.values())
    others = [*world.tokens.values(), "unknown", ""]
    carrier = "access_token"
    if permission == Permission.WEBHOOK:
        carrier, holders = "key", [world.key]
    made = {part: value for part in ("query", "body") if isinstance(value := getattr(case, part), dict)}
    filled = "query" if case.method.upper() == "GET" else "body"
    for number in range(VARIANTS):
        bent = dict(made)
        if number and filled in made:
            kept = {name: value for name, value in made[filled].items() if rng.random() < 0.5}
            whole = (
                made[filled] if number % 3 == 0 else {**with_real_ids(rng, sample, world.ids, 1.0), **kept}
            )
            bent[filled] = with_real_ids(rng, whole, world.ids, share=0.5)
        token = rng.choice(holders if rng.random() < 0.9 else others)
        case.query = {**bent.get("query", {}), carrier: token}
        if "body" in bent:
            case.body = bent["body"]
        yield case


def errcodes_of(
    http: httpx.Client, operation: Any, varied: Callable[[Any], Iterator[Any]], *, cases: int, number: int
) -> list[int]:
    """Sends `cases` cases of the operation in all variants; returns the errcode of each request."""
    errcodes: list[int] = []

    def send(case: Any) -> None:
        for variant in varied(case):
            asked = variant.as_transport_kwargs(base_url=str(http.base_url))
            names = ("method", "url", "params", "headers", "json")
            answer = http.request(
                content=asked.get("data"), **{name: asked[name] for name in names if name in asked}
            )
            assert answer.status_code == 200, variant.as_curl_command()
            errcode = answer.json()["errcode"]
            assert errcode != -1, variant.as_curl_command()
            errcodes.append(errcode)

    generated(operation, cases, number, send)
    return errcodes


def test_generated_requests_cause_no_server_error(start_server: Any, capsys: Any) -> None:
    server = start_server(rate_limits=False)
    document = httpx.get(f"{server.base_url}/openapi.json", timeout=300).json()
    document["paths"] = {
        path: methods for path, methods in document["paths"].items() if path.startswith("/cgi-bin/")
    }
    results: list[Any] = list(schemathesis.openapi.from_dict(document).get_all_operations())
    operations = [result.ok() for result in results]
    described = {row["path"]: row for row in server.sim.get("/operations").json()["operations"]}
    assert {operation.path for operation in operations} == set(described)
    samples = {
        path: method.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example", {})
        for path, methods in document["paths"].items()
        for method in methods.values()
    }
    seen: Counter[tuple[str, int]] = Counter()
    with httpx.Client(base_url=server.base_url, timeout=60) as http:
        for number in range(1, ROUNDS_AT_MOST + 1):
            cases = -(-(REQUESTS - seen.total()) // (len(operations) * VARIANTS))
            if cases <= 0:
                break
            for operation in operations:
                path = operation.path
                varied = functools.partial(
                    variants,
                    rng=random.Random(f"{number} {path}"),
                    world=World(server),
                    permission=described[path]["permission"],
                    sample=samples[path],
                )
                for errcode in errcodes_of(http, operation, varied, cases=cases, number=number):
                    seen[path, errcode] += 1

    succeeded = sum(count for (_, errcode), count in seen.items() if errcode == 0)
    with capsys.disabled():
        print(
            f"\nschemathesis: {seen.total():,} requests to {len(operations)} operations, {succeeded:,} "
            f"of them answered with errcode 0; {len(seen)} distinct pairs of operation and errcode"
        )
    assert seen.total() >= REQUESTS
