"""/openapi.json shows every operation as it is declared."""

import json
import re
import typing
from collections import Counter
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from tests.conftest import RunningServer
from tests.families.factories import act
from wecom_tollbooth.client.page import CHINESE, ENGLISH
from wecom_tollbooth.families import load_families
from wecom_tollbooth.gateway.files.answers import File
from wecom_tollbooth.gateway.openapi import EXTENSION, REF, in_both
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.gateway.shapes import Done, RequestModel
from wecom_tollbooth.reference.one_language import text_in

OPERATIONS = list(load_families())
CJK = "[\u4e00-\u9fff]"
Schema = dict[str, Any]
OPEN = ("/_sim/qr/", "/_sim/scan/")
SCHEMA = "/_sim/seeds/schema"  # a JSON schema describes files, not a reply


@pytest.fixture(scope="module")
def document(server: RunningServer) -> dict[str, Any]:
    return server.app.openapi()


def inlined(schema: Any, definitions: dict[str, Schema], within: tuple[str, ...] = ()) -> Any:
    """The schema with each reference resolved, without titles."""
    if isinstance(schema, list):
        return [inlined(item, definitions, within) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in within:
            return f"recursion of {len(within) - within.index(name)}"
        return inlined(definitions[name], definitions, (*within, name))
    return {
        key: inlined(value, definitions, within)
        for key, value in schema.items()
        if key != "$defs" and not (key == "title" and isinstance(value, str))
    }


def declared(shape: Any) -> Schema:
    """The schema of a shape on its own."""
    schema = TypeAdapter(shape).json_schema()
    return dict(inlined(schema, schema.get("$defs", {})))


def described(document: dict[str, Any], operation: Operation) -> dict[str, Any]:
    return dict(document["paths"][operation.path][operation.method.lower()])


def differences(document: dict[str, Any], operation: Operation) -> typing.Iterator[str]:
    components = document["components"]["schemas"]
    shown = described(document, operation)
    expected = {} if operation.request_model is RequestModel else declared(operation.request_model)
    if not operation.fields_in_address:
        request = inlined(shown["requestBody"]["content"]["application/json"]["schema"], components)
        if request != (expected or {"type": "object"}):
            yield f"{operation.path}: request"
    else:
        parameters = {
            parameter["name"]: inlined(parameter["schema"], components)
            for parameter in shown["parameters"]
            if parameter["name"] != operation.token
        }
        if parameters != expected.get("properties", {}):
            yield f"{operation.path}: parameters"
    reply = inlined(shown["responses"]["200"]["content"]["application/json"]["schema"], components)
    fields = {} if operation.reply_type in (Done, File) else declared(operation.reply_type)["properties"]
    envelope = {"errcode": {"type": "integer"}, "errmsg": {"type": "string"}}
    if reply["properties"] != {**envelope, **fields} or reply["required"] != list(envelope):
        yield f"{operation.path}: reply"


def test_every_shape_of_every_operation_is_shown_as_declared(document: dict[str, Any]) -> None:
    assert [line for operation in OPERATIONS for line in differences(document, operation)] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_shows_its_title_page_right_and_meter(
    document: dict[str, Any], operation: Operation
) -> None:
    shown = described(document, operation)
    assert shown["summary"] == in_both(operation.title, operation.title_en)
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_ ',()-]+", operation.title_en)
    expected = in_both(*EXTENSION) if operation.family.extension else operation.doc_url
    assert expected in shown["description"]
    assert f"`{operation.permission}`" in shown["description"]
    assert f"`{operation.meter}`" in shown["description"]


def test_shapes_of_the_same_name_are_separate_components(document: dict[str, Any]) -> None:
    tags = {
        name: sorted(schema["properties"])
        for name, schema in document["components"]["schemas"].items()
        if name.endswith("TagsTagShape") or name == "CustomersTagShape"
    }
    assert tags == {
        "CustomersTagShape": ["group_name", "tag_id", "tag_name", "type"],
        "CustomerTagsTagShape": ["create_time", "deleted", "id", "name", "order"],
        "StrategyTagsTagShape": ["create_time", "id", "name", "order"],
    }


def test_every_reference_has_a_component_and_every_component_is_used(
    document: dict[str, Any],
) -> None:
    components = document["components"]["schemas"]
    referred = set(re.findall(re.escape(REF) + r"([^\"]+)\"", TypeAdapter(Any).dump_json(document).decode()))
    assert sorted(referred) == sorted(components)


def test_operation_ids_are_unique_and_ascii(document: dict[str, Any]) -> None:
    ids = [method["operationId"] for methods in document["paths"].values() for method in methods.values()]
    assert sorted(set(ids)) == sorted(ids)
    assert [name for name in ids if not re.fullmatch(r"[a-z0-9_]+", name)] == []


def test_tags_are_ascii_with_titles_in_both_languages(document: dict[str, Any]) -> None:
    described = {tag["name"]: tag for tag in document["tags"]}
    used = {tag for methods in document["paths"].values() for one in methods.values() for tag in one["tags"]}
    assert used == set(described)
    for name, tag in described.items():
        assert re.fullmatch(r"[a-z_]+", name)
        chinese, _, english = tag["description"].partition(" / ")
        assert re.search(r"[\u4e00-\u9fff]", chinese), name
        assert english, name


def test_an_operation_shows_its_errcodes_and_its_documented_sample(document: dict[str, Any]) -> None:
    for operation in OPERATIONS:
        shown = described(document, operation)
        answer = shown["responses"]["200"]
        errcodes = [one["errcode"] for one in answer["x-errcodes"]]
        assert errcodes == sorted({int(code) for code in operation.errors}), operation.path
        assert all(f"- `{code}` " in answer["description"] for code in errcodes), operation.path
        sample = dict(operation.sample or {})
        if not operation.fields_in_address:
            assert shown["requestBody"]["content"]["application/json"].get("example", {}) == sample
        else:
            assert {one["name"]: one["example"] for one in shown["parameters"] if "example" in one} == sample


# --- the control API -------------------------------------------------------------------------------------


def control_calls(document: dict[str, Any]) -> typing.Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of every control call."""
    for path, methods in document["paths"].items():
        if path.startswith("/_sim/"):
            for method, shown in methods.items():
                yield path, method, shown


def test_control_calls_have_titles_and_descriptions_in_both_languages(document: dict[str, Any]) -> None:
    for path, _, shown in control_calls(document):
        chinese, _, english = shown["summary"].partition(" / ")
        assert re.search(r"[\u4e00-\u9fff]", chinese), path
        assert re.fullmatch(r"[A-Z][A-Za-z ',-]+", english), path
        for pattern in (r"[\u4e00-\u9fff]", r"\b[A-Z][a-z]* [a-z]"):
            assert re.search(pattern, shown["description"]), path


def test_control_calls_show_their_replies_and_refusals(document: dict[str, Any]) -> None:
    for path, method, shown in control_calls(document):
        (media_type, *_) = shown["responses"]["200"]["content"]
        if media_type == "application/json" and path != SCHEMA:
            assert "$ref" in shown["responses"]["200"]["content"][media_type]["schema"], path
        assert ("security" in shown) == ("401" in shown["responses"]) == (not path.startswith(OPEN)), path
        for status, refusal in shown["responses"].items():
            content = refusal["content"]
            if status != "200" and "application/json" in content:
                name = content["application/json"]["schema"]["$ref"].removeprefix(REF)
                assert "error" in document["components"]["schemas"][name]["required"], (path, method, status)
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert document["components"]["securitySchemes"]["AdminToken"]["scheme"] == "bearer"


def example_of(document: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """The example body in /docs: the schema's first example."""
    schema = shown["requestBody"]["content"]["application/json"]["schema"]
    schema = schema.get("anyOf", [schema])[0]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].removeprefix(REF)]
    return dict(schema["examples"][0])


