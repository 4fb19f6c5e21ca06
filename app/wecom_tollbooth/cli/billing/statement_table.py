"""A statement as tables in the terminal, one for each corp."""

from typing import Any

from wecom_tollbooth.billing.renderers.wording import (
    ADJUSTED,
    MODELS,
    NO_PRICE,
    PER,
    bilingual,
    local_time,
    notes_of,
    part_title,
    sections_of,
    unit_range,
)
from wecom_tollbooth.cli.tables import console, table


def print_statement(shown: dict[str, Any], *, explain: bool) -> None:
    """Prints a statement of one corp or of several; with `explain`, also the parts of each line."""
    screen = console()
    sections = sections_of(shown)
    several = "corps" in shown
    for section in sections:
        screen.print(_table(section, "小计 Subtotal" if several else "合计 Total", explain=explain))
    for note in notes_of(sections):
        print_missing_prices(note)
    if several:
        owner = f"{shown['provider_id']} {shown['name']}" if "provider_id" in shown else "全部企业 All corps"
        screen.print(f"{owner}  {shown['month']}  价目表 price book: {shown['price_book']}", markup=False)
        screen.print(
            f"合计 Total   {shown['total']} {shown['currency']}   {len(sections)} 家企业 corps", style="bold"
        )


def print_missing_prices(note: dict[str, Any]) -> None:
    """Prints which prices a book lacks, and the lines to add to it."""
    screen = console()
    screen.print(f"{note['note_zh']}。", style="yellow", markup=False, soft_wrap=True)
    screen.print(f"{note['note_en']}:", style="yellow", markup=False, soft_wrap=True)
    screen.print(note["lines"], markup=False, highlight=False, soft_wrap=True)


def print_lines(statement: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """Prints some lines of a statement with their parts and without a total."""
    console().print(_table({**statement, "lines": lines}, None, explain=True))


def _table(statement: dict[str, Any], total: str | None, *, explain: bool) -> Any:
    from rich.text import Text

    numbers = ("数量 Quantity", "免费 Free", "单价 Price", f"金额 {statement['currency']}")
    rows = table("项目 Line", *numbers[:3], "每 Per", numbers[3], right=numbers)
    rows.title = Text(_title(statement))
    changes = len({line["since"] for line in statement["lines"]}) > 1
    for line in statement["lines"]:
        adjusted = f" {bilingual(ADJUSTED, line['adjusted'])}" if line["adjusted"] else ""
        rows.add_row(
            f"{line['title_zh']} {line['title_en']}" + (_days(line) if changes else ""),
            f"{line['quantity']:,}",
            f"{line['free']:,}" if line["free"] else "",
            NO_PRICE if line["note_en"] else line["unit_price"] or bilingual(MODELS, line["model"]),
            bilingual(PER, line["per"]),
            line["amount"] + adjusted,
        )
        for step in line["steps"] if line["unit_price"] is None else ():
            rows.add_row(f"  {unit_range(step)}", f"{step['quantity']:,}", "", _price_of(step), style="dim")
        for part in line["made_of"] if explain else ():
            rows.add_row(f"  {part_title(part)}", f"{part['quantity']:,}", style="dim")
    if total is None:
        return rows
    rows.add_section()
    rows.add_row(total, "", "", "", "", statement["total"], style="bold")
    if compared := statement["compared"]:
        rows.add_row(f"现行价目 In force: {compared['price_book']}", "", "", "", "", compared["total"])
        difference = compared["difference"] or f"{compared['currency']} / {statement['currency']}"
        rows.add_row("差额 Difference", "", "", "", "", difference, style="bold")
    return rows


def _title(statement: dict[str, Any]) -> str:
    """The title as text, not markup: a corp may be called [red]."""
    closed_at = statement["closed_at"]
    closed = "" if closed_at is None else f"  已注销 closed {local_time(closed_at)}"
    who = f"{statement['corpid']}  {statement['month']}  {statement['name']}{closed}"
    return f"{who}  价目表 price book: {statement['price_book']}"


def _days(line: dict[str, Any]) -> str:
    return f"  {line['since']}–{line['until'][-2:]} {line['price_book'] or ''}".rstrip()


def _price_of(step: dict[str, Any]) -> str:
    """ "40" a unit, "500" for what is bought whole, or both."""
    prices = [price for price in (step["unit_price"], step["flat"]) if price != "0"]
    return " + ".join(prices) or "0"
