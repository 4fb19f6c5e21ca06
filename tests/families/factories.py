"""Acts, members, customers and relations for the tests of all families."""

from typing import Any

from sqlmodel import SQLModel

from tests.conftest import Corp, WeCom
from wecom_tollbooth.families.directory.tables import Member, MemberDepartment
from wecom_tollbooth.families.relations.tables import ExternalContact, FollowUser

LIST = "externalcontact/list"
GET = "externalcontact/get"
BATCH = "externalcontact/batch/get_by_user"
NOW = 1_790_000_000


def insert(corp: Corp, *rows: SQLModel) -> None:
    with corp.server.server.database.transaction() as tx:
        tx.session.add_all(rows)


def act(corp: Corp, name: str, /, **fields: Any) -> dict[str, Any]:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def act_error(corp: Corp, name: str, /, **fields: Any) -> str:
    """Returns the error of an act, which must be refused with 422."""
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 422, answer.text
    return str(answer.json()["error"])


def new_member(corp: Corp, userid: str, *, department: int = 1, may_follow: bool = True) -> str:
    insert(
        corp,
        Member(
            corp_id=corp.corpid,
            userid=userid,
            userid_key=userid.lower(),
            name=userid,
            main_department=department,
            may_follow=may_follow,
            created_at=NOW,
        ),
        MemberDepartment(corp_id=corp.corpid, userid=userid, department_id=department, position=0),
    )
    return userid


def new_contact(corp: Corp, external_userid: str, **fields: Any) -> str:
    values = {"name": "李四", "type": 1, "created_at": NOW, **fields}
    insert(corp, ExternalContact(corp_id=corp.corpid, external_userid=external_userid, **values))
    return external_userid


def follow(
    corp: Corp, external_userid: str, userid: str = "zhangsan", *, seq: int = 1, **fields: Any
) -> None:
    insert(
        corp,
        FollowUser(
            corp_id=corp.corpid,
            external_userid=external_userid,
            userid=userid,
            seq=seq,
            createtime=fields.pop("createtime", NOW),
            **fields,
        ),
    )


def customers_of(wecom: WeCom, userid: str = "zhangsan") -> list[str]:
    return list(wecom.get(LIST, userid=userid)["external_userid"])


def a_customer_of_one(wecom: WeCom, userid: str = "zhangsan") -> str:
    """A customer whom only this member follows."""
    return next(
        customer
        for customer in customers_of(wecom, userid)
        if len(wecom.get(GET, external_userid=customer)["follow_user"]) == 1
    )


def seen_by(corp: Corp, **visible: Any) -> WeCom:
    return corp.client(corp.new_app(visible=visible))


def all_pages(wecom: WeCom, userids: list[str], **fields: Any) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = wecom.post(BATCH, userid_list=userids, cursor=cursor, **fields)
        assert page["errcode"] == 0, page
        entries += page["external_contact_list"]
        cursor = page["next_cursor"]
        if not cursor:
            return entries


def pairs(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (entry["follow_info"]["userid"], entry["external_contact"]["external_userid"]) for entry in entries
    ]
