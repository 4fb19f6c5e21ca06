"""What the pages of the toll share: their navigation, their words, and the head of each page."""

from html import escape
from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.element import Element

from wecom_tollbooth import __version__
from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page
from wecom_tollbooth.console.server_api import ServerRefusal, segment
from wecom_tollbooth.console.words import CHINESE, Text

TITLE = Text("计费", "Toll")
PATH = "/corps/{corpid}/toll"

PARTS = {"tollbooth-toll": str(Path(__file__).parent / "browser" / "parts")}
"""What the components import as "tollbooth-toll/…"."""

STATES = {
    "loading": Text("正在读取…", "Loading…"),
    "failed": Text("出错了", "That did not work"),
    "again": Text("重试", "Try again"),
}
UNITS = {
    "per_call": Text("次", "call"),
    "per_contact": Text("位", "contact"),
    "per_month": Text("月", "month"),
    "per_year": Text("年", "year"),
    "package": Text("包", "package"),
    "no_price": Text("0（未定价）", "0 (no price)"),
    "model_per_unit": Text("单价", "per unit"),
    "model_graduated": Text("阶梯", "graduated"),
    "model_volume": Text("总量", "volume"),
    "model_package": Text("资源包", "package"),
    "model_flat": Text("固定", "flat"),
    "model_banded_capacity": Text("档位", "bands"),
    "minimum": Text("按最低收费", "minimum charge"),
    "cap": Text("按封顶", "maximum charge"),
    "high": Text("可靠", "high"),
    "medium": Text("较可靠", "medium"),
    "low": Text("存疑", "low"),
    "assumption": Text("假设", "assumption"),
}
COLUMNS = {
    "line": Text("项目", "Line"),
    "days": Text("日期", "Days"),
    "quantity": Text("数量", "Quantity"),
    "free": Text("免费", "Free"),
    "price": Text("单价", "Price"),
    "amount": Text("金额", "Amount"),
    "total": Text("合计", "Total"),
}
TABS = {
    "": Text("账单", "Statement"),
    "/what-if": Text("试算", "What if"),
    "/price-books": Text("价目表", "Price books"),
    "/budget": Text("预算", "Budget"),
}


class Component(Element):
    """A component in the browser with these properties."""

    def __init__(self, **properties: Any) -> None:
        super().__init__()
        self._props.update(properties)
        self.style("width: 100%")


def head(page: Page, tab: str | None, title: str, explained: str = "") -> None:
    """The stylesheet, the heading and the tabs, of which `tab` is shown; None below a tab."""
    ui.add_head_html(f'<link rel="stylesheet" href="{page.prefix}/files/toll.css?{__version__}">')
    parts.heading(title, explained)
    with ui.element("nav").classes("toll-tabs").props(f'aria-label="{TITLE.in_(page.language)}"'):
        for path, name in TABS.items():
            link = ui.link(name.in_(page.language), page.link(f"/toll{path}"))
            if path == tab:
                link.props('aria-current="page"')


def in_chinese(page: Page) -> bool:
    return page.language == CHINESE


def title_of(page: Page, line: dict[str, Any]) -> str:
    title: str = line["title_zh" if in_chinese(page) else "title_en"]
    return title


def grouped(number: str | int) -> str:
    """ "1,234.50" for "1234.50"."""
    whole, point, places = str(number).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits or 0):,}{point}{places}"


async def budget_of(page: Page) -> dict[str, Any] | None:
    """The budget of the corp, if it has one."""
    try:
        budget: dict[str, Any] = await page.api.get(f"/corps/{segment(page.corpid)}/budget")
    except ServerRefusal as refused:
        if refused.status == 404:
            return None
        raise
    return budget


def table(
    columns: list[str], rows: list[list[str]], *, numbers: tuple[int, ...] = (), classes: str = ""
) -> None:
    """A table of cells in HTML, in a box that scrolls where the window is narrow. `numbers` stand right."""

    def cell(tag: str, place: int, html: str) -> str:
        label = "" if tag == "th" else f' data-label="{escape(columns[place])}"'
        return f"<{tag}{' class=number' if place in numbers else ''}{label}>{html}</{tag}>"

    head_row = "".join(cell("th", place, escape(column)) for place, column in enumerate(columns))
    body = "".join(
        f"<tr>{''.join(cell('td', place, html) for place, html in enumerate(row))}</tr>" for row in rows
    )
    html = f"<table class='rows {classes}'><thead><tr>{head_row}</tr></thead><tbody>{body}</tbody></table>"
    ui.html(html, sanitize=False).classes("table-box")


def facts(rows: list[tuple[str, str]]) -> None:
    """Names with their values in HTML."""
    inside = "".join(f"<dt>{escape(name)}</dt><dd>{html}</dd>" for name, html in rows if html)
    ui.html(inside, tag="dl", sanitize=False).classes("card toll-facts")


def anchor(page: Page, path: str, text: str, classes: str = "") -> str:
    """HTML of a link to a page of the corp."""
    target = escape(page.prefix + page.link(path))
    return f'<a href="{target}" class="{classes}">{escape(text)}</a>'
