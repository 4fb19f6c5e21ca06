"""A call without a planned fault runs no statement more; a corp's faults are known along with its token."""

import threading
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.faults.faulty import fired, plan
from wecom_tollbooth.db.statements import CompiledStatement

LIST = "externalcontact/get_follow_user_list"


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """The compiled statements that have run, with their threads."""
    noted: list[tuple[int, str]] = []
    usual = CompiledStatement._run

    def run(self: CompiledStatement, tx: Any, params: dict[str, Any]) -> Any:
        cursor = usual(self, tx, params)
        noted.append((threading.get_ident(), self._compiled[tx.dialect][0]))
        return cursor

    monkeypatch.setattr(CompiledStatement, "_run", run)
    return noted


def of_a_call(ran: list[tuple[int, str]], wecom: WeCom) -> list[str]:
    """The statements of one call, without those of background threads."""
    ran.clear()
    wecom.get(LIST)
    thread = next(thread for thread, sql in ran if "access_token" in sql)
    return [sql for each, sql in ran if each == thread]


def test_only_a_call_that_has_a_fault_asks_for_it(
    corp: Corp, wecom: WeCom, ran: list[tuple[int, str]]
) -> None:
    wecom.get(LIST)
    usual = of_a_call(ran, wecom)
    assert not [sql for sql in usual if "planned_fault" in sql]
    plan(corp, "externalcontact/list", {"errcode": -1})
    assert of_a_call(ran, wecom) == usual
    plan(corp, LIST, {"delay_ms": 1}, times=2)
    for _ in range(2):
        assert len([sql for sql in of_a_call(ran, wecom) if "planned_fault" in sql]) == 2
    assert fired(corp) == [0, 2]
    assert of_a_call(ran, wecom) == usual


def test_a_latency_profile_is_known_with_the_token(
    corp: Corp, wecom: WeCom, ran: list[tuple[int, str]]
) -> None:
    wecom.get(LIST)
    usual = of_a_call(ran, wecom)
    body = {"profile": {"scope": "all", "base_ms": 1}}
    assert corp.server.sim.put(f"/corps/{corp.corpid}/latency", json=body).status_code == 200
    assert of_a_call(ran, wecom) == usual


def test_strict_mode_is_known_with_the_token(corp: Corp, wecom: WeCom, ran: list[tuple[int, str]]) -> None:
    wecom.get(LIST)
    usual = of_a_call(ran, wecom)
    assert "strict" in next(sql for sql in usual if "access_token" in sql)
    assert not [sql for sql in usual if "advice" in sql]
