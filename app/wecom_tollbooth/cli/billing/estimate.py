"""`tollbooth estimate`: what twelve months will cost. It needs no server."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wecom_tollbooth.cli.billing.statement_table import print_missing_prices
from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.tables import console, print_json, table

if TYPE_CHECKING:
    from wecom_tollbooth.billing.estimate import Estimate, Plan

BAR = 40
"""Characters of the longest bar."""

TITLES = {
    "contacts": "联系人 Contacts",
    "links": "获客链接 Links",
    "calls": "调用 Calls",
    "seats": "账号 Seats",
}


def add_to(app: typer.Typer) -> None:
    app.command("estimate")(estimate)


def estimate(
    contacts: Annotated[int, typer.Option(min=0, max=10**10, help="期初外部联系人数 Contacts at the start")],
    new_contacts: Annotated[
        int, typer.Option(min=0, max=10**10, help="每月新增联系人 New contacts a month")
    ] = 0,
    via_links: Annotated[
        str, typer.Option(help="新增中经获客链接的比例 Share of new contacts via links, 0 to 1")
    ] = "0",
    calls: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METER=N",
            help="每位联系人每月的调用 Calls per contact and month, such as customer.read=2",
        ),
    ] = None,
    seats_base: Annotated[int, typer.Option(min=0, max=10**8, help="基础账号 Base seats")] = 0,
    seats_interop: Annotated[int, typer.Option(min=0, max=10**8, help="互通账号 Interop seats")] = 0,
    growth: Annotated[str, typer.Option(help="每月增长比例 Monthly growth, such as 0.02")] = "0",
    since: Annotated[
        str, typer.Option(metavar="YYYY-MM", help="首月 First of the twelve months")
    ] = "2026-01",
    price_book: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BOOK",
            help="价目表：名称或 TOML 文件；逗号分隔表示先后生效，多次给出则对比 "
            "Price books by name or file; commas: in force one after the other; repeated: compared",
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="画成图表 Draw a chart to this file")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="输出 CSV Print CSV")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON")] = False,
) -> None:
    """估算十二个月的费用。Estimate the cost of twelve months."""
    from wecom_tollbooth.billing.estimate import Plan
    from wecom_tollbooth.billing.estimate import estimate as estimate_year

    meters = _meters()
    plan = Plan(
        since=_month(since),
        contacts=contacts,
        new_contacts=new_contacts,
        via_links=_number("--via-links", via_links, most=1),
        calls=dict(_calls(one, meters) for one in calls or ()),
        seats_base=seats_base,
        seats_interop=seats_interop,
        growth=_number("--growth", growth, most=10),
    )
    made = [estimate_year(plan, _books(book, meters)) for book in price_book or ["article-toll"]]
    if plot is not None:
        _draw(plot, made)
    if as_json:
        from wecom_tollbooth.billing.renderers.estimate_json import estimate_json

        return print_json({"since": plan.since, "estimates": [estimate_json(one) for one in made]})
    if as_csv:
        return _print_csv(made)
    return _print_tables(plan, made)


def _meters() -> set[str]:
    from wecom_tollbooth.families import load_families

    return {operation.meter for operation in load_families()}


def _books(names: str, meters: set[str]) -> Any:
    from wecom_tollbooth.billing.price_books import PriceBooks, check_meters, load_price_books

    return PriceBooks(check_meters(book, meters) for book in load_price_books(names).books)


def _number(option: str, value: str, most: int) -> Fraction:
    try:
        number = Fraction(value) if len(value) <= 20 and "e" not in value.lower() else None
    except (ValueError, ZeroDivisionError):
        number = None
    if number is None or not 0 <= number <= most:
        raise CommandError(f"{option}: {value!r}; write a number from 0 to {most}, such as 0.3", 2)
    return number


def _calls(written: str, meters: set[str]) -> tuple[str, Fraction]:
    meter, _, each = written.partition("=")
    if meter not in meters:
        raise CommandError(
            f"--calls: {meter!r} is not a meter of calls; use one of {', '.join(sorted(meters))}", 2
        )
    return meter, _number(f"--calls {meter}", each, most=100_000)


def _month(written: str) -> str:
    from wecom_tollbooth.world.clock import month_bounds

    try:
        month_bounds(written)
    except ValueError as error:
        raise CommandError(f"--since: {error}; write YYYY-MM, such as 2026-01", 2) from None
    return written


def _print_tables(plan: "Plan", made: "list[Estimate]") -> None:
    screen = console()
    longest = max(month.total for one in made for month in one.months)
    for one in made:
        counts = ("联系人数 Held", "新增 New", "调用数 Calls made")
        money = (*TITLES.values(), f"合计 {one.books.currency}")
        rows = table(
            "月 Month",
            *counts,
            *money,
            "",
            right=(*counts, *money),
            title=f"价目表 price book: {one.books.names}",
        )
        for month in one.months:
            rows.add_row(
                month.month,
                *(f"{count:,}" for count in (month.contacts, month.new_contacts, month.calls)),
                *(f"{amount:,.2f}" for amount in (*month.amounts.values(), month.total)),
                "█" * (int(BAR * month.total / longest) if longest else 0),
            )
        rows.add_section()
        sums = (*one.year.values(), one.total)
        rows.add_row("一年 Year", "", "", "", *(f"{amount:,.2f}" for amount in sums), "", style="bold")
        screen.print(rows)
    for note in _notes(made).values():
        print_missing_prices(note)
    for other in made[1:]:
        if other.books.currency == made[0].books.currency:
            more = f"{other.total - made[0].total:+,.2f} {other.books.currency}"
            screen.print(f"{other.books.names} ‒ {made[0].books.names}: {more} 一年 a year")


def _notes(made: "list[Estimate]") -> dict[str, dict[str, Any]]:
    """Which prices the books lack, by name of the book."""
    from wecom_tollbooth.billing.renderers.estimate_json import missing_prices

    return {note["price_book"]: note for one in made for note in missing_prices(one)}


def _print_csv(made: "list[Estimate]") -> None:
    import sys

    from wecom_tollbooth.billing.estimate import GROUPS
    from wecom_tollbooth.csv_table import CsvTable

    counts = ("contacts_held", "new_contacts", "link_contacts", "calls_made")
    columns = ("price_book", "currency", "month", *counts, *GROUPS, "total")
    for note in _notes(made).values():
        print(f"{note['note_zh']}。{note['note_en']}:\n{note['lines']}", file=sys.stderr)
    table = CsvTable(sys.stdout, columns, line_end="\n")
    for one in made:
        for month in one.months:
            sizes = (month.contacts, month.new_contacts, month.link_contacts, month.calls)
            amounts = (*month.amounts.values(), month.total)
            table.write((one.books.names, one.books.currency, month.month, *sizes, *amounts))


def _draw(path: Path, made: "list[Estimate]") -> None:
    from wecom_tollbooth.billing.renderers.estimate_svg import estimate_svg

    if path.suffix != ".svg":
        raise CommandError(f"--plot: {path}: use a name that ends in .svg", 2)
    try:
        path.write_text(estimate_svg(made, TITLES), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--plot: {path}: {error.strerror}; use a writable file", 2) from None
