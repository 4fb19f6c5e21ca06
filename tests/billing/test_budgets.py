"""Budgets: one alert per month and threshold, blocking after the call that reached it, paying, months."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.billing.books import as_toml, price_of, shipped_book, write_book
from tests.conftest import ON_POSTGRESQL, Corp, RunningServer, WeCom
from wecom_tollbooth.billing.budget_thresholds import calls_that_fit, dearest_call
from wecom_tollbooth.billing.ledger import Used
from wecom_tollbooth.billing.price_books import PriceBooks, read_price_book
from wecom_tollbooth.billing.statements import make_statement
from wecom_tollbooth.gateway.errcodes import ErrCode

LIST = "externalcontact/list"
TAGS = "externalcontact/get_corp_tag_list"
BARRED = 701063


@pytest.fixture
def expensive(start_server: Callable[..., RunningServer], tmp_path: Path) -> RunningServer:
    """A server where a call of the customer list costs 0.10 and contacts nothing; its clock may be moved."""
    return start_server(price_book=expensive_book(tmp_path), rate_limits=False)


def expensive_book(folder: Path, **changes: Any) -> str:
    book = shipped_book()
    price_of(book, "customer.list").update({"unit_price": "0.10", **changes})
    price_of(book, "contacts")["unit_price"] = "0"
    return write_book(folder / "dear.toml", book)


def budget(corp: Corp, **body: Any) -> dict[str, Any]:
    answer = corp.server.sim.put(f"/corps/{corp.corpid}/budget", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def pay(corp: Corp, **body: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/budget/pay", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def call(wecom: WeCom, times: int = 1) -> list[int]:
    return [wecom.get(LIST, userid="zhangsan")["errcode"] for _ in range(times)]


def budget_events(corp: Corp) -> list[str]:
    """The budget events that the first app received: "alert 50", "barrier_down", oldest first."""
    callbacks = corp.sim("callbacks", agentid=corp.apps[0]["agentid"], limit=100)["callbacks"]
    mine = [callback for callback in callbacks if callback["event"] == "tollbooth_budget"]
    return [" ".join([one["change_type"], *threshold_in(one["xml"])]) for one in mine]


def threshold_in(xml: str) -> list[str]:
    return [xml.partition("<Threshold>")[2].partition("<")[0]] if "<Threshold>" in xml else []


def listen(corp: Corp) -> None:
    """Gives the first app a callback endpoint; nothing has to listen there."""
    from wecom_tollbooth.corps.tables import App

    with corp.server.server.database.transaction() as tx:
        app = tx.session.get(App, (corp.corpid, corp.apps[0]["agentid"]))
        assert app is not None
        app.callback_url = "http://127.0.0.1:9/callback"
        tx.session.add(app)


# --- alerts ----------------------------------------------------------------------------------------------


def test_each_threshold_raises_one_alert_a_month(
    expensive: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    corp = expensive.make_corp(seed="demo")
    listen(corp)
    wecom = corp.client()
    budget(corp, amount="1.00")
    heard = []
    with caplog.at_level(logging.WARNING, "tollbooth.billing"):
        for _ in range(12):
            before = len(budget_events(corp))
            assert call(wecom) == [0]
            heard.append(budget_events(corp)[before:])
    assert heard[4] == ["alert 50"]
    assert heard[7] == ["alert 80"]
    assert heard[9] == ["alert 100"]
    assert sum(map(len, heard)) == 3
    lines = [record.getMessage() for record in caplog.records if record.name == "tollbooth.billing"]
    assert [line for line in lines if "50 percent" in line and "0.50 of 1.00 CNY" in line]
    assert len(lines) == 3


def test_an_alert_is_an_event_in_wecoms_envelope_to_apps_that_have_an_address(
    expensive: RunningServer,
) -> None:
    corp = expensive.make_corp(seed="demo")
    listen(corp)
    budget(corp, amount="0.20", alerts=[50])
    call(corp.client())
    month = corp.sim("budget")["month"]
    (callback,) = corp.sim("callbacks")["callbacks"]
    assert callback["agentid"] == corp.apps[0]["agentid"]
    assert callback["xml"].startswith(f"<xml><ToUserName><![CDATA[{corp.corpid}]]></ToUserName>")
    assert (
        "<Event><![CDATA[tollbooth_budget]]></Event><ChangeType><![CDATA[alert]]></ChangeType>"
        "<Threshold>50</Threshold><Budget><![CDATA[0.20]]></Budget><Spent><![CDATA[0.10]]></Spent>"
        f"<Month><![CDATA[{month}]]></Month></xml>"
    ) in callback["xml"]


def test_a_soft_budget_refuses_nothing(expensive: RunningServer) -> None:
    corp = expensive.make_corp(seed="demo")
    budget(corp, amount="0.10")
    assert call(corp.client(), 5) == [0] * 5
    shown = corp.sim("budget")
    assert (shown["spent"], shown["left"], shown["alerts_sent"]) == ("0.50", "0.00", [50, 80, 100])
    assert shown["blocked"] is False


def test_spending_before_the_budget_was_set_counts(expensive: RunningServer) -> None:
    corp = expensive.make_corp(seed="demo")
    listen(corp)
    call(corp.client(), 6)
    assert budget(corp, amount="1.00")["alerts_sent"] == [50]
    assert budget_events(corp) == ["alert 50"]
    assert budget(corp, amount="1.00")["alerts_sent"] == [50]
    assert budget_events(corp) == ["alert 50"]


# --- blocked calls ---------------------------------------------------------------------------------------


def test_the_call_that_reaches_a_hard_budget_is_the_last_one_answered(expensive: RunningServer) -> None:
    corp = expensive.make_corp(seed="demo")
    listen(corp)
    wecom = corp.client()
    budget(corp, amount="0.30", alerts=[100], barrier="hard")
    assert call(wecom, 5) == [0, 0, 0, BARRED, BARRED]
    assert budget_events(corp) == ["alert 100", "barrier_down"]
    usage = corp.sim("usage")["calls"]["by_operation"]["/cgi-bin/externalcontact/list"]
    assert (usage["charged"], usage["refused"]) == (3, 2)
    assert corp.sim("statement")["total"] == "0.30"
    refused = corp.sim("calls", errcode=BARRED)["calls"][0]
    assert "budget/pay" in refused["detail"]
    reply = wecom.get(LIST, userid="zhangsan")
    assert reply["external_userid"] == [], "a refused call keeps its lists, empty"
    assert reply["errmsg"].startswith(ErrCode.LICENSE_OF_CORP_CLOSED.text + ", hint: [")


def test_the_call_that_exceeds_a_hard_budget_is_the_last_one_answered(expensive: RunningServer) -> None:
    corp = expensive.make_corp(seed="demo")
    budget(corp, amount="0.25", barrier="hard")
    assert call(corp.client(), 4) == [0, 0, 0, BARRED]


def test_tokens_are_issued_while_calls_are_blocked(expensive: RunningServer) -> None:
    corp = expensive.make_corp(seed="demo")
    budget(corp, amount="0.10", barrier="hard")
    assert call(corp.client(), 2) == [0, BARRED]
    wecom = corp.client()
    assert wecom.get("get_api_domain_ip")["errcode"] == 0
    assert call(wecom) == [BARRED]
    assert wecom.post(TAGS)["errcode"] == BARRED


def test_a_payment_unblocks_calls_and_adds_to_the_budget(expensive: RunningServer) -> None:
    corp = expensive.make_corp(seed="demo")
    listen(corp)
    wecom = corp.client()
    budget(corp, amount="0.20", alerts=[], barrier="hard")
    assert call(wecom, 3) == [0, 0, BARRED]
    paid = pay(corp, amount="0.10")
    assert (paid["paid"], paid["left"], paid["blocked"]) == ("0.10", "0.10", False)
    assert call(wecom, 2) == [0, BARRED]
    assert budget_events(corp) == ["barrier_down", "barrier_up", "barrier_down"]
    paid = pay(corp)
    assert (paid["paid"], paid["spent"], paid["left"]) == ("0.30", "0.30", "0.20")
    assert call(wecom, 3) == [0, 0, BARRED]


def test_a_payment_that_is_too_small_unblocks_nothing(expensive: RunningServer) -> None:
    corp = expensive.make_corp(seed="demo")
    wecom = corp.client()
    budget(corp, amount="0.05", barrier="hard")
    assert call(wecom) == [0]
    assert pay(corp, amount="0.04")["blocked"] is True
    assert call(wecom) == [BARRED]


def test_a_new_month_unblocks_calls(expensive: RunningServer) -> None:
    corp = expensive.make_corp(seed="demo")
    wecom = corp.client()
    expensive.sim.post("/clock", json={"set": "2026-08-31T23:50:00+08:00"})
    wecom = corp.client()
    budget(corp, amount="0.20", barrier="hard")
    assert call(wecom, 3) == [0, 0, BARRED]
    pay(corp, amount="0.10")
    expensive.sim.post("/clock", json={"set": "2026-09-01T00:00:00+08:00"})
    assert call(wecom, 3) == [0, 0, BARRED]
    shown = corp.sim("budget")
    assert (shown["month"], shown["paid"], shown["alerts_sent"]) == ("2026-09", "0.00", [50, 80, 100])


def test_removing_the_budget_or_making_it_soft_unblocks_calls(expensive: RunningServer) -> None:
    corp = expensive.make_corp(seed="demo")
    wecom = corp.client()
    budget(corp, amount="0.10", barrier="hard")
    assert call(wecom, 2) == [0, BARRED]
    assert budget(corp, amount="0.10", barrier="soft")["blocked"] is False
    assert call(wecom) == [0]
    assert budget(corp, amount="0.10", barrier="hard")["blocked"] is True
    assert call(wecom) == [BARRED]
    deleted = expensive.sim.delete(f"/corps/{corp.corpid}/budget")
    assert deleted.json() == {"deleted": corp.corpid}
    assert call(wecom) == [0]
    assert expensive.sim.get(f"/corps/{corp.corpid}/budget").status_code == 404


def test_a_budget_blocks_only_its_own_corp(expensive: RunningServer) -> None:
    barred, free = expensive.make_corp(seed="demo"), expensive.make_corp(seed="demo")
    budget(barred, amount="0.10", barrier="hard")
    assert call(barred.client(), 2) == [0, BARRED]
    assert call(free.client(), 2) == [0, 0]


def test_contacts_count_toward_the_budget_and_can_block_calls(start_server: Any, tmp_path: Path) -> None:
    book = shipped_book()
    price_of(book, "contacts").update(unit_price="12")
    server: RunningServer = start_server(price_book=write_book(tmp_path / "contacts.toml", book))
    corp = server.make_corp(seed="demo", customers=3)
    listen(corp)
    wecom = corp.client()
    budget(corp, amount="4.00", alerts=[], barrier="hard")
    assert wecom.post(TAGS)["errcode"] == 0
    act = {"act": "member_adds_customer", "userid": "zhangsan"}
    result = server.sim.post(f"/corps/{corp.corpid}/acts", json=act).json()
    assert budget_events(corp) == ["barrier_down"]
    assert len(result["callbacks"]) == 3, "two apps get the customer's event, one the budget's"
    assert wecom.post(TAGS)["errcode"] == BARRED


def test_refused_calls_block_nothing_and_blocked_calls_are_free(start_server: Any, tmp_path: Path) -> None:
    server: RunningServer = start_server(price_book=expensive_book(tmp_path, refused="charged"))
    corp = server.make_corp(seed="demo")
    wecom = corp.client()
    budget(corp, amount="0.20", barrier="hard")
    assert wecom.get(LIST, userid="nobody")["errcode"] == 40003
    assert call(wecom) == [0]
    assert call(wecom, 4) == [BARRED] * 4, "the book charges refusals, so the first one took half of it"
    assert corp.sim("statement")["total"] == "0.20"


@pytest.mark.parametrize(
    "body",
    [
        {"amount": "0"},
        {"amount": "-1"},
        {"amount": "1.005"},
        {"amount": "NaN"},
        {"amount": "1e30"},
        {"amount": "1", "alerts": [0]},
        {"amount": "1", "barrier": "iron"},
        {"amount": "1", "unknown": 1},
        {},
    ],
)
def test_an_invalid_budget_is_refused(server: RunningServer, corp: Corp, body: dict[str, Any]) -> None:
    answer = server.sim.put(f"/corps/{corp.corpid}/budget", json=body)
    assert answer.status_code == 422
    assert server.sim.get(f"/corps/{corp.corpid}/budget").status_code == 404
    assert server.sim.post(f"/corps/{corp.corpid}/budget/pay", json={}).status_code == 404


# --- many at once ----------------------------------------------------------------------------------------


def test_64_concurrent_clients_do_not_exceed_the_budget(start_server: Any, tmp_path: Path) -> None:
    shared = {"rate_limits": False, "price_book": expensive_book(tmp_path)}
    first: RunningServer = start_server(**shared)
    corp: Corp = first.make_corp(seed="demo")
    listen(corp)
    workers = [first]
    if ON_POSTGRESQL:
        workers.append(start_server(**shared, database_url=first.settings.database_url))
    budget(corp, amount="10.00", alerts=[50, 100], barrier="hard")
    wecom = corp.client()
    callers = []
    for number in range(64):
        worker = workers[number % len(workers)]
        callers.append((f"{worker.base_url}/cgi-bin/{LIST}", wecom.token))
    errcodes: Counter[int] = Counter()
    lock = threading.Lock()

    def run(address: str, token: str) -> None:
        import httpx

        with httpx.Client(timeout=120, verify=False) as http:
            for _ in range(3):
                reply = http.get(address, params={"access_token": token, "userid": "zhangsan"}).json()
                with lock:
                    errcodes[reply["errcode"]] += 1

    threads = [threading.Thread(target=run, args=caller) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errcodes == {0: 100, BARRED: 92}
    # Callbacks are listed by their ids, of which each worker has its own block.
    assert sorted(budget_events(corp)) == ["alert 100", "alert 50", "barrier_down"]
    assert corp.sim("statement")["total"] == "10.00"


# --- how many calls need not be looked at ----------------------------------------------------------------

DAY = date(2026, 8, 3)
METERS = ["customer.read", "customer.list", "tag.read"]
Priced = dict[str, Any]


def money(top: int) -> st.SearchStrategy[str]:
    return st.integers(0, top).map(lambda thousandths: f"{Decimal(thousandths) / 1000}")


def tiers_of(ends: list[int], prices: list[str], amounts: list[str]) -> list[dict[str, Any]]:
    ups: list[Any] = [*sorted(set(ends)), None]
    return [
        ({} if up is None else {"up_to": up}) | {"unit_price": price, "flat_amount": amount}
        for up, price, amount in zip(ups, prices, amounts, strict=False)
    ]


PRICES: st.SearchStrategy[Priced] = st.one_of(
    st.fixed_dictionaries(
        {"model": st.just("per_unit"), "unit_price": money(300), "free": st.integers(0, 9)}
    ),
    st.builds(
        lambda model, ends, prices, amounts: {"model": model, "tiers": tiers_of(ends, prices, amounts)},
        st.sampled_from(["graduated", "volume"]),
        st.lists(st.integers(1, 30), min_size=1, max_size=2),
        st.lists(money(300), min_size=3, max_size=3),
        st.lists(money(300), min_size=3, max_size=3),
    ),
    st.fixed_dictionaries(
        {"model": st.just("package"), "unit_price": money(900), "package_size": st.integers(1, 7)}
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    prices=st.lists(PRICES, min_size=3, max_size=3),
    before=st.lists(st.integers(0, 40), min_size=3, max_size=3),
    room=st.integers(1, 800),
    data=st.data(),
)
def test_estimated_calls_never_exceed_the_next_threshold(
    prices: list[Priced], before: list[int], room: int, data: st.DataObject
) -> None:
    book = shipped_book()
    for meter, price in zip(METERS, prices, strict=True):
        old = price_of(book, meter)
        old.clear()
        old.update({"meter": meter, "source": "drawn", **price})
    read = read_price_book(as_toml(book), "drawn")
    spent = total(read, before)
    mark = spent + Decimal(room) / 100
    fit = calls_that_fit(spent, [mark], read, lines=len(METERS))
    if dearest_call(read) is None:
        assert fit == 0
        return
    more = data.draw(st.lists(st.integers(0, min(fit, 100_000)), min_size=2, max_size=2).map(sorted))
    parts = [more[0], more[1] - more[0], min(fit, 100_000) - more[1]]
    assert total(read, [old + new for old, new in zip(before, parts, strict=True)]) < mark


def total(book: Any, calls: list[int]) -> Decimal:
    used = [
        Used(DAY, 1, f"/{meter}", meter, 0, count)
        for meter, count in zip(METERS, calls, strict=True)
        if count
    ]
    return make_statement("ww", "2026-08", PriceBooks([book]), used, []).total


def test_many_calls_fit_into_a_large_remaining_budget() -> None:
    book = read_price_book(as_toml(shipped_book()), "shipped")
    assert calls_that_fit(Decimal(0), [Decimal("100.00")], book, lines=10) == 49_949