def test_the_example_body_of_a_control_call_is_accepted(document: dict[str, Any], start_server: Any) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo")
    provider_id = server.sim.post("/providers", json={}).json()["provider_id"]
    corp.new_app(kind="third_party", provider_id=provider_id)
    server.sim.put(f"/corps/{corp.corpid}/budget", json={"amount": "1"})
    corp.client().get("externalcontact/get_follow_user_list")
    record = corp.sim("ledger")["records"][-1]["id"]
    webview = server.sim.post(f"/corps/{corp.corpid}/webviews", json={"userid": "zhangsan"}).json()["webview"]
    raised = act(corp, "member_adds_customer", userid="zhangsan")["callbacks"][:2]
    for path, method, shown in control_calls(document):
        if "application/json" not in shown.get("requestBody", {}).get("content", {}):
            continue  # an import takes a file: tests/snapshots
        names = {
            "corpid": corp.corpid,
            "provider_id": provider_id,
            "number": record,
            "agentid": corp.apps[0]["agentid"],
            "webview": webview,
        }
        text = json.dumps(example_of(document, shown)).replace("CORPID", provider_id)
        body = json.loads(text.replace("[113, 114]", json.dumps(raised)))
        answer = server.sim.request(method, path.removeprefix("/_sim").format(**names), json=body)
        assert answer.status_code == 200, (path, answer.text)
        if path == "/_sim/corps":
            created = answer.json()["corpid"]
            assert server.sim.get(f"/corps/{created}/usage").json()["contacts"] == body["customers"]


