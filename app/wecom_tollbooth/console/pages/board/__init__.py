"""The follow-up board: columns by stage, the same records as table and funnel.

The browser does everything: board_view.js asks /console/api for cards, moves and logs, so 100,000 records
cost this process nothing.
"""

import json
from pathlib import Path

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.board.texts import ABOUT, TEXTS, TITLE

BROWSER = Path(__file__).parent / "browser"

EARLY = (BROWSER / "early.js").read_text(encoding="utf-8").strip()


class BoardView(
    ui.element, component="browser/board_view.js", esm={"tollbooth-board": str(BROWSER / "parts")}
):
    """The component; its texts are those of the page's language."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._props["corpid"] = page.corpid
        self._props["language"] = page.language
        self._props["texts"] = page.words(TEXTS).all()
        self._props["can-write"] = not page.modes.read_only
        self._props["customers"] = page.link("/customers/")


@console_page("/corps/{corpid}/board", TITLE, icon="view_kanban", order=50)
async def board(page: Page) -> None:
    # The corpid comes from the address: it must not end the script.
    corpid = json.dumps(page.corpid).replace("<", "\\u003c")
    ui.add_head_html(f"<script>({EARLY})({corpid})</script>")
    ui.add_css(BROWSER / "board.css")
    parts.heading(TITLE.in_(page.language), ABOUT.in_(page.language))
    BoardView(page)
