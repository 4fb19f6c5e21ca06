"""Calls, live: each call as it arrives, and what is known of one."""

from pathlib import Path

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.live_files import live_styles
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.calls.texts import TEXTS, TITLE
from wecom_tollbooth.console.server_api import segment

BROWSER = Path(__file__).parent / "browser"


class CallsView(
    ui.element, component="browser/calls_view.js", esm={"tollbooth-calls": str(BROWSER / "parts")}
):
    """The list and the panel, in the browser."""


@console_page("/corps/{corpid}/calls", TITLE, icon="swap_vert", order=20)
async def calls(page: Page) -> None:
    await _show(page)


@console_page("/corps/{corpid}/calls/{id}", TITLE)
async def one_call(page: Page) -> None:
    """The address of a call, by its hint or its number: the list with its panel open."""
    await _show(page)


async def _show(page: Page) -> None:
    words = page.words(TEXTS)
    apps = (await page.api.get(f"/corps/{segment(page.corpid)}"))["apps"]
    live_styles(page)
    parts.heading(TITLE.in_(page.language), words("about"))
    view = CallsView()
    view.props["corpid"] = page.corpid
    view.props["apps"] = [{"agentid": app["agentid"], "name": app["name"]} for app in apps]
    view.props["texts"] = words.all()
    view.props["language"] = page.language
    view.props["read-only"] = page.modes.read_only
    view.props["shown"] = page.request.path_params.get("id", "")
