"""Messages to tags."""

from tests.conftest import Corp, WeCom
from tests.families.app_messages.sending import phone, send, sent
from tests.families.member_tags.tagging import new_tag, tag_with


def got_it(corp: Corp) -> list[str]:
    return [userid for userid in ("anna", "ben", "carl") if phone(corp, userid)]


def test_a_tag_reaches_its_members_and_those_of_its_departments(shops: Corp, own: WeCom) -> None:
    tagid = tag_with(own, "carl", departments=(30,))
    reply = sent(own, touser="", totag=f"{tagid} | 77|x")
    assert reply["invalidtag"] == "77|x"
    assert got_it(shops) == ["ben", "carl"]


def test_whoever_is_in_two_tags_gets_it_once(shops: Corp, own: WeCom) -> None:
    one, two = tag_with(own, "anna", name="一"), tag_with(own, "anna", departments=(20,), name="二")
    reply = sent(own, touser="anna", totag=f"{one}|{two}")
    assert "invalidtag" not in reply
    assert [len(phone(shops, who)) for who in ("anna", "ben", "carl")] == [1, 1, 0]


def test_of_a_tag_the_app_reaches_whom_it_sees(shops: Corp, own: WeCom) -> None:
    tagid = tag_with(own, "anna", "carl", departments=(20,))
    app = shops.client(shops.new_app(kind="self_built", visible={"userid": ["carl"], "partyid": [30]}))
    assert "invalidtag" not in sent(app, touser="", totag=str(tagid))
    assert got_it(shops) == ["ben", "carl"]


def test_disabled_members_of_a_tag_get_nothing(shops: Corp, own: WeCom, sync: WeCom) -> None:
    tagid = tag_with(own, "anna", departments=(30,))
    for userid in ("anna", "ben"):
        assert sync.post("user/update", userid=userid, enable=0)["errcode"] == 0
    assert send(own, touser="", totag=str(tagid))["errcode"] == 81013


def test_an_empty_tag_reaches_nobody(own: WeCom) -> None:
    assert send(own, touser="", totag=str(new_tag(own)))["errcode"] == 81013
