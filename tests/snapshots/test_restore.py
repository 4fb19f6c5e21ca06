"""A restored corp is what it was when the snapshot was taken."""

from tests.conftest import Corp, RunningServer
from tests.snapshots.worlds import act, content_of, export, restore, take, without_the_restore

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


def test_a_restored_corp_is_what_it_was(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", activity=True)
    wecom = corp.client()
    customer = wecom.get("externalcontact/list", userid="zhangsan")["external_userid"][0]
    before = content_of(export(corp))
    taken = take(corp)
    assert taken["rows"] == sum(len(rows) for name, rows in before.items() if name.startswith("rows/"))
    for number in range(20):
        wecom.post(
            "externalcontact/remark", userid="zhangsan", external_userid=customer, remark=f"later {number}"
        )
    added = act(corp, "member_adds_customer", userid="lisi", name="新客户")["external_userid"]
    act(corp, "customer_deletes_member", userid="lisi", external_userid=added)
    assert without_the_restore(content_of(export(corp))) != without_the_restore(before)

    restored = restore(corp)
    assert restored["superseded"] == 21
    after = content_of(export(corp))
    assert without_the_restore(after) == without_the_restore(before)
    assert wecom.get("externalcontact/get", external_userid=customer)["errcode"] == 0


def test_a_restored_corp_verifies_and_bills_only_what_it_keeps(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo")
    wecom = corp.client()
    wecom.get("externalcontact/get_follow_user_list")
    take(corp)
    for _ in range(7):
        wecom.get("externalcontact/get_follow_user_list")
    calls = corp.sim("usage")["calls"]["charged"]
    for number in range(1, 4):
        assert restore(corp)["segment"] == number
        assert corp.sim("usage")["calls"]["charged"] == calls - 7
        wecom.get("externalcontact/get_follow_user_list")
        assert corp.sim("ledger/verify")["intact"], corp.sim("ledger/verify")


def test_the_list_of_snapshots(corp: Corp) -> None:
    take(corp, "one")
    take(corp, "two")
    assert [one["name"] for one in corp.sim("snapshots")["snapshots"]] == ["one", "two"]
    sim = corp.server.sim
    again = sim.post(f"/corps/{corp.corpid}/snapshots", json={"name": "one"})
    assert again.status_code == 409
    assert "already" in again.json()["error"]
    assert sim.delete(f"/corps/{corp.corpid}/snapshots/one").json() == {"deleted": "one"}
    assert sim.delete(f"/corps/{corp.corpid}/snapshots/one").status_code == 404
    assert sim.post(f"/corps/{corp.corpid}/snapshots/one/restore").status_code == 404
    assert [one["name"] for one in corp.sim("snapshots")["snapshots"]] == ["two"]


def test_superseded_records_can_be_read_page_by_page(corp: Corp) -> None:
    wecom = corp.client()
    take(corp)
    for _ in range(5):
        wecom.get("externalcontact/get_follow_user_list")
    restore(corp)
    whole = corp.sim("ledger/superseded")
    assert [record["operation"] for record in whole["records"]] == [
        "/cgi-bin/externalcontact/get_follow_user_list"
    ] * 5
    assert [(one["segment"], one["snapshot"], one["superseded"]) for one in whole["segments"]] == [
        (1, "before", 5)
    ]
    pages, cursor = [], ""
    while True:
        page = corp.sim("ledger/superseded", limit=2, cursor=cursor)
        pages.append([record["id"] for record in page["records"]])
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert pages == [[r["id"] for r in whole["records"][at : at + 2]] for at in (0, 2, 4)]
    listed = corp.sim("ledger")["records"]
    assert [r["operation"] for r in listed if r["id"] == whole["segments"][0]["record_id"]] == ["restored"]


def test_no_snapshot_has_a_name_that_is_a_step_in_a_path(corp: Corp) -> None:
    """Clients make /corps/ID of /corps/ID/snapshots/.. by themselves, and DELETE of it deletes the corp."""
    for name in (".", "..", "...", ".hidden"):
        answer = corp.server.sim.post(f"/corps/{corp.corpid}/snapshots", json={"name": name})
        assert answer.status_code == 422, name
        assert "name" in answer.json()["error"]
