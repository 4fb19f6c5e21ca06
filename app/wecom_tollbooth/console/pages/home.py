"""The first screen: which corps there are, and a form for another."""

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.server_api import segment
from wecom_tollbooth.console.words import Text

TITLE = Text("企业", "Corps")
TEXTS = {
    "about": Text("每个企业是一个独立的沙箱。", "Each corp is a sandbox by itself."),
    "none": Text("还没有企业，在下面新建一个。", "There is no corp yet. Make one below."),
    "search": Text("搜索企业", "Find a corp"),
    "more": Text("还有 {count} 个，请搜索。", "{count} more; search for them."),
    "new": Text("新建企业", "New corp"),
    "name": Text("名称", "Name"),
    "seed": Text("初始数据", "Seed"),
    "customers": Text("客户数", "Customers"),
    "make": Text("新建", "Make it"),
    "empty": Text("empty：只有一个成员", "empty: one member"),
    "demo": Text("demo：奶茶店，客户数自定", "demo: tea shops, customers as you say"),
    "scrm-400": Text("scrm-400：400 个客户", "scrm-400: 400 customers"),
    "big": Text("big：10 万个客户", "big: 100,000 customers"),
    "edge": Text("edge：各种边界情形", "edge: every odd shape"),
}
SEEDS = ("demo", "scrm-400", "big", "edge", "empty")
SHOWN = 60


@console_page("/", TITLE)
async def home(page: Page) -> None:
    words = page.words(TEXTS)
    wanted = page.param("find").lower()
    corps = [
        corp
        for corp in (await page.api.get("/corps"))["corps"]
        if wanted in f"{corp['name']} {corp['corpid']}".lower()
    ]
    parts.heading(TITLE.in_(page.language), words("about"))
    if len(corps) > SHOWN or wanted:
        with ui.element("form").props('method="get" role="search"').classes("buttons"):
            search = ui.element("input").props('name="find" type="search"').classes("search")
            search.props["aria-label"] = search.props["placeholder"] = words("search")
            search.props["value"] = page.param("find")
    if not corps:
        parts.empty(words("none"))
    with ui.element("div").classes("grid"):
        for corp in corps[:SHOWN]:
            with ui.link(target=f"/corps/{segment(corp['corpid'])}/").classes("card"):
                ui.label(corp["name"]).classes("strong")
                ui.label(corp["corpid"]).classes("mono faint")
    if len(corps) > SHOWN:
        ui.label(words("more", count=len(corps) - SHOWN)).classes("faint")
    _new_corp(page)


def _new_corp(page: Page) -> None:
    words = page.words(TEXTS)
    with ui.element("section").classes("card stack form-card"):
        ui.label(words("new")).classes("card-title").props('role="heading" aria-level="2"')
        name = ui.input(words("name")).props("dense outlined stack-label maxlength=64")
        seed = ui.select({one: words(one) for one in SEEDS}, label=words("seed"), value="demo")
        seed.props("dense outlined options-dense")
        customers = ui.number(words("customers"), value=40, min=0, max=1_000_000, step=1)
        customers.props("dense outlined")
        seed.on_value_change(lambda changed: customers.set_visibility(changed.value == "demo"))

        async def make() -> None:
            wanted = {"seed": seed.value}
            if name.value:
                wanted["name"] = name.value
            if seed.value == "demo":
                wanted["customers"] = int(customers.value or 0)
            made = await parts.attempt(page, page.api.post("/corps", wanted))
            if made:
                ui.navigate.to(f"/corps/{segment(made['corpid'])}/")

        with ui.row().classes("buttons"):
            parts.button(words("make"), make, page)
