"""A corp on a frozen clock that makes and publishes moments."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Corp, Databases, RunningServer, WeCom
from tests.families.factories import act, follow, insert, new_contact, new_member
from tests.families.uploads import mp4, png, upload
from wecom_tollbooth.families.directory.tables import Department
from wecom_tollbooth.families.phones.tables import PHONE_ITEM, PHONE_MESSAGE
from wecom_tollbooth.settings import Settings

ADD = "externalcontact/add_moment_task"
RESULT = "externalcontact/get_moment_task_result"
LIST = "externalcontact/get_moment_list"
CANCEL = "externalcontact/cancel_moment_task"
TASKS = "externalcontact/get_moment_task"
RANGE = "externalcontact/get_moment_customer_list"
SENT = "externalcontact/get_moment_send_result"
COMMENTS = "externalcontact/get_moment_comments"
HELLO = {"content": "新茶到店"}


CUSTOMERS = ["wmA", "wmB", "wmC", "wmD"]
"""Of zhangsan; lisi follows the first."""
FOLLOWERS = ["admin", "lisi", "wangwu", "zhangsan"]
"""Who may have customers; wangwu is in department 2."""


class Shop:
    """A corp on a server with a frozen clock."""

    def __init__(self, corp: Corp) -> None:
        self.corp = corp
        self.sim = corp.server.sim

    @property
    def wecom(self) -> WeCom:
        """A caller with a token valid at the current clock."""
        return self.corp.client()

    @property
    def now(self) -> int:
        return int(self.sim.get("/clock").json()["now"])

    def wait(self, seconds: int) -> None:
        assert self.sim.post("/clock", json={"advance_seconds": seconds}).status_code == 200

    def image(self) -> dict[str, Any]:
        return {"msgtype": "image", "image": {"media_id": self.upload("image", png())}}

    def video(self) -> dict[str, Any]:
        return {"msgtype": "video", "video": {"media_id": self.upload("video", mp4())}}

    def link(self) -> dict[str, Any]:
        cover = self.upload("image", png())
        return {
            "msgtype": "link",
            "link": {"title": "茶单", "url": "https://example.com", "media_id": cover},
        }

    def upload(self, media_type: str, content: bytes, attachment_type: int = 1) -> str:
        """The media_id of a new file, of moments unless the type says otherwise."""
        operation = "media/upload_attachment"
        given: dict[str, Any] = {"media_type": media_type, "attachment_type": attachment_type}
        reply = upload(self.wecom, operation, ("附件.bin", content), **given)
        assert reply["errcode"] == 0, reply
        return str(reply["media_id"])

    def add(self, wecom: WeCom | None = None, **fields: Any) -> str:
        """Has a moment made and returns the jobid."""
        reply = (wecom or self.wecom).post(ADD, {"text": HELLO, **fields})
        assert reply["errcode"] == 0, reply
        return str(reply["jobid"])

    def result(self, jobid: str) -> dict[str, Any]:
        reply = self.wecom.get(RESULT, jobid=jobid)
        assert reply["errcode"] == 0, reply
        return reply

    def make(self, wecom: WeCom | None = None, **fields: Any) -> str:
        """Has a moment made, waits until its job is done and returns the moment_id."""
        jobid = self.add(wecom, **fields)
        self.wait(2)
        result = self.result(jobid)["result"]
        assert result["errcode"] == 0, result
        return str(result["moment_id"])

    def publish(self, moment_id: str, userid: str = "zhangsan") -> None:
        act(self.corp, "member_publishes_moment", userid=userid, moment_id=moment_id)

    def published(self, **fields: Any) -> str:
        """The moment_id of a moment that zhangsan has published."""
        moment_id = self.make(**fields)
        self.publish(moment_id)
        return moment_id

    def listed(self, wecom: WeCom | None = None, **fields: Any) -> dict[str, Any]:
        span = {"start_time": self.now - 1000, "end_time": self.now + 1000}
        return (wecom or self.wecom).post(LIST, {**span, **fields})

    def sent(self, moment_id: str, userid: str = "zhangsan", operation: str = SENT) -> list[str]:
        reply = self.wecom.post(operation, moment_id=moment_id, userid=userid)
        assert reply["errcode"] == 0, reply
        return [row["external_userid"] for row in reply["customer_list"]]

    def tasks(self, moment_id: str, wecom: WeCom | None = None) -> list[tuple[str, int]]:
        reply = (wecom or self.wecom).post(TASKS, moment_id=moment_id)
        assert reply["errcode"] == 0, reply
        return [(row["userid"], row["publish_status"]) for row in reply["task_list"]]

    def phone(self, person: str) -> list[tuple[str, str, str, dict[str, Any]]]:
        """What the person's phone shows of moments: kind, sender, state and body, oldest first."""
        with self.corp.server.server.database.transaction() as tx:
            query = (
                PHONE_ITEM.join(
                    PHONE_MESSAGE,
                    (PHONE_MESSAGE.c.corp_id == PHONE_ITEM.c.corp_id)
                    & (PHONE_MESSAGE.c.id == PHONE_ITEM.c.message_id),
                )
                .select()
                .with_only_columns(
                    PHONE_MESSAGE.c.kind, PHONE_MESSAGE.c.sender, PHONE_ITEM.c.state, PHONE_MESSAGE.c.body
                )
                .where(PHONE_ITEM.c.corp_id == self.corp.corpid, PHONE_ITEM.c.person == person)
                .where(PHONE_MESSAGE.c.kind.like("moment%"))
                .order_by(PHONE_ITEM.c.id)
            )
            return [tuple(row) for row in tx.execute(query)]

    def tag(self, customer: str, userid: str = "zhangsan", name: str = "常客") -> str:
        """Marks the customer with a new corp tag and returns the tag."""
        group = self.wecom.post("externalcontact/add_corp_tag", group_name=name, tag=[{"name": name}])
        tag_id = str(group["tag_group"]["tag"][0]["id"])
        self.mark(customer, tag_id, userid)
        return tag_id

    def mark(self, customer: str, tag_id: str, userid: str = "zhangsan") -> None:
        marked = self.wecom.post(
            "externalcontact/mark_tag", userid=userid, external_userid=customer, add_tag=[tag_id]
        )
        assert marked["errcode"] == 0, marked


@pytest.fixture(scope="module")
def frozen(databases: Databases) -> Iterator[RunningServer]:
    """A server whose clock only the tests of the module move."""
    running = RunningServer(Settings(database_url=databases.new_url()))
    running.sim.post("/clock", json={"freeze": True})
    yield running
    running.stop()


@pytest.fixture
def shop(frozen: RunningServer) -> Shop:
    corp = frozen.make_corp()
    insert(corp, Department(corp_id=corp.corpid, id=2, name="门店", parentid=1, sort_order=0))
    for userid in ("zhangsan", "lisi"):
        new_member(corp, userid)
    new_member(corp, "wangwu", department=2)
    new_member(corp, "visitor", may_follow=False)
    for seq, customer in enumerate(CUSTOMERS):
        follow(corp, new_contact(corp, customer), seq=seq + 1)
    follow(corp, CUSTOMERS[0], "lisi", seq=1)
    return Shop(corp)
