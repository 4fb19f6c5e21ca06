"""Who is in a tag: addtagusers, deltagusers and get, and what leaves with members and departments."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act, new_member
from tests.families.member_tags.tagging import new_tag, tag_with, who_is_in
from wecom_tollbooth.families.member_tags import changes


def test_members_and_departments_come_and_leave(own: WeCom, sync: WeCom) -> None:
    tagid = new_tag(own)
    body = {"tagid": tagid, "userlist": ["BEN", "anna", "nobody"], "partylist": [20, 99]}
    assert own.post("tag/addtagusers", body) == {
        "errcode": 0,
        "errmsg": "ok",
        "invalidlist": "nobody",
        "invalidparty": [99],
    }
    assert own.get("tag/get", tagid=tagid) == {
        "errcode": 0,
        "errmsg": "ok",
        "tagname": "店长",
        "userlist": [{"userid": "anna", "name": "anna"}, {"userid": "ben", "name": "ben"}],
        "partylist": [20],
    }
    assert sync.get("tag/get", tagid=tagid)["userlist"] == [{"userid": "anna"}, {"userid": "ben"}]
    again = own.post("tag/addtagusers", tagid=tagid, userlist=["anna"], partylist=[20])
    assert again == {"errcode": 0, "errmsg": "ok"}
    gone = own.post("tag/deltagusers", tagid=tagid, userlist=["anna", "x", "y"], partylist=[20, 30, 98])
    assert gone == {"errcode": 0, "errmsg": "deleted", "invalidlist": "x|y", "invalidparty": [98]}
    assert who_is_in(own, tagid) == (["ben"], [])


@pytest.mark.parametrize(("operation", "errcode"), [("addtagusers", 40070), ("deltagusers", 40031)])
def test_if_all_are_invalid_nothing_changes(own: WeCom, operation: str, errcode: int) -> None:
    tagid = tag_with(own, "anna")
    reply = own.post(f"tag/{operation}", tagid=tagid, userlist=["nobody"], partylist=[99])
    assert reply["errcode"] == errcode
    assert reply["errmsg"].startswith("all list invalid")
    assert who_is_in(own, tagid) == (["anna"], [])


@pytest.mark.parametrize("operation", ["addtagusers", "deltagusers"])
@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({}, 40063),
        ({"userlist": [], "partylist": []}, 40063),
        ({"userlist": [f"user{one}" for one in range(1001)]}, 81014),
        ({"userlist": ["anna"], "partylist": list(range(101))}, 81014),
        ({"userlist": ["anna"], "tagid": 77}, 40068),
        ({"userlist": ["anna"], "tagid": None}, 40068),
    ],
)
def test_a_call_that_is_refused(own: WeCom, operation: str, fields: dict[str, Any], errcode: int) -> None:
    tagid = new_tag(own)
    assert own.post(f"tag/{operation}", {"tagid": tagid, **fields})["errcode"] == errcode


def test_a_thousand_members_and_a_hundred_departments_may_be_named(own: WeCom) -> None:
    tagid = new_tag(own)
    names = ["anna", *(f"user{one}" for one in range(999))]
    reply = own.post("tag/addtagusers", tagid=tagid, userlist=names, partylist=list(range(100)))
    assert reply["invalidlist"].count("|") == 998
    assert who_is_in(own, tagid) == (["anna"], [1, 20, 30])


def test_a_tag_holds_up_to_30000(own: WeCom, monkeypatch: pytest.MonkeyPatch) -> None:
    assert changes.NODES_OF_A_TAG == 30_000
    monkeypatch.setattr(changes, "NODES_OF_A_TAG", 3)
    tagid = tag_with(own, "anna")
    assert (
        own.post("tag/addtagusers", tagid=tagid, userlist=["ben", "carl"], partylist=[20])["errcode"] == 81003
    )
    assert own.post("tag/addtagusers", tagid=tagid, userlist=["ben"], partylist=[20])["errcode"] == 0
    assert own.post("tag/addtagusers", tagid=tagid, userlist=["anna"])["errcode"] == 0
    assert own.post("tag/addtagusers", tagid=tagid, partylist=[30])["errcode"] == 81003


def test_an_app_tags_and_reads_whom_it_sees(shops: Corp, own: WeCom) -> None:
    app = shops.client(shops.new_app(kind="self_built", visible={"userid": ["carl"], "partyid": [30]}))
    tagid = new_tag(app)
    reply = app.post("tag/addtagusers", tagid=tagid, userlist=["anna", "ben"], partylist=[20, 30])
    assert (reply["invalidlist"], reply["invalidparty"]) == ("anna", [20])
    everybody = tag_with(own, "anna", "carl", departments=(1, 30), name="全部")
    assert who_is_in(app, everybody) == (["carl"], [30])
    assert who_is_in(own, everybody) == (["anna", "carl"], [1, 30])


def test_deleted_members_and_departments_leave_their_tags(shops: Corp, own: WeCom, sync: WeCom) -> None:
    sync.post("department/create", name="空", parentid=1, id=40)
    tagid = tag_with(own, "anna", "ben", "carl", departments=(20, 40))
    assert sync.get("user/delete", userid="anna")["errcode"] == 0
    act(shops, "member_leaves_corp", userid="ben")
    assert sync.get("department/delete", id=40)["errcode"] == 0
    assert who_is_in(own, tagid) == (["carl"], [20])
    assert sync.post("user/create", userid="anna", name="x", mobile="13800138000")["errcode"] == 0
    assert who_is_in(own, tagid) == (["carl"], [20])


def test_tags_of_corps_are_apart(shops: Corp, own: WeCom) -> None:
    tagid = tag_with(own, "anna")
    other = shops.server.make_corp()
    new_member(other, "anna")
    assert other.client().get("tag/get", tagid=tagid)["errcode"] == 40068
    assert tag_with(other.client(), "anna") == tagid
