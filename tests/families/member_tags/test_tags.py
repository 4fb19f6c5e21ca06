"""tag/create, update, delete and list: names, ids, and who may change a tag."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.factories import act
from tests.families.member_tags.tagging import new_tag, tag_with
from tests.providers import Provider
from wecom_tollbooth.families.member_tags import tags
from wecom_tollbooth.gateway.shapes import UINT32


def test_tags_are_listed_by_id_with_their_names(own: WeCom, sync: WeCom) -> None:
    assert own.post("tag/create", tagname="UI", tagid=12) == {
        "errcode": 0,
        "errmsg": "created",
        "tagid": 12,
    }
    assert new_tag(own, "第一个之后") == 13
    assert new_tag(sync, "零", tagid=0) == 14
    assert new_tag(sync, "三", tagid="3") == 3
    assert own.post("tag/update", tagid=12, tagname="UI design") == {"errcode": 0, "errmsg": "updated"}
    assert own.get("tag/delete", tagid=13) == {"errcode": 0, "errmsg": "deleted"}
    listed = [
        {"tagid": 3, "tagname": "三"},
        {"tagid": 12, "tagname": "UI design"},
        {"tagid": 14, "tagname": "零"},
    ]
    for app in (own, sync):
        assert app.get("tag/list") == {"errcode": 0, "errmsg": "ok", "taglist": listed}


def test_after_the_highest_id_comes_a_free_one(own: WeCom) -> None:
    new_tag(own, "最后", tagid=UINT32)
    assert new_tag(own, "一") == 1
    assert new_tag(own, "二") == 2


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"tagname": "店长"}, 40071),
        ({"tagname": "新", "tagid": 5}, 40068),
        ({"tagname": "新", "tagid": -1}, 40068),
        ({"tagname": "新", "tagid": "five"}, 40068),
        ({"tagname": "新", "tagid": 2**32}, 40068),
        ({"tagname": ""}, 40072),
        ({}, 40072),
        ({"tagname": "名" * 33}, 40072),
    ],
)
def test_a_tag_that_cannot_be_created(own: WeCom, fields: dict[str, Any], errcode: int) -> None:
    new_tag(own, "店长", tagid=5)
    assert own.post("tag/create", fields)["errcode"] == errcode
    assert len(own.get("tag/list")["taglist"]) == 1


def test_a_name_in_use_has_the_documented_text(own: WeCom) -> None:
    new_tag(own, "名" * 32)
    reply = own.post("tag/create", tagname="名" * 32)
    assert reply["errmsg"].startswith("UserTag Name Already Exist")


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"tagid": 5, "tagname": "店长"}, 0),
        ({"tagid": 5, "tagname": "店员"}, 40071),
        ({"tagid": 5}, 40072),
        ({"tagid": 7, "tagname": "新"}, 40068),
        ({"tagname": "新"}, 40068),
    ],
)
def test_renaming_a_tag(own: WeCom, fields: dict[str, Any], errcode: int) -> None:
    new_tag(own, "店长", tagid=5)
    new_tag(own, "店员", tagid=6)
    assert own.post("tag/update", fields)["errcode"] == errcode


def test_a_corp_has_up_to_3000_tags(own: WeCom, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tags.TAGS_OF_A_CORP == 3000
    monkeypatch.setattr(tags, "TAGS_OF_A_CORP", 2)
    first = new_tag(own, "第一个")
    new_tag(own, "第二个")
    assert own.post("tag/create", tagname="再一个")["errcode"] == 40126
    own.get("tag/delete", tagid=first)
    assert new_tag(own, "再一个") == 3


def test_only_the_creating_app_changes_a_tag(shops: Corp, own: WeCom, sync: WeCom) -> None:
    tagid = tag_with(own, "anna")
    other = shops.client(shops.new_app(kind="self_built"))
    for app in (other, sync):
        for reply in (
            app.post("tag/update", tagid=tagid, tagname="新"),
            app.get("tag/delete", tagid=tagid),
            app.post("tag/addtagusers", tagid=tagid, userlist=["ben"]),
            app.post("tag/deltagusers", tagid=tagid, userlist=["anna"]),
        ):
            assert reply["errcode"] == 81011
        assert app.get("tag/get", tagid=tagid)["userlist"][0]["userid"] == "anna"


def test_the_sync_secret_changes_what_an_admin_created(shops: Corp, own: WeCom, sync: WeCom) -> None:
    tagid = act(shops, "admin_creates_member_tag", name="后台")["tagid"]
    assert own.post("tag/update", tagid=tagid, tagname="新")["errcode"] == 81011
    assert sync.post("tag/update", tagid=tagid, tagname="新")["errcode"] == 0


def test_apps_of_providers_have_no_member_tags(shops: Corp) -> None:
    app = Provider(shops.server).app_in(shops, "provider_developed")
    assert app.get("tag/list")["errcode"] == 48002
    assert app.post("tag/create", tagname="新")["errcode"] == 48002


def test_a_deleted_tag_loses_its_members(own: WeCom) -> None:
    tagid = tag_with(own, "anna", departments=(20,))
    own.get("tag/delete", tagid=tagid)
    for reply in (own.get("tag/get", tagid=tagid), own.get("tag/delete", tagid=tagid)):
        assert reply["errcode"] == 40068
    assert new_tag(own, "店长", tagid=tagid) == tagid
    assert own.get("tag/get", tagid=tagid)["userlist"] == []
