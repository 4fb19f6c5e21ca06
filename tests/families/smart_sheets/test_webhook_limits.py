"""Limits of webhooks: rows, calls and sizes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import RunningServer, WeCom
from tests.families.sheets import Sheet
from tests.families.smart_sheets.webhooks import Webhook, webhook_of

MEGABYTE = 1024 * 1024


# --- limits ----------------------------------------------------------------------------------------------


@pytest.fixture
def narrow(start_server: Callable[..., RunningServer]) -> WeCom:
    """An app of a server with low limits and a frozen clock."""
    server = start_server(
        limit_webhook_sheet_minute=3,
        limit_webhook_document_minute=5,
        limit_per_corp_minute=12,
        sheet_rows_cap=12,
    )
    server.sim.post("/clock", json={"freeze": True})
    return server.make_corp(seed="demo").client()


def test_rows_are_limited_per_sub_table_and_per_document_and_minute(narrow: WeCom) -> None:
    sheet = Sheet(narrow)
    other = sheet.ok("add_sheet", properties={"index": 1})["properties"]["sheet_id"]
    first, second = webhook_of(sheet), Webhook(narrow.corp, sheet.docid, other)
    row: dict[str, Any] = {"values": {}}
    assert first.send(add_records=[row] * 4)["errcode"] == 2023032
    record_id = first.add({}, {})[0]
    assert webhook_of(sheet).send(add_records=[row] * 2)["errcode"] == 2023032, "of all its webhooks"
    first.ok(update_records=[{"record_id": record_id, "values": {}}])
    assert second.send(add_records=[row] * 3)["errcode"] == 2023032, "the document is full"
    second.ok(add_records=[row] * 2)
    sheet.add({}, {}, {}, {})  # calls with a token are not counted
    narrow.corp.server.sim.post("/clock", json={"advance_seconds": 60})
    first.add({}, {}, {})
    assert second.send(add_records=[row] * 3)["errcode"] == 2023032
    second.ok(add_records=[row] * 2)


def test_concurrent_webhooks_stay_within_the_limits(
    start_server: Callable[..., RunningServer],
) -> None:
    """On PostgreSQL the calls run concurrently."""
    server = start_server(limit_webhook_sheet_minute=8, limit_webhook_document_minute=13)
    server.sim.post("/clock", json={"freeze": True})
    sheet = Sheet(server.make_corp(seed="demo").client())
    other = sheet.ok("add_sheet", properties={"index": 1})["properties"]["sheet_id"]
    webhooks = [webhook_of(sheet), webhook_of(sheet)]
    webhooks += [Webhook(sheet.wecom.corp, sheet.docid, other) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda number: webhooks[number % 4].refusal(), range(40)))
    assert codes.count(0) == 13
    assert set(codes) == {0, 2023032}
    rows = [len(sheet.records()), len(sheet.records(sheet_id=other))]
    assert sum(rows) == 13
    assert max(rows) <= 8
    ids = [one["record_id"] for one in sheet.records()]
    assert len(set(ids)) == len(ids)


def test_calls_are_rate_limited_like_those_of_other_operations(narrow: WeCom) -> None:
    webhook = webhook_of(Sheet(narrow))
    codes = [webhook.send({})["errcode"] for _ in range(13)]
    assert codes == [40063] * 12 + [45009]


def test_a_full_sub_table_refuses_rows(narrow: WeCom) -> None:
    sheet = Sheet(narrow)
    sheet.add(*[{}] * 10)
    assert webhook_of(sheet).send(add_records=[{"values": {}}] * 3)["errcode"] == 2022029
    webhook_of(sheet).add({}, {})


def test_a_body_has_at_most_10_megabytes_without_images_and_30_with_them(
    sheet: Sheet, webhook: Webhook
) -> None:
    def body(text_bytes: int, image_bytes: int) -> bytes:
        cells = f'"{sheet.primary}":"{"a" * text_bytes}"'
        image = f'"{sheet.ids["图"]}":[{{"title":"a","image_base64":"{"A" * image_bytes}"}}]'
        return f'{{"add_records":[{{"values":{{{cells},{image}}}}}]}}'.encode()

    assert webhook.send(content=body(10, 12 * MEGABYTE))["errcode"] == 0
    assert webhook.send(content=body(10 * MEGABYTE, 4))["errcode"] == 2023031
    too_large = webhook.send(content=body(10, 30 * MEGABYTE))
    assert (too_large["errcode"], too_large["add_records"]) == (2023030, [])
    assert len(sheet.records()) == 1
