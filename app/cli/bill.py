"""What was used and what it costs: bill, usage, calls."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.corps import CorpId
from app.cli.remote import AsJson, Remote, Url
from app.cli.tables import console, print_json, shanghai, table
from app.cli.told import Told

Month = Annotated[
    str | None, typer.Option(metavar="YYYY-MM", help="月份，默认本月 Month, by default the clock's own")
]

PER = {"call": "次 call", "contact": "位 contact", "month": "月 month", "year": "年 year"}
MODEL = {
    "graduated": "阶梯 graduated",
    "volume": "总量 volume",
    "flat": "固定 flat",
    "banded_capacity": "档位 bands",
    "unpriced": "无价目 no book",
}
ADJUSTED = {None: "", "minimum": " 保底 minimum", "cap": " 封顶 cap"}


def add_to(app: typer.Typer) -> None:
    app.command("bill")(bill)
    app.command("usage")(usage)
    app.command("calls")(calls)


def bill(
    corpid: CorpId,
    month: Month = None,
    price_book: Annotated[
        str | None,
        typer.Option(
            metavar="BOOK",
            help="换价目表重算：名称或 TOML 文件，逗号分隔 Price again with other books, by name or file",
        ),
    ] = None,
    explain: Annotated[bool, typer.Option(help="列出每行由什么组成 What each line is made of")] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """一个月的账单。The bill of a month: lines, units, prices, total."""
    if price_book:
        books = {"price_books": [_name_or_text(book) for book in price_book.split(",")], "month": month}
        statement = Remote(url).post(f"/corps/{corpid}/statement", books)
    else:
        statement = Remote(url).get(f"/corps/{corpid}/statement", month=month)
    if as_json:
        return print_json(statement)
    numbers = ("数量 Quantity", "免费 Free", "单价 Price", f"金额 {statement['currency']}")
    rows = table(
        "项目 Line",
        *numbers[:3],
        "每 Per",
        numbers[3],
        right=numbers,
        title=f"{statement['corpid']}  {statement['month']}  价目表 price book: {statement['price_book']}",
    )
    changes = len({line["since"] for line in statement["lines"]}) > 1
    for line in statement["lines"]:
        rows.add_row(
            f"{line['title_zh']} {line['title_en']}" + (_days(line) if changes else ""),
            f"{line['quantity']:,}",
            f"{line['free']:,}" if line["free"] else "",
            line["unit_price"] or MODEL[line["model"]],
            PER.get(line["per"], line["per"]),
            line["amount"] + ADJUSTED[line["adjusted"]],
        )
        for step in line["steps"] if line["unit_price"] is None else ():
            rows.add_row(f"  {_range(step)}", f"{step['quantity']:,}", "", _price_of(step), style="dim")
        if explain:
            for part in line["made_of"]:
                rows.add_row(f"  {_named(part)}", f"{part['quantity']:,}", style="dim")
    rows.add_section()
    rows.add_row("合计 Total", "", "", "", "", statement["total"], style="bold")
    if compared := statement["compared"]:
        rows.add_row(f"现行价目 In force: {compared['price_book']}", "", "", "", "", compared["total"])
        difference = compared["difference"] or f"{compared['currency']} / {statement['currency']}"
        rows.add_row("差额 Difference", "", "", "", "", difference, style="bold")
    return console().print(rows)


def _name_or_text(book: str) -> str:
    """A shipped book's name as it is; of a file, what is written in it."""
    book = book.strip()
    if not book.endswith(".toml") and "/" not in book:
        return book
    try:
        return Path(book).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Told(f"{book}: {getattr(error, 'strerror', error)}; give the path of a price book", 2) from None


def _days(line: dict[str, Any]) -> str:
    return f"  {line['since']}–{line['until'][-2:]} {line['price_book'] or ''}".rstrip()


def _range(step: dict[str, Any]) -> str:
    first = f"{step['from'] + 1:,}"
    return f"{first}–{step['to']:,}" if step["to"] is not None else f"{first}+"


def _price_of(step: dict[str, Any]) -> str:
    """ "40", "500" for what is bought whole, or both."""
    prices = [price for price in (step["unit_price"], step["flat"]) if price != "0"]
    return " + ".join(prices) or "0"


def _named(part: dict[str, Any]) -> str:
    """What one part of a line is: an operation, with the errcode of its refusals, or a day."""
    return "  ".join(
        f"errcode {value}" if key == "errcode" else str(value)
        for key, value in part.items()
        if key != "quantity"
    )


def usage(corpid: CorpId, month: Month = None, as_json: AsJson = False, url: Url = None) -> None:
    """一个月的用量。Calls charged and refused in a month, and contacts."""
    reply = Remote(url).get(f"/corps/{corpid}/usage", month=month)
    if as_json:
        return print_json(reply)
    numbers = ("收费 Charged", "拒绝 Refused")
    title = f"{reply['corpid']}  {reply['month']}  联系人 contacts: {reply['contacts']:,}"
    rows = table("接口 Operation", *numbers, right=numbers, title=title)
    for path, counted in reply["calls"]["by_operation"].items():
        rows.add_row(path, f"{counted['charged']:,}", f"{counted['refused']:,}")
    rows.add_section()
    total = reply["calls"]
    rows.add_row("合计 Total", f"{total['charged']:,}", f"{total['refused']:,}", style="bold")
    return console().print(rows)


def calls(
    corpid: CorpId,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="条数 How many, newest first")] = 20,
    path: Annotated[str | None, typer.Option(help="接口路径 Path, such as /cgi-bin/gettoken")] = None,
    errcode: Annotated[int | None, typer.Option(help="错误码 Only with this errcode")] = None,
    refused: Annotated[
        bool | None, typer.Option("--refused/--charged", help="只看被拒或收费的 Only refused or only charged")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """最近的调用，以及为何被拒。The last calls, and why they were refused."""
    reply = Remote(url).get(
        f"/corps/{corpid}/calls",
        limit=limit,
        path=path,
        errcode=errcode,
        refused=None if refused is None else str(refused).lower(),
    )
    if as_json:
        return print_json(reply)
    rows = table(
        "时间 At", "应用 App", "请求 Request", "errcode", "毫秒 ms", "说明 Why", right=("errcode", "毫秒 ms")
    )
    for call in reply["calls"]:
        request, answer = call["request"], call["answer"]
        rows.add_row(
            shanghai(call["at"]),
            str(call["agentid"]),
            f"{request['method']} {request['path']}",
            f"HTTP {answer['http_status']}" if answer["errcode"] is None else str(answer["errcode"]),
            f"{call['duration_us'] / 1000:.1f}",
            call["detail"],
        )
    return console().print(rows)
