"""Files that nobody exported: each is refused with a sentence, and leaves nothing."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.snapshots.worlds import MANIFEST, changed, export, imported, send

Entries = dict[str, bytes]
ROWS = "rows/external_contact.jsonl"


def fit(entries: Entries) -> None:
    """Makes the manifest say what the entries are."""
    described = json.loads(entries[MANIFEST])
    for table in described["tables"]:
        data = entries.get(f"rows/{table['table']}.jsonl", b"")
        table.update(rows=data.count(b"\n"), bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    entries[MANIFEST] = json.dumps(described).encode()


def manifest(**changes: Any) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        entries[MANIFEST] = json.dumps(json.loads(entries[MANIFEST]) | changes).encode()

    return change


def of_clock(**changes: Any) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        manifest(clock=json.loads(entries[MANIFEST])["clock"] | changes)(entries)

    return change


def of_table(change: Callable[[dict[str, Any]], object]) -> Callable[[Entries], None]:
    """Changes what the manifest says of the table of contacts."""

    def changing(entries: Entries) -> None:
        described = json.loads(entries[MANIFEST])
        change(next(table for table in described["tables"] if table["table"] == "external_contact"))
        entries[MANIFEST] = json.dumps(described).encode()

    return changing


def first_row(place: int, value: Any) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        rows = [json.loads(line) for line in entries[ROWS].splitlines()]
        rows[0][place] = value
        entries[ROWS] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        fit(entries)

    return change


def twice(entries: Entries) -> None:
    first = entries[ROWS].splitlines(keepends=True)[0]
    entries[ROWS] = first + entries[ROWS]
    fit(entries)


def more(name: str) -> Callable[[Entries], None]:
    return lambda entries: entries.update({name: b"x"})


def no_corp(entries: Entries) -> None:
    del entries["rows/corp.jsonl"]
    described = json.loads(entries[MANIFEST])
    described["tables"] = [table for table in described["tables"] if table["table"] != "corp"]
    entries[MANIFEST] = json.dumps(described).encode()


def foreign_file(entries: Entries) -> None:
    """A row that names a file outside of the folder."""
    described = json.loads(entries[MANIFEST])
    columns = [
        "media_id",
        "type",
        "use",
        "name",
        "content_type",
        "size",
        "sha256",
        "created_at",
        "expires_at",
    ]
    row = ["3x", "file", "media", "a", "text/plain", 5, "../../etc/passwd", 1, 2**31]
    entries["rows/media.jsonl"] = json.dumps(row).encode() + b"\n"
    described["tables"].append(
        {"table": "media", "columns": columns, "rows": 0, "bytes": 0, "sha256": "0" * 64}
    )
    entries[MANIFEST] = json.dumps(described).encode()
    fit(entries)


HOSTILE: dict[str, tuple[Callable[[Entries], Any], str]] = {
    "another format": (manifest(format="zip of something"), "not an export"),
    "a newer format": (manifest(format_version=99), "newer version"),
    "a format that never was": (manifest(format_version=0), "format_version"),
    "a newer schema": (manifest(revision="9999"), "newer version"),
    "a clock of 1970": (of_clock(now=0), "clock.now"),
    "a clock of 2106": (of_clock(now=2**32 - 1), "clock.now"),
    "no corpid": (manifest(corpid="../x"), "corpid"),
    "an unknown field": (manifest(evil=1), "evil"),
    "a huge id": (manifest(last_id=10**18), "last_id"),
    "an id that leaves no room": (manifest(last_id=10**15 - 1), "takes ids up to"),
    "no manifest": (lambda entries: entries.pop(MANIFEST), "no manifest.json"),
    "no JSON": (lambda entries: entries.update({MANIFEST: b"{"}), "not JSON"),
    "a path": (more("../../evil"), "doesn't name"),
    "an absolute path": (more("/etc/evil"), "doesn't name"),
    "a missing entry": (lambda entries: entries.pop(ROWS), "is missing"),
    "changed rows": (
        lambda entries: entries.update({ROWS: entries[ROWS].replace(b"1", b"2", 1)}),
        "damaged",
    ),
    "an unknown table": (of_table(lambda table: table.update(table="sim_clock")), "missing"),
    "an unknown column": (of_table(lambda table: table["columns"].append("corp_id")), "no column"),
    "a lacking column": (of_table(lambda table: table["columns"].pop()), "lack"),
    "a column twice": (of_table(lambda table: table["columns"].append("name")), "twice"),
    "a number for a text": (first_row(1, 5), "external_contact.name can't be 5"),
    "a text for a number": (first_row(2, "1; DROP TABLE corp"), "can't be"),
    "a huge number": (first_row(2, 2**40), "can't be"),
    "a fraction": (first_row(2, 1.5), "can't be"),
    "nothing": (first_row(1, None), "can't be None"),
    "a zero byte": (first_row(1, "a\x00b"), "can't be"),
    "no JSON in a column": (first_row(9, "{"), "can't be"),
    "a row twice": (twice, "can't be beside each other"),
    "no row of the corp": (no_corp, "no row of corp"),
    "a path for a file": (foreign_file, "uploaded file"),
}


@pytest.fixture(scope="module")
def file(server: RunningServer) -> bytes:
    return export(server.make_corp(seed="demo", customers=5))


@pytest.mark.parametrize("case", HOSTILE)
def test_it_is_refused_and_leaves_nothing(server: RunningServer, file: bytes, case: str) -> None:
    change, sentence = HOSTILE[case]
    before = server.sim.get("/corps").json()
    answer = send(server, changed(file, change), new_id=True)
    assert answer.status_code == 422, answer.text
    assert sentence in answer.json()["error"]
    assert server.sim.get("/corps").json() == before


def test_a_zip_bomb_is_refused_by_its_sizes(server: RunningServer, file: bytes) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows/member.jsonl", b"0" * (32 * 1024 * 1024))
        archive.writestr(MANIFEST, b"{}")
    answer = send(server, bomb.getvalue())
    assert answer.status_code == 422
    assert "times its size" in answer.json()["error"]


def test_a_size_that_lies_is_found_where_it_is_read(server: RunningServer, file: bytes) -> None:
    """The central directory says less than the entry unpacks to."""
    described = zipfile.ZipFile(io.BytesIO(file)).getinfo(ROWS)
    lie = file.replace(
        described.file_size.to_bytes(4, "little"), (described.file_size - 7).to_bytes(4, "little")
    )
    answer = send(server, lie, new_id=True)
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_only_what_an_export_is_packed_with_is_unpacked(
    server: RunningServer, file: bytes, kind: int
) -> None:
    """What unpacks LZMA takes as much memory as the file says, and raises errors of its own."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(target, "w", kind) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    answer = send(server, target.getvalue(), new_id=True)
    assert answer.status_code == 422
    assert "packed" in answer.json()["error"]


