"""wecom-smartsheet 0.3.0, unmodified, reads and writes the records of a smart sheet.

Its address is a constant of the module. It accepts an opener, which sends the requests to the test server.
"""

import csv
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from wecom_smartsheet import WeComSmartSheetClient
from wecom_smartsheet.client import BASE_URL, WeComAPIError

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.sheets import Sheet, text


class Redirect:
    """An opener that sends requests for WeCom's host to the server of the test."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def open(self, request: urllib.request.Request, timeout: float) -> Any:
        assert request.full_url.startswith(BASE_URL)
        request.full_url = self._base_url + request.full_url.removeprefix(BASE_URL)
        return self._opener.open(request, timeout=timeout)


def client_of(corp: Corp) -> WeComSmartSheetClient:
    return WeComSmartSheetClient(
        corp.corpid, corp.apps[0]["secret"], url_opener=Redirect(corp.server.base_url)
    )


@pytest.fixture
def client(corp: Corp) -> WeComSmartSheetClient:
    return client_of(corp)


@pytest.fixture
def sheet(wecom: WeCom) -> dict[str, str]:
    """The docid and sheet_id of a sub-table with a number field."""
    sheet = Sheet(wecom, 数量="NUMBER")
    return {"docid": sheet.docid, "sheet_id": sheet.sheet_id}


def test_records_are_added_read_changed_and_deleted(
    client: WeComSmartSheetClient, sheet: dict[str, str]
) -> None:
    added = client.add_records(
        **sheet,
        records=[
            {"values": {"文本": text("甲"), "数量": 1}},
            {"values": {"文本": text("乙"), "数量": 2}},
        ],
    )
    first, second = (record["record_id"] for record in added["records"])
    assert [record["values"]["数量"] for record in client.fetch_records(**sheet)] == [1, 2]
    client.update_records(**sheet, records={"record_id": first, "values": {"数量": 10}})
    client.delete_records(**sheet, record_ids=second)
    (left,) = client.fetch_records(**sheet)
    assert (left["record_id"], left["values"]) == (first, {"文本": text("甲"), "数量": 10})


def test_list_returns_all_pages(client: WeComSmartSheetClient, sheet: dict[str, str]) -> None:
    client.add_records(**sheet, records=[{"values": {"数量": number}} for number in range(25)])
    fetched = client.fetch_records(**sheet, page_size=10, pause_seconds=0)
    assert [record["values"]["数量"] for record in fetched] == list(range(25))


def test_its_flat_records_are_written_to_files(
    client: WeComSmartSheetClient, sheet: dict[str, str], tmp_path: Path
) -> None:
    client.add_records(**sheet, records={"values": {"文本": text("甲"), "数量": 1}})
    client.fetch_records_to_json(**sheet, output_path=str(tmp_path / "records.json"))
    assert json.loads((tmp_path / "records.json").read_text())[0]["values"]["数量"] == 1
    client.fetch_records_to_csv(**sheet, output_path=str(tmp_path / "records.csv"), transform="flat")
    with (tmp_path / "records.csv").open(encoding="utf-8-sig", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert row["数量"] == "1"


def test_its_error_names_the_errcode(client: WeComSmartSheetClient, sheet: dict[str, str]) -> None:
    with pytest.raises(WeComAPIError, match="errcode=2022004"):
        client.add_records(**sheet, records={"values": {"没有": 1}})
    with pytest.raises(WeComAPIError, match="errcode=301085"):
        client.fetch_records(docid="dcNONE", sheet_id="q00000")


def test_it_fetches_a_new_token_when_the_old_one_has_expired(start_server: Any) -> None:
    server: RunningServer = start_server()
    corp = server.make_corp()
    client = client_of(corp)
    made = Sheet(corp.client(), 数量="NUMBER")
    where = {"docid": made.docid, "sheet_id": made.sheet_id}
    client.add_records(**where, records={"values": {"数量": 1}})
    server.sim.post("/clock", json={"advance_seconds": 7_300})
    assert len(client.fetch_records(**where)) == 1
