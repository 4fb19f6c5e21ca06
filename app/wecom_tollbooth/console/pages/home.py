"""The first screen: which corps there are."""

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.server_api import segment
from wecom_tollbooth.console.words import Text

TITLE = Text("企业", "Corps")
TEXTS = {
    "about": Text("每个企业是一个独立的沙箱。", "Each corp is a sandbox by itself."),
    "none": Text(
        "还没有企业。运行 tollbooth demo，或用 POST /_sim/corps 新建一个。",
        "There is no corp yet. Run tollbooth demo, or make one by POST /_sim/corps.",
    ),
}


@console_page("/", TITLE)
async def home(page: Page) -> None:
    words = page.words(TEXTS)
    corps = (await page.api.get("/corps"))["corps"]
    parts.heading(TITLE.in_(page.language), words("about"))
    if not corps:
        parts.empty(words("none"))
        return
    with ui.element("div").classes("grid"):
        for corp in corps:
            with ui.link(target=f"/corps/{segment(corp['corpid'])}/").classes("card corp-card"):
                ui.label(corp["name"]).classes("state-title")
                ui.label(corp["corpid"]).classes("mono faint")