def test_the_id_of_a_deleted_corp_is_refused_because_its_ledger_stays(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=5)
    file = export(corp)
    server.sim.delete(f"/corps/{corp.corpid}")
    answer = send(server, file)
    assert answer.status_code == 409
    assert "was deleted" in answer.json()["error"]
    assert imported(server, file, new_id=True).sim("usage")["contacts"] == 5


def test_a_later_column_gets_its_default(server: RunningServer, file: bytes) -> None:
    def change(entries: Entries) -> None:
        described = json.loads(entries[MANIFEST])
        corp = next(table for table in described["tables"] if table["table"] == "corp")
        place = corp["columns"].index("strict")
        corp["columns"].pop(place)
        row = json.loads(entries["rows/corp.jsonl"])
        row.pop(place)
        entries["rows/corp.jsonl"] = json.dumps(row).encode() + b"\n"
        entries[MANIFEST] = json.dumps(described | {"revision": "0071"}).encode()
        fit(entries)

    copy = imported(server, changed(file, change), new_id=True)
    assert server.sim.get(f"/corps/{copy.corpid}").json()["strict"] is False


def test_what_another_corp_has_is_not_touched(server: RunningServer, file: bytes, corp: Corp) -> None:
    before = export(corp)
    imported(server, file, new_id=True)
    rows = [name for name in zipfile.ZipFile(io.BytesIO(before)).namelist() if name != MANIFEST]
    for name in rows:
        old, new = (zipfile.ZipFile(io.BytesIO(one)).read(name) for one in (before, export(corp)))
        assert old == new
