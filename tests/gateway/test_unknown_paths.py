"""Paths that no simulated operation has: documented ones are named, others don't exist."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.gateway.operation_calls import OPERATIONS
from tests.in_process import InProcess
from tests.providers import Provider
from wecom_tollbooth.coverage.tables import OPERATIONS as TABLE
from wecom_tollbooth.coverage.tables import wecom_operations
from wecom_tollbooth.gateway.steps.unknown_paths import DOCUMENTED, documented_titles

NOT_SIMULATED = "license/get_order"
SPELLED_WRONG = "batch/replaceusre"


def call_of(corp: Corp, path: str) -> dict[str, Any]:
    (call,) = corp.sim("calls", path=f"/cgi-bin/{path}")["calls"]
    return dict(call)


def test_every_documented_operation_that_is_not_simulated_is_named(server: RunningServer) -> None:
    assert DOCUMENTED == TABLE
    simulated = {path for operation in OPERATIONS for path in (operation.path, *operation.aliases)}
    unsimulated = [
        operation
        for chapter in wecom_operations()
        for operation in chapter.operations
        if operation.path not in simulated
    ]
    assert len(unsimulated) > 50
    api = InProcess(server)
    for operation in unsimulated:
        for method in ("GET", "POST"):
            answer = api.request(method, operation.path, {})
            reply = answer.json()
            assert (answer.status, reply["errcode"]) == (200, 990404)
            assert operation.path in reply["errmsg"]
            assert documented_titles()[operation.path] in reply["errmsg"]
            assert "docs/coverage.md" in reply["errmsg"]
            assert answer.headers["error-code"] == "990404"
            assert answer.headers["error-msg"].startswith("not simulated yet: " + operation.path)
    api.close()


def test_the_journal_distinguishes_unsimulated_from_unknown_paths(corp: Corp, wecom: WeCom) -> None:
    params = {"access_token": wecom.token}
    answer = wecom.http.post(NOT_SIMULATED, params={**params, "type": "image"}, files={"media": b"x"})
    assert wecom.http.post(SPELLED_WRONG, params=params).status_code == 404
    known, unknown = call_of(corp, NOT_SIMULATED), call_of(corp, SPELLED_WRONG)
    assert known["answer"] == {"http_status": 200, "errcode": 990404, "errmsg": answer.json()["errmsg"]}
    assert known["detail"].startswith(f"not simulated yet: WeCom documents /cgi-bin/{NOT_SIMULATED} (")
    assert unknown["answer"] == {"http_status": 404, "errcode": None, "errmsg": None}
    assert "no such path" in unknown["detail"]
    assert corp.sim("calls", errcode=990404)["calls"] == [known]
    assert corp.sim("calls", hint=answer.json()["errmsg"].split("[")[1][:25])["calls"] == [known]


def test_unknown_paths_are_not_charged(corp: Corp, wecom: WeCom) -> None:
    before = corp.sim("usage")
    for path in (NOT_SIMULATED, SPELLED_WRONG):
        wecom.http.post(path, params={"access_token": wecom.token})
    assert corp.sim("usage") == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_stay_404(wecom: WeCom, method: str) -> None:
    answer = wecom.http.request(method, NOT_SIMULATED, params={"access_token": wecom.token})
    assert (answer.status_code, answer.content) == (404, b"")


def test_the_token_of_a_provider_names_its_corp(server: RunningServer) -> None:
    provider = Provider(server)
    path = "/cgi-bin/service/no_such"
    for token in (provider.suite_token(), provider.provider_token()):
        assert httpx.post(server.base_url + path, params=token).status_code == 404
    page = server.sim.get(f"/corps/{provider.id}/calls", params={"path": path}).json()
    assert len(page["calls"]) == 2


def test_with_the_setting_404_only_the_journal_names_unsimulated_operations(
    start_server: Callable[..., RunningServer],
) -> None:
    server = start_server(unsimulated="404")
    corp = server.make_corp()
    wecom = corp.client()
    answer = wecom.http.post(NOT_SIMULATED, params={"access_token": wecom.token})
    assert (answer.status_code, answer.content) == (404, b"")
    call = call_of(corp, NOT_SIMULATED)
    assert call["answer"] == {"http_status": 404, "errcode": None, "errmsg": None}
    assert call["detail"].startswith("not simulated yet: ")
