"""What a process has kept of a corp's rows isn't shown after a restore, nor of another corp with its ids."""

from typing import Any

from tests.conftest import RunningServer
from tests.snapshots.worlds import export, imported, restore, take


def board(client: Any) -> Any:
    reply = client.post("externalcontact/follow_up/board", userid="zhangsan")
    assert reply["errcode"] == 0, reply
    return [(s["stage_id"], s["count"], [c["title"] for c in s["cards"]]) for s in reply["stages"]]


def first_record(client: Any) -> dict[str, Any]:
    """What names a record in a call."""
    reply = client.post("externalcontact/follow_up/list", userid="zhangsan")
    assert reply["errcode"] == 0, reply
    found = reply["follow_ups"][0]
    return {"follow_up_id": found["follow_up_id"]}


def test_boards_after_a_restore_show_what_the_records_say_now(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=60, follow_ups=60)
    wecom = corp.client()
    record = first_record(wecom)
    take(corp)
    before = board(wecom)
    for title in ("first", "second"):
        done = wecom.post("externalcontact/follow_up/update", **record, title=title)
        assert done["errcode"] == 0, done
        shown = board(wecom)
        assert any(title in titles for _, _, titles in shown)
        restore(corp)
        assert board(wecom) == before


def test_boards_of_a_copy_show_its_own_records(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=60, follow_ups=60)
    copy = imported(server, export(corp), new_id=True)
    clients = [each.client() for each in (corp, copy)]
    assert board(clients[0]) == board(clients[1])
    record = first_record(clients[0])
    for title, client in zip(("one", "two"), clients, strict=True):
        client.post("externalcontact/follow_up/update", **record, title=title)
    for title, client in zip(("one", "two"), clients, strict=True):
        assert any(title in titles for _, _, titles in board(client))
