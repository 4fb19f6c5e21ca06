"""Corps with something in every corner, and what their export files say."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from tests.conftest import Corp, RunningServer

MANIFEST = "manifest.json"
Content = dict[str, Any]


def export(corp: Corp) -> bytes:
    answer = corp.server.sim.get(f"/corps/{corp.corpid}/export")
    assert answer.status_code == 200, answer.text
    return answer.content


def content_of(file: bytes) -> Content:
    """The entries by name: the manifest, lists of rows, bytes of files."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        read = {name: archive.read(name) for name in archive.namelist()}
    content: Content = {MANIFEST: json.loads(read.pop(MANIFEST))}
    for name, data in read.items():
        is_rows = name.endswith(".jsonl")
        content[name] = [json.loads(line) for line in data.splitlines()] if is_rows else data
    return content


def changed(file: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The file with other entries."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def send(server: RunningServer, file: bytes, **params: Any) -> Any:
    return server.sim.post("/corps/import", content=file, params=params)


def imported(server: RunningServer, file: bytes, **params: Any) -> Corp:
    answer = send(server, file, **params)
    assert answer.status_code == 200, answer.text
    return Corp(server, answer.json())


def take(corp: Corp, name: str = "before") -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/snapshots", json={"name": name})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def restore(corp: Corp, name: str = "before") -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/snapshots/{name}/restore")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def act(corp: Corp, name: str, /, **fields: Any) -> Any:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


def without_the_restore(content: Content) -> Content:
    """What a restore adds of its own: its record in the ledger, with the total of its day."""
    kept = {name: value for name, value in content.items() if name != MANIFEST}
    for name in ("rows/usage_record.jsonl", "rows/usage_total.jsonl"):
        kept[name] = [row for row in kept.get(name, []) if "restored" not in row]
    return kept
