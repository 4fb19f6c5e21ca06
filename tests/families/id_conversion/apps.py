"""Acts and calls for the tests of id conversion."""

from collections.abc import Callable
from typing import Any

from tests.conftest import Corp, RunningServer, WeCom

StartServer = Callable[..., RunningServer]
NEW_ID = "externalcontact/get_new_external_userid"
FINISH = "service/externalcontact/finish_external_userid_migration"
OF_SUITE = "service/externalcontact/unionid_to_external_userid_3rd"
CONVERT_UNIONID = "idconvert/unionid_to_external_userid"


def act(corp: Corp | str, name: str, server: RunningServer, **fields: Any) -> dict[str, Any]:
    corpid = corp if isinstance(corp, str) else corp.corpid
    answer = server.sim.post(f"/corps/{corpid}/acts", json={"act": name, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def add(corp: Corp, userid: str = "zhangsan", **person: Any) -> str:
    done = act(corp, "member_adds_customer", corp.server, userid=userid, **person)
    return str(done["external_userid"])


def login(corp: Corp, subject: str | None = None, **person: Any) -> dict[str, str]:
    """unionid and openid of a person who logs in to the mini-program of the corp, or of `subject`."""
    done = act(subject or corp, "person_opens_mini_program", corp.server, **person)
    return {"unionid": done["unionid"], "openid": done["openid"]}


def new_id(app: WeCom, external_userid: str) -> str:
    (item,) = app.post(NEW_ID, external_userid_list=[external_userid])["items"]
    return str(item["new_external_userid"])
