"""A corp goes to another server in a file, whole or not at all."""

from pathlib import Path
from typing import Any

from tests.conftest import Corp, RunningServer
from tests.snapshots.worlds import MANIFEST, Content, act, content_of, export, imported, send

CLOCK = "rows/corp_clock.jsonl"


def rows_of(file: bytes) -> Content:
    """Without the clock, which is of the server's where nobody moved it."""
    return {name: rows for name, rows in content_of(file).items() if name not in (MANIFEST, CLOCK)}


def test_another_server_has_the_same_corp(server: RunningServer, start_server: Any) -> None:
    corp = server.make_corp(seed="demo", activity=True)
    corp.client().get("externalcontact/get_follow_user_list")
    file = export(corp)
    there = imported(start_server(), file)
    assert there.corpid == corp.corpid
    assert there.apps == corp.apps
    assert rows_of(export(there)) == rows_of(file)
    assert there.client().get("externalcontact/get_follow_user_list")["errcode"] == 0
    assert there.sim("ledger/verify")["intact"]
    assert send(there.server, file).status_code == 409


def test_a_corp_goes_to_sqlite_and_back(server: RunningServer, start_server: Any, tmp_path: Path) -> None:
    """Run on PostgreSQL, it goes to another kind of database."""
    corp = server.make_corp(seed="demo", activity=True)
    file = export(corp)
    there = imported(start_server(database_url=f"sqlite:///{tmp_path / 'other.db'}"), file)
    assert rows_of(export(there)) == rows_of(file)
    act(there, "member_adds_customer", userid="zhangsan", name="新客户")
    changed = export(there)
    assert rows_of(changed) != rows_of(file)

    back = imported(server, changed, new_id=True)
    act(back, "member_adds_customer", userid="zhangsan", name="又一位")
    listed = [
        each.client().get("externalcontact/list", userid="zhangsan")["external_userid"]
        for each in (corp, there, back)
    ]
    assert [len(ids) - len(listed[0]) for ids in listed] == [0, 1, 2]
    assert there.sim("ledger/verify")["intact"]
    assert back.sim("ledger/verify")["intact"]


def test_under_a_new_id_it_lives_beside_the_old_one(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", activity=True)
    file = export(corp)
    assert send(server, file).status_code == 409
    copy = imported(server, file, new_id=True, name="副本")
    assert copy.corpid != corp.corpid
    assert server.sim.get(f"/corps/{copy.corpid}").json()["name"] == "副本"
    listed = [each.client().get("externalcontact/list", userid="zhangsan") for each in (corp, copy)]
    assert listed[0] == listed[1]
    assert copy.sim("ledger/verify")["intact"]
    assert copy.sim("usage")["contacts"] == corp.sim("usage")["contacts"]


def test_the_same_state_is_the_same_file(corp: Corp) -> None:
    first, second = export(corp), export(corp)
    assert {**content_of(first), MANIFEST: None} == {**content_of(second), MANIFEST: None}
    assert MANIFEST in content_of(first)


def test_uploaded_files_come_along(server: RunningServer, start_server: Any) -> None:
    corp = server.make_corp(seed="empty")
    content = b"a price list " * 100_000
    wecom = corp.client()
    upload = wecom.http.post(
        "media/upload",
        params={"access_token": wecom.token, "type": "file"},
        files={"media": ("prices.txt", content)},
    )
    media_id = upload.json()["media_id"]
    file = export(corp)
    assert content in content_of(file).values()
    server.sim.delete(f"/corps/{corp.corpid}")
    for copy in (imported(server, file, new_id=True), imported(start_server(), file)):
        there = copy.client()
        got = there.http.get("media/get", params={"access_token": there.token, "media_id": media_id})
        assert got.content == content
