"""A client that openapi-python-client generates from /openapi.json parses what the server answers.

The whole client takes a while, so the normal run generates the control API and one family, the slow run all.
"""

import importlib
import json
import re
import subprocess
import sys
import typing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import RunningServer
from tests.gateway.operation_calls import OPERATIONS, World
from tests.gateway.test_every_operation import with_real_ids
from wecom_tollbooth.gateway.operation import Operation

FAMILY = "customers"
REF = re.compile(r'"#/components/schemas/(\w+)"')


def part_of(document: dict[str, Any], *tags: str) -> dict[str, Any]:
    """The document with those operations alone whose tag begins with one of `tags`."""
    paths = {
        path: methods
        for path, methods in document["paths"].items()
        if next(iter(methods.values()))["tags"][0].startswith(tags)
    }
    schemas, used = document["components"]["schemas"], set(REF.findall(json.dumps(paths)))
    while more := set(REF.findall(json.dumps([schemas[name] for name in used]))) - used:
        used |= more
    components = {**document["components"], "schemas": {name: schemas[name] for name in sorted(used)}}
    return {**document, "paths": paths, "components": components}


class Generated:
    """The generated package, on a running server."""

    def __init__(self, server: RunningServer, folder: Path, document: dict[str, Any], package: str) -> None:
        self.document, self.package = document, package
        (folder / "openapi.json").write_text(json.dumps(self.document), encoding="utf-8")
        (folder / "config.yml").write_text("post_hooks: []\n", encoding="utf-8")
        command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
        options = {"--path": "openapi.json", "--config": "config.yml", "--output-path": package}
        done = subprocess.run(
            [*command, *(word for option in options.items() for word in option)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.output = done.stdout + done.stderr
        assert done.returncode == 0, self.output
        client = importlib.import_module(f"{package}.client")
        settings: dict[str, Any] = {"base_url": server.base_url, "raise_on_unexpected_status": True}
        self.plain = client.Client(**settings)
        self.with_token = client.AuthenticatedClient(token="none", **settings)

    def module(self, path: str, method: str) -> ModuleType:
        described = self.document["paths"][path][method]
        return importlib.import_module(
            f"{self.package}.api.{described['tags'][0]}.{described['operationId']}"
        )

    def call(self, path: str, method: str, body: Any = None, **parameters: Any) -> dict[str, Any]:
        """Calls it and checks that the parsed reply holds all that was answered."""
        module = self.module(path, method)
        if body is not None:
            parameters["body"] = _model(typing.get_type_hints(module.sync_detailed)["body"]).from_dict(body)
        client = self.plain if path.startswith("/cgi-bin/") else self.with_token
        response = module.sync_detailed(client=client, **parameters)
        assert response.parsed is not None, (path, response.content)
        answered: dict[str, Any] = json.loads(response.content)
        assert response.parsed.to_dict() == answered, path
        return answered


def _model(hint: Any) -> Any:
    """The class among the types that a body may have."""
    types = typing.get_args(hint) or (hint,)
    return next(one for one in types if hasattr(one, "from_dict"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> typing.Iterator[Path]:
    made = tmp_path_factory.mktemp("generated")
    sys.path.insert(0, str(made))
    yield made
    sys.path.remove(str(made))


@pytest.fixture(scope="module")
def generated(server: RunningServer, folder: Path) -> Generated:
    """The control API and one family."""
    document = part_of(server.app.openapi(), "sim_", FAMILY)
    return Generated(server, folder, document, "client_of_a_part")


@pytest.fixture(scope="module")
def generated_whole(server: RunningServer, folder: Path) -> Generated:
    return Generated(server, folder, server.app.openapi(), "client_of_all")


def assert_complete(generated: Generated) -> None:
    warnings = [line for line in generated.output.splitlines() if line.startswith("WARNING")]
    assert warnings == ["WARNING parsing GET /_sim/qr/{pixels}/{name}.png within sim_pages."], "an image"
    for path, methods in generated.document["paths"].items():
        for method in methods:
            assert generated.module(path, method).sync_detailed


def assert_samples_are_parsed(
    generated: Generated, server: RunningServer, operations: list[Operation]
) -> None:
    world = World(server)
    succeeded = 0
    for operation in operations:
        sample = dict(operation.sample or {})
        for given in (sample, with_real_ids(sample, world.ids)):
            succeeded += _send(generated, world, operation, given)["errcode"] == 0
    assert succeeded > len(operations) / 3


def test_it_has_every_call_of_the_control_api_and_of_a_family(generated: Generated) -> None:
    assert_complete(generated)


def test_it_parses_the_replies_to_the_samples_of_a_family(
    generated: Generated, server: RunningServer
) -> None:
    of_family = [operation for operation in OPERATIONS if operation.family.name == FAMILY]
    assert_samples_are_parsed(generated, server, of_family)


@pytest.mark.slow
def test_it_parses_the_reply_to_every_documented_sample(
    generated_whole: Generated, server: RunningServer
) -> None:
    assert_complete(generated_whole)
    assert_samples_are_parsed(generated_whole, server, OPERATIONS)


def _send(generated: Generated, world: World, operation: Operation, given: dict[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if operation.token:
        parameters[operation.token] = world.token_for(operation)
    if operation.method == "GET":
        return generated.call(operation.path, "get", **parameters, **given)
    return generated.call(operation.path, "post", given, **parameters)


def test_it_parses_the_replies_of_the_control_api(generated: Generated) -> None:
    def call(method: str, path: str, body: Any = None, **parameters: Any) -> dict[str, Any]:
        return generated.call(f"/_sim{path}", method, body, **parameters)

    corp = {"corpid": call("post", "/corps", {"customers": 3})["corpid"]}
    provider = {"provider_id": call("post", "/providers", {"name": "连锁软件"})["provider_id"]}
    call("post", "/corps/{corpid}/apps", {"kind": "third_party", **provider}, **corp)
    accounts = [{"userid": "zhangsan", "type": "interop", "months": 12}]
    call("put", "/corps/{corpid}/licences/{provider_id}", {"accounts": accounts}, **corp, **provider)
    call("post", "/corps/{corpid}/acts", {"act": "member_adds_customer", "userid": "zhangsan"}, **corp)
    call("put", "/corps/{corpid}/latency", {"profile": "article-2025"}, **corp)
    call("put", "/corps/{corpid}/latency", {"profile": {"base_ms": 1}}, **corp)
    call("put", "/corps/{corpid}/contact_limit", {"limit": None}, **corp)
    call("put", "/corps/{corpid}/callbacks/delivery_faults", {"duplicate": 1}, **corp)
    call("put", "/corps/{corpid}/budget", {"amount": "100.00"}, **corp)
    call("post", "/corps/{corpid}/budget/pay", {"amount": "1.00"}, **corp)
    call("post", "/corps/{corpid}/statement", {"price_books": ["article-toll"]}, **corp)
    for path in (
        "", "/budget", "/callbacks", "/callbacks/delivery_faults", "/calls", "/contact_limit", "/corp_groups",
        "/latency", "/ledger", "/ledger/verify", "/licences", "/statement", "/temp_chats", "/usage",
    ):  # fmt: skip
        call("get", f"/corps/{{corpid}}{path}", **corp)
    for path in (
        "/acts",
        "/calls",
        "/clock",
        "/corps",
        "/events",
        "/health",
        "/operations",
        "/statement",
        "/usage",
    ):
        call("get", path)
    call("get", "/providers/{provider_id}", **provider)
    call("get", "/providers/{provider_id}/statement", **provider)
    call("delete", "/corps/{corpid}", **corp)


def test_it_parses_a_refusal_of_the_control_api(generated: Generated) -> None:
    refusal = generated.call("/_sim/corps/{corpid}", "get", corpid="ww0")
    assert refusal == {"error": "there is no corp 'ww0'; GET /_sim/corps lists them"}
