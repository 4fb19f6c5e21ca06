"""Pages that are open in members' clients: opening one, and answering what it calls."""

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
import sqlalchemy as sa

from wecom_tollbooth.client.functions import FUNCTIONS, rights
from wecom_tollbooth.client.functions.contexts import OF_A_CUSTOMER, OF_A_GROUP
from wecom_tollbooth.client.functions.identity import refuse_foreign_signature
from wecom_tollbooth.client.functions.registry import Asks, Failed, Invocation
from wecom_tollbooth.client.problems import Problem
from wecom_tollbooth.client.tables import WEBVIEW, WEBVIEW_CALL, Webview, WebviewCall
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.directory.tables import ACTIVE
from wecom_tollbooth.families.group_chats.lookup import the_group
from wecom_tollbooth.families.group_chats.membership import present_in
from wecom_tollbooth.families.relations.lifecycle import the_relation
from wecom_tollbooth.world.acts import Act, ActRefused

Device = Literal["desktop", "mobile"]
WEBVIEWS_KEPT, CALLS_KEPT = 200, 1000
"""The latest of a corp; older ones are deleted as new ones come."""
LOGGED_BYTES = 20_000


@dataclass
class Answer:
    """`reply` is None while the member is asked."""

    reply: dict[str, Any] | None
    problems: list[Problem] = field(default_factory=list)
    then: dict[str, Any] = field(default_factory=dict)
    asks: dict[str, Any] | None = None
    id: int | None = None


def open_webview(
    act: Act, userid: str, device: Device, entry: str, external_userid: str | None, chat_id: str | None
) -> Webview:
    """A page is loaded in the member's client. Raises ActRefused if it can't be opened there."""
    member = the_member(act, userid)
    if member.status != ACTIVE:
        raise ActRefused(f"{member.userid} is not active or was disabled")
    if external_userid is not None and chat_id is not None:
        raise ActRefused("a chat is with external_userid or with chat_id, not with both")
    if entry in OF_A_CUSTOMER and external_userid is None:
        raise ActRefused(f"the entry {entry} needs external_userid")
    if entry in OF_A_GROUP and chat_id is None:
        raise ActRefused(f"the entry {entry} needs chat_id")
    if entry == "chat_attachment" and external_userid is None and chat_id is None:
        raise ActRefused("the entry chat_attachment needs external_userid or chat_id")
    if external_userid is not None:
        the_relation(act, member.userid, external_userid)
    if chat_id is not None:
        the_group(act, chat_id, lock=False)
        if not present_in(act.db, act.corp_id, chat_id, [member.userid]):
            raise ActRefused(f"{member.userid} is not in the group {chat_id}")
    webview = Webview(
        corp_id=act.corp_id,
        id=act.next_id(),
        userid=member.userid,
        device=device,
        entry=entry,
        external_userid=external_userid,
        chat_id=chat_id,
        opened_at=act.now,
    )
    act.db.session.add(webview)
    act.db.flush()
    _keep_latest(act, WEBVIEW, WEBVIEWS_KEPT)
    return webview


def run_call(call: Invocation, name: str) -> Answer:
    """Answers the call and notes it; one that only asks the member is not noted."""
    answer = _answer(call, name)
    if answer.reply is not None:
        _note(call, name, answer)
    return answer


def _answer(call: Invocation, name: str) -> Answer:
    function = FUNCTIONS.find(name)
    if function is None:
        problem = Problem(
            "call", f"模拟的客户端没有 {name[:80]}", f"the simulated client doesn't have {name[:80]}"
        )
        return Answer({"err_msg": f"{name}:function not exist"}, [problem])
    try:
        if function.identity != "none":
            refuse_foreign_signature(call)
        rights.refuse(call, function)
        data = function.handler(call)
    except Asks as asks:
        return Answer(None, asks=asks.question)
    except Failed as failed:
        problems = [*failed.problems, *call.notes]
        return Answer({"err_msg": f"{name}:{failed.reason}", **failed.data}, problems)
    except ActRefused as refusal:
        problem = Problem("call", f"无法执行：{refusal}", str(refusal))
        return Answer({"err_msg": f"{name}:fail"}, [problem, *call.notes])
    return Answer({"err_msg": f"{name}:ok", **data}, call.notes, call.then)


def _note(call: Invocation, name: str, answer: Answer) -> None:
    act = call.act
    row = WebviewCall(
        corp_id=act.corp_id,
        id=act.next_id(),
        webview=call.webview.id,
        userid=call.userid,
        at=act.now,
        name=name,
        url=call.address,
        params=_kept(call.params),
        reply=answer.reply or {},
        problems=[[problem.part, problem.chinese, problem.english] for problem in answer.problems],
    )
    answer.id = row.id
    act.db.session.add(row)
    act.db.session.add(call.webview)
    act.db.flush()
    _keep_latest(act, WEBVIEW_CALL, CALLS_KEPT)


def _kept(params: dict[str, Any]) -> dict[str, Any]:
    """What the log keeps of the parameters: all of them, unless they are very long."""
    length = len(orjson.dumps(params))
    return params if length <= LOGGED_BYTES else {"left_out": f"{length} bytes"}


def _keep_latest(act: Act, table: sa.Table, kept: int) -> None:
    of_corp = table.c.corp_id == act.corp_id
    newest_over = (
        sa.select(table.c.id)
        .where(of_corp)
        .order_by(table.c.id.desc())
        .limit(1)
        .offset(kept)
        .scalar_subquery()
    )
    act.db.execute(sa.delete(table).where(of_corp, table.c.id <= newest_over))