@pytest.mark.parametrize(
    ("body", "contacts"),
    [({}, 0), ({"customers": 7}, 7), ({"members": 3}, 40), ({"seed": "empty", "customers": 7}, 0)],
)
def test_a_count_without_a_seed_means_the_demo_seed(
    server: RunningServer, body: dict[str, Any], contacts: int
) -> None:
    assert server.make_corp(**body).sim("usage")["contacts"] == contacts


# --- /docs ----------------------------------------------------------------------------------------------


def test_the_page_lists_every_operation_once(document: dict[str, Any], server: RunningServer) -> None:
    page = httpx.get(f"{server.base_url}/docs").text
    expected = Counter(
        (one["operationId"], method.upper(), path)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    )
    entry = r'class="entry" id="(\w+)"[^>]*>\s*<summary><span class="[^"]*">(\w+)</span><code>([^<]*)<'
    assert Counter(re.findall(entry, page)) == expected
    groups = re.findall(r'<details class="group" id="(\w+)"', page)
    assert sorted(groups) == sorted(tag["name"] for tag in document["tags"])
    assert "<details open" not in page


@pytest.mark.parametrize("id", ["externalcontact_mark_tag", "get_clock", "create_corp"])
def test_the_document_of_an_operation_is_a_part_of_the_whole_one(
    document: dict[str, Any], server: RunningServer, id: str
) -> None:
    part = httpx.get(f"{server.base_url}/docs/operations/{id}", params={"lang": "zh-CN"}).json()
    ((path, methods),) = part["paths"].items()
    ((method, one),) = methods.items()
    whole = document["paths"][path][method]
    assert one["operationId"] == whole["operationId"] == id
    names, of_whole = ([field["name"] for field in seen.get("parameters", ())] for seen in (one, whole))
    assert names == of_whole
    assert set(one["responses"]) == set(whole["responses"])
    assert set(part["components"]["schemas"]) < set(document["components"]["schemas"])
    english = httpx.get(f"{server.base_url}/docs/operations/{id}", params={"lang": "en"}).json()
    described = english["paths"][path][method]
    texts = [described["summary"], described["description"]]
    texts += [field.get("description", "") for field in described.get("parameters", ())]
    assert not any(re.search(CJK, text) for text in texts)
    assert re.search(CJK, one["summary"])


def test_each_text_of_the_control_api_has_a_part_in_each_language(document: dict[str, Any]) -> None:
    for _, _, one in control_calls(document):
        for text in (one["summary"], one["description"]):
            assert re.search(CJK, text_in(CHINESE, text)), text
            assert not re.search(f"{CJK}{{6}}", text_in(ENGLISH, text)), text
