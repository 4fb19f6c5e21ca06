"""update_tag: which apps receive it, and what of a change each is told."""

import pytest

from tests.conftest import Corp, WeCom
from tests.families.directory.test_events import events_of
from tests.families.factories import act, act_error
from tests.families.member_tags.tagging import new_tag, tag_with
from tests.providers import Provider


def xml(tagid: int, *items: str) -> tuple[str, str]:
    names = ("AddUserItems", "DelUserItems", "AddPartyItems", "DelPartyItems")
    lists = "".join(f"<{name}><![CDATA[{one}]]></{name}>" for name, one in zip(names, items, strict=True))
    return "update_tag", f"<ChangeType><![CDATA[update_tag]]></ChangeType><TagId>{tagid}</TagId>{lists}"


@pytest.fixture
def developed(shops: Corp) -> WeCom:
    return Provider(shops.server).app_in(shops, "provider_developed")


def test_only_what_changes_is_told(shops: Corp, own: WeCom, sync: WeCom, developed: WeCom) -> None:
    tagid = tag_with(own, "anna", "ben", departments=(20, 30))
    own.post("tag/addtagusers", tagid=tagid, userlist=["anna", "carl"], partylist=[20])
    own.post("tag/addtagusers", tagid=tagid, userlist=["anna"])
    own.post("tag/deltagusers", tagid=tagid, userlist=["ben", "nobody"], partylist=[30, 1])
    own.post("tag/deltagusers", tagid=tagid, userlist=["ben"])
    told = [
        xml(tagid, "anna,ben", "", "20,30", ""),
        xml(tagid, "carl", "", "", ""),
        xml(tagid, "", "ben", "", "30"),
    ]
    assert events_of(shops, developed.agentid) == told
    assert events_of(shops, sync.agentid) == told
    assert events_of(shops, own.agentid) == []


def test_the_assistant_is_not_told_its_own_changes(shops: Corp, sync: WeCom, developed: WeCom) -> None:
    tagid = tag_with(sync, "anna")
    assert events_of(shops, sync.agentid) == []
    assert events_of(shops, developed.agentid) == [xml(tagid, "anna", "", "", "")]


def test_an_app_is_told_what_it_sees(shops: Corp, own: WeCom) -> None:
    app = Provider(shops.server).app_in(
        shops, "provider_developed", visible={"userid": ["anna"], "partyid": [30]}
    )
    tagid = tag_with(own, "anna", "carl", departments=(20, 30))
    own.post("tag/deltagusers", tagid=tagid, userlist=["carl"])
    assert events_of(shops, app.agentid) == [xml(tagid, "anna", "", "30", "")]


def test_renaming_and_deleting_raise_nothing(shops: Corp, own: WeCom, developed: WeCom) -> None:
    tagid = new_tag(own)
    own.post("tag/update", tagid=tagid, tagname="新")
    own.get("tag/delete", tagid=tagid)
    assert events_of(shops, developed.agentid) == []


def test_changes_by_admins(shops: Corp, sync: WeCom) -> None:
    made = act(shops, "admin_creates_member_tag", name="后台", userid=["Anna"], partyid=[20])
    tagid = made["tagid"]
    act(shops, "admin_changes_member_tag", tagid=tagid, add_userid=["ben"], remove_partyid=[20])
    assert events_of(shops, sync.agentid) == [
        xml(tagid, "anna", "", "20", ""),
        xml(tagid, "ben", "", "", "20"),
    ]


def test_admins_rename_and_delete_any_tag(shops: Corp, own: WeCom, sync: WeCom) -> None:
    tagid = tag_with(own, "anna")
    before = events_of(shops, sync.agentid)
    act(shops, "admin_renames_member_tag", tagid=tagid, name="骨干")
    assert own.get("tag/get", tagid=tagid)["tagname"] == "骨干"
    act(shops, "admin_deletes_member_tag", tagid=tagid)
    assert own.get("tag/get", tagid=tagid)["errcode"] == 40068
    assert events_of(shops, sync.agentid) == before


def test_acts_that_are_refused(shops: Corp) -> None:
    tagid = act(shops, "admin_creates_member_tag", name="后台")["tagid"]
    assert "is named" in act_error(shops, "admin_creates_member_tag", name="后台")
    assert "no member" in act_error(shops, "admin_changes_member_tag", tagid=tagid, add_userid=["x"])
    assert "no department" in act_error(shops, "admin_changes_member_tag", tagid=tagid, add_partyid=[9])
    assert "no member tag" in act_error(shops, "admin_changes_member_tag", tagid=99)
    other = act(shops, "admin_creates_member_tag", name="前台")["tagid"]
    assert "is named" in act_error(shops, "admin_renames_member_tag", tagid=other, name="后台")
    assert "no member tag" in act_error(shops, "admin_deletes_member_tag", tagid=99)
