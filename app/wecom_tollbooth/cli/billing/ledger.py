"""`tollbooth ledger`: the records behind a bill, and the check that nothing sealed has changed."""

from typing import Annotated, Any

import typer

from wecom_tollbooth.cli.corps import CorpId, Month
from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import AsJson, Remote, Url
from wecom_tollbooth.cli.tables import console, print_json, shanghai, table

Meter = Annotated[
    str | None, typer.Option(help="计量项，refused 为被拒的调用 Meter of a line; refused: refused calls")
]
Operation = Annotated[str | None, typer.Option(help="接口路径 Path, such as /cgi-bin/gettoken")]

group = typer.Typer(
    no_args_is_help=True,
    help="查看和校验账本。Show and verify the ledger.",
)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="ledger")


@group.command()
def records(
    corpid: CorpId,
    month: Month = None,
    meter: Meter = None,
    operation: Operation = None,
    cursor: Annotated[str, typer.Option(help="上一页给出的游标 Cursor from the previous page")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="条数 Number of records, oldest first")] = 100,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """列出账单背后的记录。List the records behind a bill."""
    reply = Remote(url).get(
        f"/corps/{corpid}/ledger",
        month=month,
        meter=meter,
        operation=operation,
        cursor=cursor or None,
        limit=limit,
    )
    return print_json(reply) if as_json else print_records(reply)


def print_records(reply: dict[str, Any]) -> None:
    """Prints one page of records and the cursor of the next page."""
    numbers = ("编号 Id", "数量 Quantity", "errcode")
    rows = table(
        "时间 At", numbers[0], "计量项 Meter", "接口 Operation", *numbers[1:], "对象 Subject", right=numbers
    )
    for record in reply["records"]:
        rows.add_row(
            shanghai(record["at"]),
            str(record["id"]),
            record["meter"],
            record["operation"],
            str(record["quantity"]),
            str(record["errcode"]),
            f"冲销 reverses {record['reverses']}" if record["reverses"] else record["subject"],
        )
    if reply["next_cursor"]:
        rows.caption = f"下一页 next page: --cursor {reply['next_cursor']}"
    return console().print(rows)


@group.command()
def verify(
    corp: Annotated[
        str | None, typer.Option(metavar="CORPID", help="只校验一家企业 Only this corp [default: all]")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """校验账本。Check that sealed hours, totals and levels match the records."""
    remote = Remote(url)
    reports: list[dict[str, Any]]
    if corp is None:
        reply = remote.get("/ledger/verify")
        reports = reply["corps"]
    else:
        reply = remote.get(f"/corps/{corp}/ledger/verify")
        reports = [reply]
    if as_json:
        print_json(reply)
    else:
        numbers = ("封存小时 Hours", "记录 Records", "问题 Findings")
        rows = table("企业 Corp", *numbers, "封存至 Sealed until", right=numbers)
        for report in reports:
            sealed = (f"{report['hours']:,}", f"{report['records']:,}", str(len(report["findings"])))
            rows.add_row(report["corpid"] or '""', *sealed, report["sealed_until"] or "")
        console().print(rows)
    findings = [finding["message"] for report in reports for finding in report["findings"]]
    if findings:
        raise CommandError(
            "; ".join(findings[:5]) + (f"; and {len(findings) - 5} more" if len(findings) > 5 else "")
        )
