"""batch/invite: whom it names as invalid."""

from typing import Any

import pytest

from tests.conftest import Corp, WeCom
from tests.families.member_tags.tagging import new_tag, tag_with


def test_who_cannot_be_invited_is_named(shops: Corp, own: WeCom, sync: WeCom) -> None:
    tagid = tag_with(own, "anna")
    body = {"user": ["ANNA", "nobody"], "party": [20, 99], "tag": [tagid, 77]}
    for app in (own, sync):
        assert app.post("batch/invite", body) == {
            "errcode": 0,
            "errmsg": "ok",
            "invaliduser": ["nobody"],
            "invalidparty": [99],
            "invalidtag": [77],
        }
    app = shops.client(shops.new_app(kind="self_built", visible={"userid": ["carl"], "partyid": [30]}))
    reply = app.post("batch/invite", user=["anna", "carl"], party=[20, 30])
    assert (reply["invaliduser"], reply["invalidparty"]) == (["anna"], [20])


def test_if_all_are_valid_nobody_is_named(own: WeCom) -> None:
    for body in ({"user": ["anna"]}, {"party": [20]}, {"tag": [new_tag(own)]}):
        assert own.post("batch/invite", body) == {"errcode": 0, "errmsg": "ok"}


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 40063),
        ({"user": [], "party": [], "tag": []}, 40063),
        ({"user": ["x"] * 1001}, 40032),
        ({"party": [1] * 101}, 82002),
        ({"tag": [1] * 101}, 82003),
        ({"user": ["nobody"], "party": [99], "tag": [77]}, 81013),
    ],
)
def test_an_invitation_that_is_refused(own: WeCom, body: dict[str, Any], errcode: int) -> None:
    assert own.post("batch/invite", body)["errcode"] == errcode
