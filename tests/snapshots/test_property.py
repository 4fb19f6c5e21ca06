"""Whatever happens after a snapshot, a restore brings the corp back to it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Corp, RunningServer, WeCom
from tests.snapshots.worlds import content_of, export, restore, take, without_the_restore

Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["remark", "add", "leave", "tag", "department", "clock", "fault", "refused", "token"]
        ),
        st.integers(0, 9),
    ),
    max_size=8,
)


def do(corp: Corp, wecom: WeCom, step: Step) -> Any:
    kind, number = step
    server = corp.server
    body: dict[str, Any]
    if kind == "add":
        body = {"act": "member_adds_customer", "userid": "lisi", "name": f"客户{number}"}
        return server.sim.post(f"/corps/{corp.corpid}/acts", json=body)
    if kind == "leave":
        body = {"act": "admin_deletes_members", "userid": [("wangwu", "lisi")[number % 2]]}
        return server.sim.post(f"/corps/{corp.corpid}/acts", json=body)
    if kind == "clock":
        return server.sim.post(f"/corps/{corp.corpid}/clock", json={"advance_seconds": 9_000 * number})
    if kind == "fault":
        body = {"path": "user/get", "then": {"errcode": -1}, "times": 1 + number}
        return server.sim.post(f"/corps/{corp.corpid}/faults", json=body)
    if kind == "tag":
        return wecom.post("externalcontact/add_corp_tag", group_name=f"g{number}", tag=[{"name": "t"}])
    if kind == "department":
        return wecom.post("department/create", name=f"部门{number}", parentid=1)
    if kind == "refused":
        return wecom.get("user/get", userid="nobody")
    if kind == "token":
        return corp.client()
    customers = wecom.get("externalcontact/list", userid="zhangsan").get("external_userid", [])
    given_ = {"userid": "zhangsan", "remark": f"备注{number}"}
    return customers and wecom.post("externalcontact/remark", external_userid=customers[0], **given_)


@pytest.fixture(scope="module")
def world(server: RunningServer) -> tuple[Corp, WeCom]:
    corp = server.make_corp(seed="demo", customers=6)
    server.sim.post(f"/corps/{corp.corpid}/clock", json={"freeze": True})
    return corp, corp.client()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=STEPS, after=STEPS)
def test_a_restored_corp_equals_its_snapshot(
    world: tuple[Corp, WeCom], before: list[Step], after: list[Step]
) -> None:
    corp, wecom = world
    for step in before:
        do(corp, wecom, step)
    state = without_the_restore(content_of(export(corp)))
    take(corp)
    try:
        for step in after:
            do(corp, wecom, step)
        restore(corp)
        assert without_the_restore(content_of(export(corp))) == state
        assert corp.sim("ledger/verify")["intact"]
    finally:
        corp.server.sim.delete(f"/corps/{corp.corpid}/snapshots/before")
