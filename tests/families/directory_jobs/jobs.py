"""Corps whose clock stands still, so that jobs run when a test moves it."""

from typing import Any

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.uploads import upload

MEMBERS = (
    "姓名,帐号,手机号,邮箱,所在部门,职位,性别,是否部门内领导,排序,别名,地址,座机,禁用,"
    "禁用项说明：(0-启用;1-禁用)"
)
DEPARTMENTS = "部门名称,部门ID,父部门ID,排序"


class Directory:
    """A corp with the 通讯录同步 secret, and an app that sees everything."""

    def __init__(self, server: RunningServer, **wanted: Any) -> None:
        self.server = server
        server.sim.post("/clock", json={"freeze": True})
        self.corp: Corp = server.make_corp(**wanted)
        self.sync: WeCom = self.corp.client(self.corp.app_of_kind("contacts_sync"))
        self.app: WeCom = self.corp.client()

    def pass_time(self, seconds: int = 60) -> None:
        self.server.sim.post("/clock", json={"advance_seconds": seconds}).raise_for_status()

    def uploaded(self, text: str | bytes, name: str = "表.csv") -> str:
        content = text if isinstance(text, bytes) else text.encode()
        answer = upload(self.sync, "media/upload", (name, content), type="file")
        assert answer["errcode"] == 0, answer
        return str(answer["media_id"])

    def submit(self, operation: str, *lines: str, **fields: Any) -> str:
        """The jobid of an import of these lines of CSV."""
        media_id = self.uploaded("\n".join(lines) + "\n")
        answer = self.sync.post(f"batch/{operation}", media_id=media_id, **fields)
        assert answer["errcode"] == 0, answer
        return str(answer["jobid"])

    def result(self, jobid: str) -> dict[str, Any]:
        return self.sync.get("batch/getresult", jobid=jobid)

    def imported(self, operation: str, *lines: str) -> dict[str, Any]:
        """The result of an import that has ended."""
        jobid = self.submit(operation, *lines)
        self.pass_time()
        return self.result(jobid)

    def rows(self, operation: str, *lines: str) -> list[tuple[Any, ...]]:
        """What came of each row: userid and errcode, or partyid, action and errcode."""
        answer = self.imported(operation, *lines)
        assert (answer["errcode"], answer["status"]) == (0, 3), answer
        names = ("partyid", "action", "errcode") if "party" in operation else ("userid", "errcode")
        return [tuple(row[name] for name in names) for row in answer["result"]]

    def members(self) -> set[str]:
        return {row["userid"] for row in self.sync.post("user/list_id")["dept_user"]}

    def departments(self) -> dict[int, tuple[str, int]]:
        """Name and parent by id."""
        listed = self.app.get("department/list")["department"]
        return {one["id"]: (one["name"], one["parentid"]) for one in listed}

    def raised(self, event: str) -> list[str]:
        """The XML of what was raised, oldest first."""
        return [one["xml"] for one in self.corp.sim("callbacks", event=event, limit=1000)["callbacks"]]
