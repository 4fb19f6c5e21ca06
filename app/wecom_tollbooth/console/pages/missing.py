"""What answers to an address of the console under which there is nothing."""

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import MISSING, Page, console_page
from wecom_tollbooth.console.words import Text

TITLE = Text("没有这个页面", "There is no such page")
HOME = Text("全部企业", "All corps")


@console_page(MISSING, TITLE)
async def missing(page: Page) -> None:
    ui.context.client.status_code = 404
    parts.heading(TITLE.in_(page.language))
    ui.link(HOME.in_(page.language), "/")
