"""Creating tags and reading them."""

from typing import Any

from tests.conftest import WeCom


def new_tag(wecom: WeCom, name: str = "店长", **fields: Any) -> int:
    """tag/create, which must succeed; returns the id."""
    reply = wecom.post("tag/create", tagname=name, **fields)
    assert (reply["errcode"], reply["errmsg"]) == (0, "created"), reply
    return int(reply["tagid"])


def tag_with(wecom: WeCom, *userids: str, departments: tuple[int, ...] = (), name: str = "店长") -> int:
    tagid = new_tag(wecom, name)
    reply = wecom.post("tag/addtagusers", tagid=tagid, userlist=list(userids), partylist=list(departments))
    assert reply == {"errcode": 0, "errmsg": "ok"}
    return tagid


def who_is_in(wecom: WeCom, tagid: int) -> tuple[list[str], list[int]]:
    reply = wecom.get("tag/get", tagid=tagid)
    assert reply["errcode"] == 0, reply
    return [one["userid"] for one in reply["userlist"]], reply["partylist"]
