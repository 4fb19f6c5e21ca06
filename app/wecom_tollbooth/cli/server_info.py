"""The running server itself: `tollbooth health`, `clock` and `operations`."""

import re
from enum import StrEnum
from typing import Annotated, Any

import typer

from wecom_tollbooth.billing.renderers.wording import NO_PRICE
from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import AsJson, Remote, Url
from wecom_tollbooth.cli.tables import console, print_json, table

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


class Action(StrEnum):
    SHOW = "show"
    ADVANCE = "advance"
    SET = "set"
    FREEZE = "freeze"
    RUN = "run"
    FOLLOW_SERVER = "follow"


def add_to(app: typer.Typer) -> None:
    app.command("clock")(clock)
    app.command("operations")(operations)
    app.command("health")(health)


def health(
    ready: Annotated[
        bool,
        typer.Option("--ready", help="同时检查数据库能否读写 Also check that the database reads and writes"),
    ] = False,
    url: Url = None,
) -> None:
    """检查服务是否在运行。Check that the server answers."""
    remote = Remote(url)
    reply = remote.get("/ready" if ready else "/health")
    print(f"{reply['status']}  {remote.url}  {reply['version']}")


def clock(
    action: Annotated[
        Action,
        typer.Argument(
            help="查看、快进、设置、冻结、恢复运行；follow 让企业重新跟随服务 "
            "Show, advance, set, freeze, run; follow: the corp goes by the server's clock again"
        ),
    ] = Action.SHOW,
    time: Annotated[
        str | None,
        typer.Argument(help="advance: 90, 30m, 2h, 1d12h; set: Unix 秒 seconds, 2026-08-01T09:00:00+08:00"),
    ] = None,
    corp: Annotated[
        str | None,
        typer.Option("--corp", help="这个企业自己的时钟，默认服务的时钟 The clock of this corp, by corpid"),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """查看、快进或冻结服务或企业的时钟。Show, advance or freeze the server's clock or a corp's."""
    if (time is None) is (action in (Action.ADVANCE, Action.SET)):
        raise CommandError(
            f"clock {action}: {'give a time' if time is None else 'leave the time out'}; see clock --help", 2
        )
    if action is Action.FOLLOW_SERVER and corp is None:
        raise CommandError("clock follow: give the corp that is to follow the server, --corp ww…", 2)
    path = "/clock" if corp is None else f"/corps/{corp}/clock"
    if action is Action.SHOW:
        reply = Remote(url).get(path)
    else:
        reply = Remote(url).post(path, _move(action, time or ""))
    if as_json:
        print_json(reply)
        return
    frozen = "已冻结 frozen" if reply["frozen"] else "运行中 running"
    follows = "  跟随服务 follows the server" if reply.get("follows_server") else ""
    print(f"{reply['iso']}  {reply['now']}  {frozen}{follows}")


def _move(action: Action, time: str) -> dict[str, Any]:
    if action is Action.ADVANCE:
        return {"advance_seconds": seconds_of(time)}
    if action is Action.FOLLOW_SERVER:
        return {"follow_server": True}
    return {"set": time} if action is Action.SET else {"freeze": action is Action.FREEZE}


def seconds_of(text: str) -> int:
    """The seconds of 90, 30m, 2h or 1d12h. Raises CommandError for anything else."""
    if text.isdecimal():
        return int(text)
    if not re.fullmatch(r"(\d+[smhdw])+", text):
        raise CommandError(f"{text!r} is not a duration; write 90, 30m, 2h or 1d12h", 2)
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)([smhdw])", text))


def operations(
    find: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="路径、名称或类别的一部分 Part of a path, title or family")
    ] = "",
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """列出接口、价格与文档。List operations with their prices and documentation pages."""
    reply = Remote(url).get("/operations")
    searched = ("path", "title", "family", "family_title_zh", "family_title_en", "meter")
    found = [
        operation
        for operation in reply["operations"]
        if any(find.lower() in str(operation[key]).lower() for key in searched)
    ]
    if as_json:
        return print_json({"operations": found})
    rows = table(
        "接口 Operation", "名称 Title", "计量 Meter", "单价 Price", "文档 Doc", right=("单价 Price",)
    )
    for operation in found:
        rows.add_row(
            f"{operation['method']} {operation['path']}",
            operation["title"],
            operation["meter"],
            _price(operation),
            operation["doc"].rpartition("/")[2],
        )
    return console().print(rows)


def _price(operation: dict[str, Any]) -> str:
    """The price of a call, or the model where calls differ in price."""
    if operation["price"] and not operation["priced"]:
        return NO_PRICE
    return str(operation["price"] or operation["price_model"] or "")
