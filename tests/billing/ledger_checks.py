"""Acts, the clock, and checks of a corp's ledger."""

from typing import Any

from tests.conftest import Corp, RunningServer
from wecom_tollbooth.billing.ledger import used_by_day, used_from_records
from wecom_tollbooth.billing.levels import levels_by_day, levels_from_records


def move(server: RunningServer, **body: Any) -> None:
    answer = server.sim.post("/clock", json=body)
    assert answer.status_code == 200, answer.text


def do(corp: Corp, act: str, **fields: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": act, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def kinds_found(corp: Corp) -> set[str]:
    report = corp.sim("ledger/verify")
    assert report["intact"] is not bool(report["findings"])
    return {finding["kind"] for finding in report["findings"]}


def agree(corp: Corp) -> bool:
    """Whether the totals and levels of all days match the records."""
    with corp.server.server.database.transaction() as tx:
        context = corp.server.server.context(tx, corp.corpid)
        span = (context.now - 400 * 86_400, context.now + 400 * 86_400)
        of_days, of_records = levels_by_day(context, *span), levels_from_records(context, *span)
        totals, counted = (read(tx, corp.corpid, *span) for read in (used_by_day, used_from_records))
        return of_days == of_records and totals == counted
