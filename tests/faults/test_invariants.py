"""Whatever faults are planned, each call leaves one record, and what is charged has happened."""

import json
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.billing.ledger_checks import agree
from tests.conftest import Corp, RunningServer
from tests.faults.faulty import ledger, plan
from tests.in_process import InProcess
from tests.savings import examples

ADD, LIST = "/cgi-bin/externalcontact/add_corp_tag", "/cgi-bin/externalcontact/get_follow_user_list"

THENS = st.one_of(
    st.sampled_from([-1, 45033, 60011]).map(lambda errcode: {"errcode": errcode}),
    st.sampled_from([200, 404, 502]).map(lambda status: {"http_status": status}),
    st.sampled_from(["before", "mid_body", "after_commit"]).map(lambda when: {"disconnect": when}),
    st.just({"expire_token": True}),
    st.just({"rate_limit": "minute"}),
    st.just({"delay_ms": 0.01}),
)
FAULTS = st.fixed_dictionaries(
    {"path": st.sampled_from(["*", ADD, LIST]), "then": THENS},
    optional={
        "times": st.integers(1, 3),
        "skip": st.integers(0, 2),
        "probability": st.sampled_from([0.3, 1.0]),
    },
)
CALLS = st.lists(st.sampled_from([ADD, LIST, "bad token", "wrong body"]), min_size=1, max_size=8)


@given(faults=st.lists(FAULTS, max_size=4), calls=CALLS)
@settings(
    max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_each_call_leaves_one_record_and_what_is_charged_has_happened(
    server: RunningServer, faults: list[dict[str, Any]], calls: list[str]
) -> None:
    corp = server.make_corp()
    token = corp.client().token
    before = len(ledger(corp))
    planned = {plan(corp, fault.pop("path"), fault.pop("then"), **fault) for fault in map(dict, faults)}
    http = InProcess(server)
    named = 0
    for number, call in enumerate(calls):
        path = ADD if call in ("wrong body", ADD) else LIST
        tag = {"group_name": "g", "tag": [{"name": str(number)}]}
        body = json.dumps({} if call == "wrong body" else tag).encode()
        sent = "x" if call == "bad token" else token
        named += sent == token
        # A fault closes the connection, which a gateway without a socket cannot.
        with suppress(ConnectionAbortedError):
            http.request("GET" if path == LIST else "POST", path, {"access_token": sent}, body)
    http.close()
    records = ledger(corp)[before:]
    assert len(records) == named
    assert agree(corp)
    _tags_are_those_that_were_charged(corp, records)
    _faults_are_named_wherever_they_fired(corp, records, planned)


def _tags_are_those_that_were_charged(corp: Corp, records: list[dict[str, Any]]) -> None:
    charged = sum(record["operation"] == ADD and record["errcode"] == 0 for record in records)
    corp.server.sim.delete(f"/corps/{corp.corpid}/faults")
    groups = corp.client().post("externalcontact/get_corp_tag_list")["tag_group"]
    assert sum(len(group["tag"]) for group in groups) == charged


def _faults_are_named_wherever_they_fired(
    corp: Corp, records: list[dict[str, Any]], planned: set[int]
) -> None:
    in_ledger = Counter(record["reason"].removeprefix("planned fault ") for record in records)
    in_journal = Counter(str(call["fault"] or "") for call in corp.sim("calls", limit=1000)["calls"])
    for fault in map(str, planned):
        assert in_ledger[fault] == in_journal[fault]
    assert set(in_ledger) - {""} <= set(map(str, planned))


@pytest.mark.parametrize("then", [{"errcode": -1}, {"disconnect": "after_commit"}])
def test_sealed_hours_stay_intact(corp: Corp, then: dict[str, Any]) -> None:
    plan(corp, LIST, then)
    http = InProcess(corp.server)
    with suppress(ConnectionAbortedError):
        http.request("GET", LIST, {"access_token": corp.client().token})
    http.close()
    assert corp.sim("ledger/verify")["intact"]
