"""The price books side by side, with what the month costs under each."""

import asyncio
from html import escape
from typing import Any

from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.toll.shared import (
    COLUMNS,
    PATH,
    UNITS,
    grouped,
    head,
    in_chinese,
    table,
)
from wecom_tollbooth.console.server_api import segment
from wecom_tollbooth.console.words import Text, Words

TITLE = Text("价目表", "Price books")
TEXTS = {
    **UNITS,
    **COLUMNS,
    "about": Text(
        "账单使用的价目表和随附的其他价目表。没有一个价格来自企业微信：点开可信程度，看价格的来源。",
        "The books that bills use, and the others that come along. WeCom published none of these prices: "
        "unfold how certain a price is for its source.",
    ),
    "meter": Text("计量项", "Meter"),
    "in_force": Text("现行", "in force"),
    "configured": Text("已设置", "configured"),
    "since": Text("自 {day} 起", "from {day}"),
    "month": Text("{month} 的账单", "Statement of {month}"),
    "free_units": Text("前 {count} 免费", "{count} free"),
    "up_to": Text("至 {count}", "to {count}"),
    "beyond": Text("以上", "beyond"),
    "of_size": Text("每包 {count}", "{count} a package"),
    "at_least": Text("最低 {amount}", "at least {amount}"),
    "at_most": Text("封顶 {amount}", "at most {amount}"),
    "together": Text("合并计数", "counted together"),
    "source": Text("来源", "Source"),
}


@console_page(f"{PATH}/price-books", TITLE)
async def price_books(page: Page) -> None:
    words = page.words(TEXTS)
    books = (await page.api.get("/price-books"))["price_books"]
    asked = page.param("month") or None
    head(page, "/price-books", TITLE.in_(page.language), words("about"))
    columns = [words("meter"), *(book["name"] for book in books)]
    rows = [["", *(_about(page, words, book) for book in books)], await _month(page, words, books, asked)]
    found: dict[str, str] = {}
    for book in books:
        for price in book["prices"]:
            titles = price["titles_zh"] if in_chinese(page) else price["titles_en"]
            found.update(zip(price["meters"], titles, strict=True))
    if any("." in meter and not meter.startswith("seats.") for meter in found):
        found.pop("*", None)  # what it covers has lines of its own
    for meter, title in sorted(found.items()):
        name = f"{escape(title)}<br><span class='mono faint'>{escape(meter)}</span>"
        rows.append([name, *(_cell(page, words, book, meter) for book in books)])
    rows.append(
        [
            words("source"),
            *(escape(book["source_zh"] if in_chinese(page) else book["source"]) for book in books),
        ]
    )
    table(columns, rows, classes="toll-books")


def _about(page: Page, words: Words, book: dict[str, Any]) -> str:
    zh, _, en = book["title"].partition(" / ")
    title = zh if in_chinese(page) or not en else en
    state = "in_force" if book["in_force"] else "configured" if book["configured"] else ""
    chip = f" <span class='chip {'good' if book['in_force'] else ''}'>{words(state)}</span>" if state else ""
    day = words("since", day=book["effective"])
    return f"{escape(title)}{chip}<br><span class=faint>{day} · {escape(book['currency'])}</span>"


async def _month(page: Page, words: Words, books: list[dict[str, Any]], asked: str | None) -> list[str]:
    """What the month costs under each book alone. Books that aren't shipped cannot be asked by name."""
    path = f"/corps/{segment(page.corpid)}/statement"
    shipped = [book["name"] for book in books if book["shipped"]]
    in_force, *others = await asyncio.gather(
        page.api.get(path, month=asked),
        *(page.api.get(path, month=asked, price_book=name) for name in shipped),
    )
    totals = {name: statement["total"] for name, statement in zip(shipped, others, strict=True)}
    is_only = sum(book["configured"] for book in books) == 1
    cells = [escape(words("month", month=in_force["month"]))]
    for book in books:
        total = totals.get(book["name"]) if book["shipped"] else None
        if book["configured"] and is_only:
            total = in_force["total"]
        cells.append(f"<b class=number>{grouped(total)} {escape(book['currency'])}</b>" if total else "—")
    return cells


def _cell(page: Page, words: Words, book: dict[str, Any], meter: str) -> str:
    price = next((one for one in book["prices"] if meter in one["meters"]), None)
    if price is None:
        price = next((one for one in book["prices"] if _covers(one["meters"], meter)), None)
    if price is None:
        return "<span class=faint>—</span>"
    source = price["source_zh"] if in_chinese(page) else price["source"]
    trusted = words(price["confidence"])
    doubt = "warn" if price["confidence"] in ("low", "assumption") else ""
    why = f"<summary><span class='chip {doubt}'>{trusted}</span></summary><span>{escape(source)}</span>"
    return f"{_price(words, price)}<details class='toll-source'>{why}</details>"


def _covers(written: list[str], meter: str) -> bool:
    held = ("contacts", "link_contacts", "seats.base", "seats.interop")
    return any(
        (name == "*" and meter not in held) or (name.endswith(".*") and meter.startswith(name[:-1]))
        for name in written
    )


def _price(words: Words, price: dict[str, Any]) -> str:
    per = words(f"per_{price['per']}")
    said: list[str] = []
    if price["free"]:
        said.append(words("free_units", count=grouped(price["free"])))
    if price["model"] == "package":
        said.append(f"{grouped(price['unit_price'])} / {words('package')}")
        said.append(words("of_size", count=grouped(price["package_size"])))
    elif price["unit_price"] is not None:
        said.append(f"{grouped(price['unit_price'])} / {per}")
    elif price["model"] == "flat":
        said.append(f"{grouped(price['flat_amount'])} / {per}")
    else:
        said += [
            f"{words('model_' + price['model'])} / {per}",
            *(_tier(words, tier) for tier in price["tiers"]),
        ]
    if price["minimum"] is not None:
        said.append(words("at_least", amount=grouped(price["minimum"])))
    if price["cap"] is not None:
        said.append(words("at_most", amount=grouped(price["cap"])))
    if price["together"]:
        said.append(words("together"))
    return "<br>".join(f"<span class=toll-price>{escape(one)}</span>" for one in said)


def _tier(words: Words, tier: dict[str, Any]) -> str:
    end = words("beyond") if tier["up_to"] is None else words("up_to", count=grouped(tier["up_to"]))
    amounts = [grouped(amount) for amount in (tier["unit_price"], tier["flat_amount"]) if amount != "0"]
    return f"{end}: {' + '.join(amounts) or '0'}"
