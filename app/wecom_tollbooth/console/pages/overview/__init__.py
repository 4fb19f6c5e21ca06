"""The overview of a corp: contacts, calls, errcodes, callbacks and the bill, and how to get started.

The browser asks for the corp's summary every other second; the first one comes with the page.
"""

from pathlib import Path
from typing import Any

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.overview.snippets import SNIPPETS
from wecom_tollbooth.console.pages.overview.texts import ABOUT, TEXTS, TITLE
from wecom_tollbooth.console.server_api import segment

BROWSER = Path(__file__).parent / "browser"
MINUTES = 30


class OverviewView(
    ui.element, component="browser/overview_view.js", esm={"tollbooth-overview": str(BROWSER / "parts")}
):
    """The component; its texts are those of the page's language."""

    def __init__(self, page: Page, first: dict[str, Any], apps: list[dict[str, Any]]) -> None:
        super().__init__()
        language = page.language
        self._props["corpid"] = page.corpid
        self._props["language"] = language
        self._props["texts"] = page.words(TEXTS).all()
        self._props["can-write"] = not page.modes.read_only
        self._props["presenter"] = page.modes.presenter
        self._props["base-url"] = page.api.server.url
        self._props["corp-path"] = page.prefix + page.link("")
        self._props["first"] = first
        self._props["minutes"] = MINUTES
        self._props["apps"] = [_shown(app) for app in apps]
        self._props["snippets"] = [
            {"id": one.id, "name": one.name, "about": one.about.in_(language), "code": one.code}
            for one in SNIPPETS
        ]


@console_page("/corps/{corpid}/", TITLE, icon="dashboard", order=10)
async def overview(page: Page) -> None:
    corp = await page.api.get(f"/corps/{segment(page.corpid)}")
    first = await page.api.get(f"/corps/{segment(page.corpid)}/summary", minutes=MINUTES)
    ui.add_css(BROWSER / "overview.css")
    parts.heading(TITLE.in_(page.language), ABOUT.in_(page.language))
    OverviewView(page, first, corp["apps"])


def _shown(app: dict[str, Any]) -> dict[str, Any]:
    callback = ("callback_url", "callback_token", "encoding_aes_key")
    return {name: app.get(name, "") for name in ("agentid", "name", "kind", "secret", *callback)}
