"""Creating corp tags, tagging customers, and reading the library."""

from typing import Any

import sqlalchemy as sa

from tests.conftest import WeCom
from tests.families.factories import insert
from wecom_tollbooth.db import table_of
from wecom_tollbooth.families.tag_library.tables import Tag, TagGroup

TAG_LIST = "externalcontact/get_corp_tag_list"
ADD = "externalcontact/add_corp_tag"
EDIT = "externalcontact/edit_corp_tag"
DELETE = "externalcontact/del_corp_tag"
MARK = "externalcontact/mark_tag"
GET = "externalcontact/get"


def add(wecom: WeCom, group_name: str, *names: str, **fields: Any) -> dict[str, Any]:
    """Creates tags; returns the group with the new ones."""
    reply = wecom.post(ADD, group_name=group_name, tag=[{"name": name} for name in names], **fields)
    assert reply["errcode"] == 0, reply
    return dict(reply["tag_group"])


def ids(group: dict[str, Any]) -> list[str]:
    return [tag["id"] for tag in group["tag"]]


def library(wecom: WeCom, **fields: Any) -> dict[str, list[str]]:
    """Returns what get_corp_tag_list shows: tag names by group name."""
    reply = wecom.post(TAG_LIST, **fields)
    assert reply["errcode"] == 0, reply
    return {group["group_name"]: [tag["name"] for tag in group["tag"]] for group in reply["tag_group"]}


def tags_of(wecom: WeCom, customer: str = "wmA", userid: str = "zhangsan") -> list[str]:
    followers = wecom.get(GET, external_userid=customer)["follow_user"]
    (follower,) = [follower for follower in followers if follower["userid"] == userid]
    return [tag["tag_id"] for tag in follower["tags"]]


def mark(wecom: WeCom, customer: str = "wmA", userid: str = "zhangsan", **fields: Any) -> int:
    return int(wecom.post(MARK, userid=userid, external_userid=customer, **fields)["errcode"])


def many_tags(wecom: WeCom, count: int, group_id: str = "etMany") -> None:
    corp_id = wecom.corp.corpid
    table = table_of(Tag)
    insert(
        wecom.corp,
        TagGroup(corp_id=corp_id, group_id=group_id, name=group_id, create_time=1, created_by=0),
    )
    rows = [
        {
            "corp_id": corp_id,
            "tag_id": f"{group_id}{number}",
            "group_id": group_id,
            "strategy_id": 0,
            "name": f"{number}",
            "create_time": 1,
            "sort_order": 0,
            "created_by": 0,
        }
        for number in range(count)
    ]
    with wecom.corp.server.server.database.transaction() as tx:
        tx.execute(sa.insert(table), rows)
