"""Concurrent changes of smart sheets."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import WeCom
from tests.families.factories import new_member
from tests.families.sheets import Sheet, text

CALLERS = 8


@pytest.fixture
def sheet(start_server: Any) -> Sheet:
    """A sub-table on a server whose concurrency limit allows all callers."""
    corp = start_server(limit_concurrency=100).make_corp()
    return Sheet(WeCom(corp, corp.apps[0]), 选="SELECT")


def at_once(sheet: Sheet, name: str, body_of: Callable[[int], dict[str, Any]]) -> list[int]:
    """The errcodes of CALLERS concurrent calls, each over its own connection."""
    barrier = threading.Barrier(CALLERS)
    address = f"{sheet.wecom.corp.server.base_url}/cgi-bin/wedoc/{name}"
    token = {"access_token": sheet.wecom.token}
    errcodes: list[int] = []

    def call(number: int) -> None:
        body = {"docid": sheet.docid, **body_of(number)}
        with httpx.Client(trust_env=False, timeout=60) as http:
            barrier.wait()
            errcodes.append(http.post(address, params=token, json=body).json()["errcode"])

    threads = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(errcodes)


def test_concurrent_changes_lose_no_member_of_a_document(sheet: Sheet) -> None:
    for number in range(CALLERS):
        new_member(sheet.wecom.corp, f"m{number}")

    def member(number: int) -> dict[str, Any]:
        return {"update_file_member_list": [{"type": 1, "userid": f"m{number}", "auth": 1}]}

    assert at_once(sheet, "mod_doc_member", member) == [0] * CALLERS
    listed = sheet.wecom.post("wedoc/doc_get_auth", docid=sheet.docid)["doc_member_list"]
    assert sorted(one["userid"] for one in listed) == [f"m{number}" for number in range(CALLERS)]


def test_concurrent_sub_tables_with_the_same_title_add_one(sheet: Sheet) -> None:
    def same(_: int) -> dict[str, Any]:
        return {"properties": {"title": "同名", "index": 0}}

    assert at_once(sheet, "smartsheet/add_sheet", same) == [0] + [2022030] * (CALLERS - 1)

    def new(number: int) -> dict[str, Any]:
        return {"properties": {"title": f"表{number}", "index": 0}}

    assert at_once(sheet, "smartsheet/add_sheet", new) == [0] * CALLERS
    titles = [one["title"] for one in sheet.ok("get_sheet")["sheet_list"]]
    assert len(titles) == len(set(titles)) == CALLERS + 2


def test_sub_tables_are_added_while_records_are_written(sheet: Sheet) -> None:
    def either(number: int) -> dict[str, Any]:
        return {"properties": {"title": f"表{number}", "index": 0}}

    def rows(number: int) -> dict[str, Any]:
        values = {"文本": text(str(number)), "选": [{"text": f"选项{number % 2}"}]}
        return {"sheet_id": sheet.sheet_id, "records": [{"values": values}] * 20}

    found: dict[str, list[int]] = {}
    bodies = {"smartsheet/add_sheet": either, "smartsheet/add_records": rows}

    def run(name: str) -> None:
        found[name] = at_once(sheet, name, bodies[name])

    both = [threading.Thread(target=run, args=(name,)) for name in bodies]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(120)
    assert found == dict.fromkeys(bodies, [0] * CALLERS)
    assert sheet.ok("get_records")["total"] == 20 * CALLERS
    (field,) = sheet.ok("get_fields", field_titles=["选"])["fields"]
    assert sorted(one["text"] for one in field["property_select"]["options"]) == ["选项0", "选项1"]


def test_of_the_last_sub_tables_one_stays(sheet: Sheet) -> None:
    ids = [one["sheet_id"] for one in sheet.ok("get_sheet")["sheet_list"]]
    while len(ids) < CALLERS:
        ids.append(sheet.ok("add_sheet", properties={"index": 9})["properties"]["sheet_id"])

    def each(number: int) -> dict[str, Any]:
        return {"sheet_id": ids[number]}

    assert at_once(sheet, "smartsheet/delete_sheet", each) == [0] * (CALLERS - 1) + [2543306]
    assert len(sheet.ok("get_sheet")["sheet_list"]) == 1
