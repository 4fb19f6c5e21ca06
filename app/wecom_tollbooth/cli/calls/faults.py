"""Planned faults of a corp: `tollbooth faults plan`, `list`, `clear`."""

import json
from typing import Annotated, Any

import typer

from wecom_tollbooth.cli.corps import CorpId
from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import AsJson, Remote, Url
from wecom_tollbooth.cli.tables import console, print_json, table, text_of

TEXTS = ("errmsg", "body", "disconnect", "rate_limit")
"""What of a fault is a text; everything else is JSON."""


def add_to(app: typer.Typer) -> None:
    faults = typer.Typer(
        no_args_is_help=True,
        help="计划、列出、删除故障。Plan, list and delete faults.",
    )
    faults.command("plan")(plan)
    faults.command("list")(list_faults)
    faults.command("clear")(clear)
    app.add_typer(faults, name="faults")


def plan(
    corpid: CorpId,
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="接口名、* 或 callback Name of an operation, * for all, or callback, such as "
            "callback/add_external_contact",
        ),
    ],
    then: Annotated[
        list[str],
        typer.Argument(
            metavar="FIELD=VALUE...",
            help="效果 The effect: errcode=-1, http_status=502 body=…, delay_ms=3000, disconnect=before, "
            "expire_token=true, rate_limit=minute, drop=true, duplicate=1",
        ),
    ],
    times: Annotated[
        int | None, typer.Option(min=1, help="触发次数，默认直到删除 How often [default: until deleted]")
    ] = None,
    skip: Annotated[int, typer.Option(min=0, help="先放过的次数 Calls that it lets pass first")] = 0,
    probability: Annotated[float, typer.Option(min=0, max=1, help="触发概率 How likely it fires")] = 1.0,
    agentid: Annotated[int | None, typer.Option(help="仅此应用 Of this app alone")] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """计划一个故障。Plan a fault.

    tollbooth faults plan CORPID externalcontact/get errcode=-1 delay_ms=3000 --times 3

    delay_ms 也可以是分布 delay_ms may be a distribution: 'delay_ms={"median": 80, "p99": 900}'
    """
    body = {
        "path": path,
        "then": _fields(then),
        "times": times,
        "skip": skip,
        "probability": probability,
        "agentid": agentid,
    }
    reply = Remote(url).post(f"/corps/{corpid}/faults", body)
    _print([reply], reply, as_json)


def list_faults(corpid: CorpId, as_json: AsJson = False, url: Url = None) -> None:
    """列出故障与触发次数。List the faults and how often each has fired."""
    reply = Remote(url).get(f"/corps/{corpid}/faults")
    _print(reply["faults"], reply, as_json)


def clear(
    corpid: CorpId,
    fault: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="只删除这一个 Only this one [default: all]")
    ] = None,
    url: Url = None,
) -> None:
    """删除故障。Delete one fault, or all."""
    path = f"/corps/{corpid}/faults" + ("" if fault is None else f"/{fault}")
    deleted = Remote(url).delete(path)["deleted"]
    print(f"已删除 Deleted {len(deleted)}: {', '.join(map(str, deleted))}".rstrip(" :"))


def _fields(words: list[str]) -> dict[str, Any]:
    """The effect of FIELD=VALUE words. Raises CommandError for a word of another form."""
    fields: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise CommandError(f"{word!r} is not FIELD=VALUE", 2)
        if name in fields:
            raise CommandError(f"{name} is given twice", 2)
        try:
            fields[name] = value if name in TEXTS else json.loads(value)
        except ValueError:
            fields[name] = value  # the server says what it expects
    return fields


def _print(faults: list[dict[str, Any]], reply: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(reply)
        return
    from rich.markup import escape

    columns = ("id", "接口 Path", "效果 Then", "次数 Times", "放过 Skip", "已触发 Fired")
    rows = table(*columns, right=("id", "已触发 Fired"))
    for fault in faults:
        then = " ".join(f"{name}={text_of(value)}" for name, value in fault["then"].items())
        times = "∞" if fault["times"] is None else str(fault["times"])
        path = fault["path"] if fault["agentid"] is None else f"{fault['path']} ({fault['agentid']})"
        cells = (str(fault["id"]), path, then, times, str(fault["skip"]), str(fault["fired"]))
        rows.add_row(*map(escape, cells))
    console().print(rows)
