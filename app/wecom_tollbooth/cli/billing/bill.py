"""What was used and what it costs: `tollbooth bill`, `usage` and `calls`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from wecom_tollbooth.cli.billing.statement_table import print_lines, print_statement
from wecom_tollbooth.cli.corps import CorpId, Month
from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import AsJson, Remote, Url
from wecom_tollbooth.cli.tables import console, json_text, print_json, shanghai, table, write_out


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


def add_to(app: typer.Typer) -> None:
    app.command("bill")(bill)
    app.command("usage")(usage)
    app.command("calls")(calls)


def bill(
    corpid: Annotated[
        str | None, typer.Argument(metavar="[CORPID]", help="企业 corpid; tollbooth corp list")
    ] = None,
    meter: Annotated[
        str | None,
        typer.Argument(
            metavar="[METER]", help="与 --explain 连用，只看这一行 With --explain: only this line"
        ),
    ] = None,
    month: Month = None,
    provider: Annotated[
        str | None,
        typer.Option(metavar="ID", help="服务商名下各企业的合计 All corps of this provider"),
    ] = None,
    everyone: Annotated[bool, typer.Option("--all", help="所有企业的合计 All corps of the server")] = False,
    price_book: Annotated[
        str | None,
        typer.Option(
            metavar="BOOK",
            help="换价目表重算：名称或 TOML 文件，逗号分隔 Use other price books: names or TOML files",
        ),
    ] = None,
    explain: Annotated[bool, typer.Option(help="列出每行的组成 Show what each line consists of")] = False,
    format: Annotated[
        Format, typer.Option(help="终端表格、JSON、CSV 或可打印的网页 Table, JSON, CSV or printable page")
    ] = Format.TABLE,
    lang: Annotated[
        Language | None, typer.Option(help="网页的语言，默认中文 Language of the page; by default Chinese")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="写入文件 Write to this file")] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """查看一个月的账单。Show the bill of a month."""
    if meter is not None:
        if not explain or provider or everyone or price_book or out or format is not Format.TABLE:
            raise CommandError(
                "METER: use it only with CORPID and --explain, to list the records behind a line", 2
            )
        return _explain(Remote(url), str(corpid), meter, month, as_json=as_json)
    wanted = Format.JSON if as_json else format
    if out is not None and wanted is Format.TABLE:
        raise CommandError("--out: use it with --format json, csv or html", 2)
    if lang is not None and wanted is not Format.HTML:
        raise CommandError("--lang: use it with --format html", 2)
    path = _path(corpid, provider, everyone)
    books = None
    if price_book:
        if corpid is None:
            raise CommandError("--price-book: use it with one CORPID", 2)
        books = {"price_books": [_name_or_text(book) for book in price_book.split(",")], "month": month}
    remote = Remote(url)
    if wanted in (Format.CSV, Format.HTML):
        page_in = lang.value if lang else None
        return write_out(remote.file(path, books, month=month, format=wanted.value, lang=page_in), out)
    statement = remote.post(path, books) if books else remote.get(path, month=month)
    if wanted is Format.JSON:
        return write_out(f"{json_text(statement)}\n".encode(), out)
    return print_statement(statement, explain=explain)


def _explain(remote: Remote, corpid: str, meter: str, month: str | None, *, as_json: bool) -> None:
    """Prints the parts of a line and the first records behind it."""
    from wecom_tollbooth.cli.billing.ledger import print_records

    statement = remote.get(f"/corps/{corpid}/statement", month=month)
    lines = [line for line in statement["lines"] if line["meter"] == meter]
    if not lines:
        known = ", ".join(dict.fromkeys(line["meter"] for line in statement["lines"]))
        raise CommandError(f"{meter}: no such line in {statement['month']}; use {known}")
    reply = remote.get(f"/corps/{corpid}/ledger", month=statement["month"], meter=meter, limit=100)
    if as_json:
        return print_json({"lines": lines, **reply})
    print_lines(statement, lines)
    print_records(reply)
    return console().print(
        "查看记录对应的调用 Show the call of a record: tollbooth calls CORPID --usage-id ID", style="dim"
    )


def _path(corpid: str | None, provider: str | None, everyone: bool) -> str:
    """The path of the statement: of one corp, of a provider or of all corps."""
    if [corpid is not None, provider is not None, everyone].count(True) != 1:
        raise CommandError("bill: give CORPID, --provider ID or --all", 2)
    if everyone:
        return "/statement"
    return f"/providers/{provider}/statement" if corpid is None else f"/corps/{corpid}/statement"


def _name_or_text(book: str) -> str:
    """The name of a shipped book, or the text of a file."""
    book = book.strip()
    if not book.endswith(".toml") and "/" not in book:
        return book
    try:
        return Path(book).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{book}: {getattr(error, 'strerror', error)}; give the path of a price book", 2
        ) from None


def usage(corpid: CorpId, month: Month = None, as_json: AsJson = False, url: Url = None) -> None:
    """查看一个月的用量。Show the charged and refused calls and the contacts of a month."""
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
    limit: Annotated[int, typer.Option(min=1, max=1000, help="条数 Number of calls, newest first")] = 20,
    path: Annotated[str | None, typer.Option(help="接口路径 Path, such as /cgi-bin/gettoken")] = None,
    errcode: Annotated[int | None, typer.Option(help="错误码 Only calls with this errcode")] = None,
    refused: Annotated[
        bool | None,
        typer.Option("--refused/--charged", help="只看被拒或收费的调用 Only refused or only charged calls"),
    ] = None,
    usage_id: Annotated[
        int | None, typer.Option(min=0, help="账本记录的编号 Only the call of this ledger record")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """查看最近的调用和被拒原因。Show the latest calls and why they were refused."""
    reply = Remote(url).get(
        f"/corps/{corpid}/calls",
        limit=limit,
        path=path,
        errcode=errcode,
        refused=None if refused is None else str(refused).lower(),
        usage_id=usage_id,
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
