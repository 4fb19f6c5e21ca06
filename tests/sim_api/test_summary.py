"""GET …/summary: a corp at a glance, the same figures as in usage, statement and the list of callbacks."""

from collections import Counter

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import act
from wecom_tollbooth.sim_api.billing import summary


def test_it_has_the_figures_of_the_other_calls(corp: Corp, wecom: WeCom) -> None:
    for userid in ("zhangsan", "nobody", "lisi", "nobody"):
        wecom.get("externalcontact/list", userid=userid)
    wecom.get("externalcontact/get", external_userid="wmnobody")
    corp.server.sim.put(f"/corps/{corp.corpid}/contact_limit", json={"limit": 500})
    act(corp, "member_adds_customer", userid="zhangsan")
    shown, usage, statement = corp.sim("summary", minutes=60), corp.sim("usage"), corp.sim("statement")
    assert {key: shown["calls"][key] for key in ("charged", "refused")} == {
        key: usage["calls"][key] for key in ("charged", "refused")
    }
    journal = [call["answer"]["errcode"] for call in corp.sim("calls")["calls"]]
    errors = Counter(code for code in journal if code)
    assert {one["errcode"]: one["calls"] for one in shown["calls"]["errors"]} == errors
    assert shown["calls"]["errors"][0]["errcode"] == 40003
    assert shown["calls"]["errors"][0]["errmsg"] == "invalid userid"
    assert sum(one["calls"] for one in shown["calls"]["by_minute"]) == len(journal)
    assert sum(one["refused"] for one in shown["calls"]["by_minute"]) == errors.total()
    assert shown["bill"]["total"] == statement["total"]
    assert {one["meter"]: one["amount"] for one in shown["bill"]["amounts"]} == {
        line["meter"]: line["amount"] for line in statement["lines"] if float(line["amount"])
    }
    assert (shown["contact_limit"], shown["month"]) == (500, usage["month"])
    assert shown["contacts"] == corp.sim("contact_limit")["contacts"]
    kept = corp.sim("callbacks", state="kept", limit=1000)["callbacks"]
    assert shown["callbacks"] == {"waiting": 0, "kept": len(kept)}
    assert kept


def test_a_busy_corp_has_only_minutes_that_were_counted_whole(
    corp: Corp, wecom: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary, "MOST_RECORDS", 5)
    corp.server.sim.post(f"/corps/{corp.corpid}/clock", json={"freeze": True})
    for _ in range(4):
        wecom.get("externalcontact/get_follow_user_list")
    corp.server.sim.post(f"/corps/{corp.corpid}/clock", json={"advance_seconds": 120})
    for _ in range(3):
        wecom.get("externalcontact/get_follow_user_list")
    shown = corp.sim("summary", minutes=10)
    assert [one["calls"] for one in shown["calls"]["by_minute"]] == [3]
    assert corp.sim("summary")["calls"]["by_minute"] == []


def test_a_corp_that_does_not_exist_and_a_wrong_number_are_refused(server: RunningServer, corp: Corp) -> None:
    assert server.sim.get("/corps/wwnobody/summary").status_code == 404
    assert server.sim.get(f"/corps/{corp.corpid}/summary", params={"minutes": 61}).status_code == 422
