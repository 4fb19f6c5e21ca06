"""Callbacks, live: what was raised, how it was sent, and sending it again."""

from pathlib import Path

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.callback_form import callback_form
from wecom_tollbooth.console.live_files import live_styles
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.callbacks.texts import TEXTS, TITLE
from wecom_tollbooth.console.server_api import segment

BROWSER = Path(__file__).parent / "browser"


class CallbacksView(
    ui.element, component="browser/callbacks_view.js", esm={"tollbooth-callbacks": str(BROWSER / "parts")}
):
    """The list and the panel, in the browser."""


@console_page("/corps/{corpid}/callbacks", TITLE, icon="notifications", order=30)
async def callbacks(page: Page) -> None:
    await _show(page)


@console_page("/corps/{corpid}/callbacks/{id}", TITLE)
async def one_callback(page: Page) -> None:
    """The address of an event: the list with its panel open."""
    await _show(page)


async def _show(page: Page) -> None:
    words = page.words(TEXTS)
    apps = (await page.api.get(f"/corps/{segment(page.corpid)}"))["apps"]
    live_styles(page)
    parts.heading(TITLE.in_(page.language), words("about"))
    with ui.element("details").classes("card fold"):
        with ui.element("summary"):
            ui.label(words("address"))
        callback_form(page, apps)
    view = CallbacksView()
    view.props["corpid"] = page.corpid
    view.props["apps"] = [{"agentid": app["agentid"], "name": app["name"]} for app in apps]
    view.props["texts"] = words.all()
    view.props["language"] = page.language
    view.props["read-only"] = page.modes.read_only
    view.props["shown"] = page.request.path_params.get("id", "")
