"""Thirty-two callers at once on one corp: every call answered, every answer in the ledger."""

from concurrent.futures import ThreadPoolExecutor

from tests.conftest import RunningServer

CALLERS, CALLS = 32, 12


def test_the_ledger_has_a_row_for_every_answer(start_server: object) -> None:
    server: RunningServer = start_server(rate_limits=False)  # type: ignore[operator]
    corp = server.make_corp(seed="demo", customers=100)
    wecom = corp.client()
    customers = wecom.get("externalcontact/list", userid="lisi")["external_userid"]

    def call(place: int) -> list[int]:
        caller = corp.client()
        codes = []
        for number in range(CALLS):
            customer = customers[(place + number) % len(customers)]
            if number % 3 == 0:
                reply = caller.get("externalcontact/get", external_userid=customer)
            elif number % 3 == 1:
                reply = caller.post(
                    "externalcontact/remark", userid="lisi", external_userid=customer, remark=f"{place}"
                )
            else:
                reply = caller.get("externalcontact/list", userid="nobody")
            codes.append(int(reply["errcode"]))
        return codes

    with ThreadPoolExecutor(CALLERS) as callers:
        codes = [code for found in callers.map(call, range(CALLERS)) for code in found]
    assert set(codes) == {0, 40003}
    usage = corp.sim("usage")["calls"]
    tokens = CALLERS + 1
    assert usage["refused"] == codes.count(40003)
    assert usage["charged"] == codes.count(0) + tokens + 1
