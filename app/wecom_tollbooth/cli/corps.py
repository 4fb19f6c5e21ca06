"""Corps of a running server: `tollbooth corp create`, `list`, `show`, `delete`, and `tollbooth seed`."""

from base64 import b64encode
from pathlib import Path
from typing import Annotated, Any

import typer

from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import AsJson, Remote, Url
from wecom_tollbooth.cli.tables import console, print_json, printable, shanghai, table

Name = Annotated[str, typer.Option(help="企业名称 Name of the corp")]
Members = Annotated[int, typer.Option(min=1, max=20_000, help="成员数 Members, with the seed demo")]
Customers = Annotated[int, typer.Option(min=0, max=1_000_000, help="客户数 Customers, with the seed demo")]
FollowUps = Annotated[
    int, typer.Option(min=0, max=1_000_000, help="跟进数 Follow-up records, with the seed demo")
]
CorpId = Annotated[str, typer.Argument(metavar="CORPID", help="企业 corpid; tollbooth corp list")]
Month = Annotated[
    str | None, typer.Option(metavar="YYYY-MM", help="月份，默认模拟时钟的本月 Month [default: this month]")
]


SEEDED = {"customers": "客户 customers", "follow_ups": "跟进 follow-ups"}
STEPS, FIRST_STEP = 5, 5_000
"""A seed's steps at most, and customers or records of the first one at most."""


NAMED_SEEDS = ("empty", "demo", "scrm-400", "big", "edge")
"""As seeds/named.py has them, which a command that talks to a server doesn't import."""
EXPORTED = ".tollbooth"
"""How the name of an exported corp ends."""


corp_commands = typer.Typer(
    no_args_is_help=True, help="新建、列出、查看、删除企业。Create, list, show and delete corps."
)
"""The commands of `tollbooth corp`, some of which snapshots.py adds."""


def add_to(app: typer.Typer) -> None:
    corp_commands.command("create")(create)
    corp_commands.command("list")(list_corps)
    corp_commands.command("show")(show)
    corp_commands.command("delete")(delete)
    app.add_typer(corp_commands, name="corp")
    app.command("seed")(seed)


def create(
    name: Annotated[str | None, typer.Option(help="企业名称 Name of the corp")] = None,
    seed: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="初始数据：empty、demo、scrm-400、big、edge，种子文件或导出的企业 "
            "A name, a seed file or an exported corp",
            autocompletion=lambda: list(NAMED_SEEDS),
        ),
    ] = "empty",
    members: Annotated[int | None, typer.Option(min=1, max=20_000, help="成员数 Members")] = None,
    customers: Annotated[int | None, typer.Option(min=0, max=1_000_000, help="客户数 Customers")] = None,
    key: Annotated[
        str | None, typer.Option(help="键，同一个键每次得到相同的 ID Key: the same ids each time")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """新建企业，列出应用与密钥。Create a corp and show its apps and secrets."""
    wanted = {"name": name, "seed": read_seed(seed), "members": members, "customers": customers, "key": key}
    given = {field: value for field, value in wanted.items() if value is not None}
    print_corp(Remote(url).post("/corps", given), as_json)


def read_seed(seed: str) -> str | dict[str, str]:
    """What `seed` of POST /_sim/corps takes: a seed's name, or what a seed file or an exported corp holds."""
    if seed in NAMED_SEEDS:
        return seed
    try:
        content = Path(seed).read_bytes()
        if seed.endswith(EXPORTED):
            return {"export": b64encode(content).decode()}
        return {"file": content.decode()}
    except FileNotFoundError:
        names = ", ".join(NAMED_SEEDS)
        raise CommandError(f"--seed: {seed!r} is no file, and none of the seeds {names}", 2) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--seed: {seed}: {error}", 2) from None


def seed(
    name: Name = "演示企业",
    members: Members = 5,
    customers: Customers = 400,
    follow_ups: FollowUps = 0,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """新建带数据的演示企业。Create a demo corp with members, customers and follow-ups."""
    remote = Remote(url)
    corp = remote.post("/corps", {"name": name, "seed": "demo", "members": members, "customers": 0})
    fill(remote, corp["corpid"], customers=customers, follow_ups=follow_ups)
    print_corp(corp, as_json)


def fill(remote: Remote, corpid: str, **wanted: int) -> None:
    """Seeds that many `customers` and `follow_ups`, with a progress bar where stderr is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown_on = Console(stderr=True)
    with Progress(*columns, console=shown_on, disable=not shown_on.is_terminal) as bar:
        for what, count in wanted.items():
            task = bar.add_task(SEEDED[what], total=count)
            for step in steps(count):
                remote.post(f"/corps/{corpid}/seed", {what: step})
                bar.advance(task, step)


def steps(count: int) -> list[int]:
    """Splits `count` into steps, each at least as large as all before it together.

    The larger a step, the less often it visits each page of the tables; and a step that at least doubles the
    rows can rebuild the indexes.
    """
    later: list[int] = []
    while count > FIRST_STEP and len(later) < STEPS - 1:
        later.append(count - count // 2)
        count //= 2
    return [count, *reversed(later)] if count else []


def list_corps(as_json: AsJson = False, url: Url = None) -> None:
    """列出企业。List corps, oldest first."""
    reply = Remote(url).get("/corps")
    if as_json:
        return print_json(reply)
    rows = table("corpid", "名称 Name", "创建于 Created at")
    for corp in reply["corps"]:
        rows.add_row(corp["corpid"], corp["name"], shanghai(corp["created_at"]))
    return console().print(rows)


def show(corpid: CorpId, as_json: AsJson = False, url: Url = None) -> None:
    """查看企业的应用与密钥。Show a corp's apps and secrets."""
    print_corp(Remote(url).get(f"/corps/{corpid}"), as_json)


def delete(
    corpid: CorpId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再确认 Don't ask for confirmation")] = False,
    url: Url = None,
) -> None:
    """删除企业及其数据，账本保留。Delete a corp and its data; its ledger is kept."""
    remote = Remote(url)
    name = printable(remote.get(f"/corps/{corpid}")["name"])
    if not yes:
        typer.confirm(f"删除 Delete {corpid} {name}?", abort=True)
    remote.delete(f"/corps/{corpid}")
    print(f"已删除 Deleted {corpid} {name}")


def print_corp(corp: dict[str, Any], as_json: bool) -> None:
    """The corp with its apps, as a table or as JSON."""
    if as_json:
        print_json(corp)
        return
    rows = table("agentid", "应用 App", "类型 Kind", "secret", title=f"{corp['corpid']}  {corp['name']}")
    for app in corp["apps"]:
        rows.add_row(str(app["agentid"]), app["name"], app["kind"], app["secret"])
    console().print(rows)
