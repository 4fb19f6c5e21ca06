"""GET …/usage: calls and contacts of a month."""

import itertools
from collections import Counter
from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.sim_api.usage import FOLLOWERS, GETTOKEN, LIST, StartServer, move

REMARK = "/cgi-bin/externalcontact/remark"


def do(corp: Corp, act: str, **fields: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": act, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# --- usage -----------------------------------------------------------------------------------------------


def test_usage_counts_what_was_answered_and_what_was_refused(corp: Corp, wecom: WeCom) -> None:
    replies: Counter[tuple[str, bool]] = Counter({(GETTOKEN, False): 1})
    for userid in ("zhangsan", "nobody", "lisi", "nobody"):
        reply = wecom.get("externalcontact/list", userid=userid)
        replies[(LIST, reply["errcode"] != 0)] += 1
    customers = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"]
    replies[(LIST, False)] += 1
    for external_userid in (customers[0], "wmnobody"):
        reply = wecom.post(
            "externalcontact/remark", userid="zhangsan", external_userid=external_userid, remark="老"
        )
        replies[(REMARK, reply["errcode"] != 0)] += 1

    usage = corp.sim("usage")
    assert usage["calls"] == {
        "charged": sum(count for (_, refused), count in replies.items() if not refused),
        "refused": sum(count for (_, refused), count in replies.items() if refused),
        "by_operation": {
            path: {"charged": replies[(path, False)], "refused": replies[(path, True)]}
            for path in sorted({path for path, _ in replies})
        },
    }
    assert usage["calls"]["by_operation"][LIST] == {"charged": 3, "refused": 2}
    assert usage["corpid"] == corp.corpid


def test_an_alias_is_counted_as_its_operation(corp: Corp, wecom: WeCom) -> None:
    wecom.get("crm/get_external_contact_list", userid="zhangsan")
    assert corp.sim("usage")["calls"]["by_operation"][LIST] == {"charged": 1, "refused": 0}


def test_reading_usage_is_free(corp: Corp, wecom: WeCom) -> None:
    before = corp.sim("usage")
    for path in ("calls", "usage", "statement"):
        corp.sim(path)
    assert corp.sim("usage") == before


def test_a_month_begins_and_ends_at_midnight_in_shanghai(start_server: StartServer) -> None:
    server = start_server()
    corp = server.make_corp()
    move(server, set="2026-01-31T23:59:58+08:00", freeze=True)
    wecom = corp.client()
    for _ in range(4):
        wecom.get("externalcontact/get_follow_user_list")
        move(server, advance_seconds=1)
    move(server, set="2026-03-01T00:00:00+08:00")
    wecom.get("externalcontact/get_follow_user_list")

    def charged(month: str) -> int:
        by_operation = corp.sim("usage", month=month)["calls"]["by_operation"]
        return int(by_operation.get(FOLLOWERS, {"charged": 0})["charged"])

    assert [charged(f"2026-0{month}") for month in (1, 2, 3, 4)] == [2, 2, 0, 0]
    refused = corp.sim("usage", month="2026-03")["calls"]["by_operation"][FOLLOWERS]["refused"]
    assert refused == 1, "the token of January has expired"


def test_the_current_month_is_that_of_the_simulated_time(start_server: StartServer) -> None:
    server = start_server()
    corp = server.make_corp()
    move(server, set="2031-05-31T23:59:59+08:00", freeze=True)
    corp.client()
    assert corp.sim("usage")["month"] == "2031-05"
    assert corp.sim("usage") == corp.sim("usage", month="2031-05")
    assert corp.sim("usage")["calls"]["charged"] == 1
    move(server, advance_seconds=1)
    for path in ("usage", "statement"):
        assert corp.sim(path)["month"] == "2031-06"
    assert corp.sim("usage")["calls"]["charged"] == 0


@pytest.mark.parametrize(
    "month", ["", "2026-8", "2026-13", "2026-00", "26-08", "2026-08-01", "9999-12", "２０２６-08", "now"]
)
@pytest.mark.parametrize("path", ["usage", "statement"])
def test_an_invalid_month_is_refused_with_a_sentence(corp: Corp, path: str, month: str) -> None:
    answer = corp.server.sim.get(f"/corps/{corp.corpid}/{path}", params={"month": month})
    assert answer.status_code == 422
    assert answer.json() == {"error": f"{month!r} is not a month; write YYYY-MM, such as 2026-08"}


def test_usage_of_the_server_is_the_sum_of_corps_and_calls_without_a_corp(
    start_server: StartServer,
) -> None:
    server = start_server()
    corps = [server.make_corp(seed="demo", customers=number) for number in (3, 8)]
    for corp, calls in zip(corps, (1, 4), strict=True):
        for _ in range(calls):
            corp.client().get("externalcontact/list", userid="nobody")
    stranger = corps[0].client()
    stranger.token = "nonsense"
    for _ in range(2):
        assert stranger.get("externalcontact/list", userid="zhangsan")["errcode"] == 40014

    usage = server.sim.get("/usage").json()
    shown = {corp["corpid"]: corp for corp in usage["corps"]}
    assert shown[""] == {
        "corpid": "",
        "charged": 0,
        "refused": 2,
        "contacts": 0,
        "link_contacts": 0,
        "seats": {"base": 0, "interop": 0},
    }
    for corp in corps:
        own = corp.sim("usage")
        assert shown[corp.corpid] == {
            "corpid": corp.corpid,
            "charged": own["calls"]["charged"],
            "refused": own["calls"]["refused"],
            "contacts": own["contacts"],
            "link_contacts": 0,
            "seats": {"base": 0, "interop": 0},
        }
    assert len(shown) == 3
    assert usage["calls"]["by_operation"][LIST] == {"charged": 0, "refused": 1 + 4 + 2}
    assert usage["calls"]["charged"] == sum(corp["charged"] for corp in shown.values()) == 6
    assert usage["calls"]["refused"] == sum(corp["refused"] for corp in shown.values()) == 7
    assert usage["contacts"] == 3 + 8
    assert usage["month"] == corps[0].sim("usage")["month"]
    assert server.sim.get("/usage", params={"month": "x"}).status_code == 422


# --- contacts --------------------------------------------------------------------------------------------


def month_after(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def months_from(month: str) -> "itertools.accumulate[str]":
    return itertools.accumulate(itertools.repeat(month), lambda one, _: month_after(one))


def test_seeded_contacts_count_from_the_creation_of_the_corp(corp: Corp, wecom: WeCom) -> None:
    members = wecom.get("externalcontact/get_follow_user_list")["follow_user"]
    customers = {
        external_userid
        for userid in members
        for external_userid in wecom.get("externalcontact/list", userid=userid).get("external_userid", [])
    }
    present = corp.sim("usage")["month"]
    year_before = f"{int(present[:4]) - 1}{present[4:]}"
    months = list(itertools.islice(months_from(year_before), 14))
    counted = {month: corp.sim("usage", month=month)["contacts"] for month in months}
    assert counted == {month: len(customers) if month == present else 0 for month in months}


def test_a_contact_counts_in_each_month_in_which_it_was_followed(start_server: StartServer) -> None:
    server = start_server()
    corp = server.make_corp()
    move(server, set="2026-01-31T23:59:59+08:00", freeze=True)
    added = do(corp, "member_adds_customer", userid="admin")
    move(server, set="2026-02-28T23:59:59+08:00")
    do(corp, "member_deletes_customer", userid="admin", external_userid=added["external_userid"])
    move(server, set="2026-05-31T12:00:00+08:00")

    def contacts() -> list[int]:
        return [
            corp.sim("usage", month=month)["contacts"]
            for month in itertools.islice(months_from("2025-12"), 8)
        ]

    assert contacts() == [0, 1, 1, 0, 0, 0, 0, 0], "it ended before March began"
    do(corp, "member_adds_customer", userid="admin", external_userid=added["external_userid"])
    assert contacts() == [0, 1, 1, 0, 0, 1, 0, 0], "a relation that begins again keeps its earlier months"
    do(corp, "member_deletes_customer", userid="admin", external_userid=added["external_userid"])
    assert contacts() == [0, 1, 1, 0, 0, 1, 0, 0], "even when it lasted no second"
    move(server, set="2026-06-01T00:00:00+08:00")
    brief = do(corp, "member_adds_customer", userid="admin")
    do(corp, "member_deletes_customer", userid="admin", external_userid=brief["external_userid"])
    move(server, set="2026-07-01T00:00:00+08:00")
    assert contacts() == [0, 1, 1, 0, 0, 1, 1, 0], "and when that second was the first of a month"


def test_a_customer_who_deleted_the_member_counts_until_the_member_deletes_it(
    start_server: StartServer,
) -> None:
    server = start_server()
    corp = server.make_corp()
    move(server, set="2026-01-10", freeze=True)
    pair = {
        "userid": "admin",
        "external_userid": do(corp, "member_adds_customer", userid="admin")["external_userid"],
    }
    move(server, set="2026-02-10")
    do(corp, "customer_deletes_member", **pair)
    move(server, set="2026-04-10")
    do(corp, "customer_adds_member", **pair)
    move(server, set="2026-05-10")
    do(corp, "member_deletes_customer", **pair)
    move(server, set="2026-07-10")
    counted = [
        corp.sim("usage", month=month)["contacts"] for month in itertools.islice(months_from("2025-12"), 8)
    ]
    assert counted == [0, 1, 1, 1, 1, 1, 0, 0]


def test_a_pending_contact_counts_from_its_confirmation(start_server: StartServer) -> None:
    server = start_server()
    corp = server.make_corp()
    move(server, set="2026-01-10", freeze=True)
    added = do(corp, "customer_adds_member", userid="admin", skip_verify=True)
    move(server, set="2026-03-10")
    assert [corp.sim("usage", month=f"2026-0{month}")["contacts"] for month in (1, 2, 3)] == [0, 0, 0]
    do(corp, "member_confirms_customer", userid="admin", external_userid=added["external_userid"])
    assert [corp.sim("usage", month=f"2026-0{month}")["contacts"] for month in (1, 2, 3)] == [0, 0, 1]


def test_a_contact_of_two_members_counts_once(start_server: StartServer) -> None:
    server = start_server()
    corp = server.make_corp(seed="demo", members=2, customers=0)
    move(server, set="2026-01-10", freeze=True)
    external_userid = do(corp, "member_adds_customer", userid="lisi")["external_userid"]
    move(server, advance_seconds=1)
    do(corp, "member_adds_customer", userid="zhangsan", external_userid=external_userid)
    do(corp, "member_adds_customer", userid="zhangsan")
    assert corp.sim("usage")["contacts"] == 2
    move(server, set="2026-02-10")
    do(corp, "member_deletes_customer", userid="lisi", external_userid=external_userid)
    assert corp.sim("usage")["contacts"] == 2, "the other member still follows"
    do(corp, "member_deletes_customer", userid="zhangsan", external_userid=external_userid)
    move(server, set="2026-03-10")
    assert corp.sim("usage")["contacts"] == 1
    (line,) = [line for line in corp.sim("statement")["lines"] if line["meter"] == "contacts"]
    assert line["made_of"] == [{"day": "2026-03-01", "quantity": 1}]
