"""`tollbooth budget`: show, set, pay and delete the budget of a corp."""

from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from wecom_tollbooth.cli.corps import CorpId
from wecom_tollbooth.cli.remote import AsJson, Remote, Url
from wecom_tollbooth.cli.tables import console, print_json, table


class Barrier(StrEnum):
    SOFT = "soft"
    HARD = "hard"


class OfACorp(TyperGroup):
    """Takes `budget CORPID` for `budget of CORPID`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        named = args[0] in self.commands
        return super().resolve_command(ctx, args if named else ["of", *args])


def add_to(app: typer.Typer) -> None:
    budget = typer.Typer(
        cls=OfACorp,
        no_args_is_help=True,
        help="查看和设置每月预算，付款。Show, set and pay the monthly budget: budget CORPID.",
    )
    budget.command("of")(of)
    budget.command("pay")(pay)
    budget.command("delete")(delete)
    app.add_typer(budget, name="budget")


def of(
    corpid: CorpId,
    amount: Annotated[
        str | None, typer.Option(metavar="YUAN", help="每月预算，如 100.00 Budget of a month, such as 100.00")
    ] = None,
    alert: Annotated[
        list[int] | None,
        typer.Option(
            metavar="PERCENT", help="用到百分之几时提醒，可多次 Alert at this percentage; repeatable"
        ),
    ] = None,
    barrier: Annotated[
        Barrier | None, typer.Option(help="soft 只提醒 alerts only；hard 用完即拦截调用 blocks calls at 100%")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """查看预算；给出选项则设置。Show the budget; with an option, set it."""
    remote, path = Remote(url), f"/corps/{corpid}/budget"
    if amount is None and alert is None and barrier is None:
        return _print(remote.get(path), as_json)
    before = {} if amount is not None else remote.get(path)
    wanted: dict[str, Any] = {key: before[key] for key in ("amount", "alerts", "barrier") if before}
    given = {"amount": amount, "alerts": alert, "barrier": barrier and barrier.value}
    wanted |= {key: value for key, value in given.items() if value is not None}
    return _print(remote.put(path, wanted), as_json)


def pay(
    corpid: CorpId,
    amount: Annotated[
        str | None,
        typer.Option(metavar="YUAN", help="金额，默认付清已用部分 Amount [default: all that was spent]"),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """付款，可解除拦截。Pay, which can unblock the corp."""
    body = {} if amount is None else {"amount": amount}
    _print(Remote(url).post(f"/corps/{corpid}/budget/pay", body), as_json)


def delete(corpid: CorpId, url: Url = None) -> None:
    """取消预算并解除拦截。Delete the budget, which unblocks the corp."""
    Remote(url).delete(f"/corps/{corpid}/budget")
    print(f"已取消预算 Budget deleted: {corpid}")


def _print(status: dict[str, Any], as_json: bool) -> None:
    if as_json:
        return print_json(status)
    money = ("预算 Budget", "已付 Paid", "已用 Spent", "剩余 Left")
    others = ("提醒 Alerts", "已提醒 Sent", "拦截方式 Block")
    rows = table("月份 Month", *money, *others, right=money, title=status["corpid"])
    rows.add_row(
        status["month"],
        *(status[name] for name in ("amount", "paid", "spent", "left")),
        _percents(status["alerts"]),
        _percents(status["alerts_sent"]),
        f"{status['barrier']} {'拦截中 blocked' if status['blocked'] else '未拦截 not blocked'}",
    )
    return console().print(rows)


def _percents(percents: list[int]) -> str:
    return " ".join(f"{percent}%" for percent in percents)
