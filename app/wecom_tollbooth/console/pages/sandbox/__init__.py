"""The sandbox itself: its clock, faults, latency, snapshots, and the way back to its seed."""

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.sandbox.clock import clock_card
from wecom_tollbooth.console.pages.sandbox.faults import faults_card
from wecom_tollbooth.console.pages.sandbox.latency import latency_card
from wecom_tollbooth.console.pages.sandbox.snapshots import snapshots_card
from wecom_tollbooth.console.words import Text

TITLE = Text("沙箱", "Sandbox")
ABOUT = Text(
    "移动时钟、预设故障、保存和恢复状态。只影响这个企业。",
    "Move the clock, plan faults, save and restore. Only this corp is touched.",
)


@console_page("/corps/{corpid}/sandbox", TITLE, icon="science", order=80)
async def sandbox(page: Page) -> None:
    parts.heading(TITLE.in_(page.language), ABOUT.in_(page.language))
    with ui.element("div").classes("grid grid-wide"):
        for card in (clock_card, snapshots_card, latency_card, faults_card):
            with ui.element("section").classes("card stack"):
                await card(page)
