"""What if: twelve months of a corp of this size or another, under price books side by side."""

import asyncio
from typing import Any

from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.toll.shared import PARTS, PATH, STATES, Component, head, in_chinese
from wecom_tollbooth.console.server_api import segment
from wecom_tollbooth.console.words import Text, Words

TITLE = Text("试算", "What if")
TEXTS = {
    **STATES,
    "about": Text(
        "十二个月会花多少：拖动滑块，从这个企业现在的规模开始。不改动任何数据。",
        "What twelve months would cost. The sliders begin with this corp as it is; nothing is changed.",
    ),
    "contacts": Text("联系人", "Contacts"),
    "links": Text("获客链接", "Links"),
    "calls": Text("调用", "Calls"),
    "seats": Text("账号", "Seats"),
    "books": Text("价目表", "Price books"),
    "book": Text("价目表", "Price book"),
    "in_force": Text("现行", "in force"),
    "year": Text("一年", "a year"),
    "plot": Text("每月金额，按用途堆叠", "Amount of each month, stacked by what it is for"),
    "side_by_side": Text("每月从左到右：{names}", "In each month, from left to right: {names}"),
    "no_book": Text("至少选一本价目表。", "Choose at least one price book."),
    "reset": Text("回到企业现在的规模", "Back to the corp as it is"),
}
SLIDERS = {
    "contacts": Text("首月联系人", "Contacts in the first month"),
    "new_contacts": Text("每月新增联系人", "New contacts a month"),
    "growth": Text("每月增长", "Growth a month"),
    "via_links": Text("新增中经获客链接的", "New contacts through links"),
    "seats_base": Text("基础账号", "Base accounts"),
    "seats_interop": Text("互通账号", "Interop accounts"),
    "customer.read": Text("每人每月：读取客户", "Per contact and month: customers read"),
    "customer.list": Text("每人每月：客户列表", "Per contact and month: customers listed"),
    "customer.write": Text("每人每月：修改客户", "Per contact and month: customers changed"),
    "follow_up.write": Text("每人每月：写跟进", "Per contact and month: follow-ups written"),
    "message.write": Text("每人每月：发消息", "Per contact and month: messages sent"),
}
COUNTS = [0, *(each * 10**power for power in range(1, 8) for each in (1, 2, 4, 6, 8)), 10**8]
SEATS = [0, 1, 2, 5, 8, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
SHARES = [place / 20 for place in range(21)]
GROWTHS = [0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3]
CALLS = [0, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 8, 10, 15, 20, 30, 50, 80, 100]


class WhatIf(Component, component="browser/what_if.js", esm=PARTS):
    pass


@console_page(f"{PATH}/what-if", TITLE)
async def what_if(page: Page) -> None:
    words = page.words(TEXTS)
    corp = f"/corps/{segment(page.corpid)}"
    usage, statement, books = await asyncio.gather(
        page.api.get(f"{corp}/usage"), page.api.get(f"{corp}/statement"), page.api.get("/price-books")
    )
    head(page, "/what-if", TITLE.in_(page.language), words("about"))
    WhatIf(
        corpid=page.corpid,
        lang=page.language,
        texts=words.all(),
        sliders=_sliders(page, usage, statement),
        books=_books(page, words, books["price_books"]),
    )


def _sliders(page: Page, usage: dict[str, Any], statement: dict[str, Any]) -> list[dict[str, Any]]:
    """Each slider with its stops, beginning at what the corp has used this month."""
    contacts = usage["contacts"]
    used = {line["meter"]: line["quantity"] + line["free"] for line in statement["lines"]}
    made: list[dict[str, Any]] = []
    for name, title in SLIDERS.items():
        one: dict[str, Any] = {"name": name, "title": title.in_(page.language), "value": 0, "stops": COUNTS}
        if name == "contacts":
            one["value"] = contacts
        elif name in ("growth", "via_links"):
            one |= {"stops": GROWTHS if name == "growth" else SHARES, "share": True}
        elif name.startswith("seats_"):
            one |= {"stops": SEATS, "value": usage["seats"][name.removeprefix("seats_")]}
        elif name != "new_contacts":
            each = round(used.get(name, 0) / contacts, 2) if contacts else 0
            one |= {"stops": CALLS, "value": each, "meter": name}
        one["stops"] = sorted({*one["stops"], one["value"]})
        made.append(one)
    return made


def _books(page: Page, words: Words, books: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The books in force together, then each of the shipped ones that isn't in force alone."""
    configured = [book for book in books if book["configured"]]
    names = ", ".join(book["name"] for book in configured)
    in_force = {"name": "in-force", "asked": "", "title": words("in_force"), "code": names}
    if len(configured) == 1:
        in_force["title"] = f"{_title(page, configured[0])} · {words('in_force')}"
    others = [book for book in books if book["shipped"] and book["name"] != names]
    return [
        in_force,
        *(
            {"name": name, "asked": name, "title": _title(page, book), "code": name}
            for book in others
            if (name := book["name"])
        ),
    ]


def _title(page: Page, book: dict[str, Any]) -> str:
    zh, _, en = book["title"].partition(" / ")
    title: str = zh if in_chinese(page) or not en else en
    return title
