"""Pieces that the console's pages share."""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from nicegui import ui

from wecom_tollbooth.console.page import Page
from wecom_tollbooth.console.server_api import ServerRefusal
from wecom_tollbooth.console.words import Text

COPY = Text("复制", "Copy")
COPIED = Text("已复制", "Copied")
CANCEL = Text("取消", "Cancel")
FAILED = Text("出错了", "That did not work")


def heading(title: str, explained: str = "") -> None:
    """The head of a page."""
    ui.html(escape(title), tag="h1", sanitize=False).classes("page-title")
    if explained:
        ui.label(explained).classes("page-explained")


def empty(sentence: str, action: str = "", href: str = "") -> None:
    """What stands where there is nothing yet: what would be here, and how to get it."""
    with ui.column().classes("state state-empty"):
        ui.icon("inbox").props("aria-hidden=true")
        ui.label(sentence)
        if action:
            ui.link(action, href)


def error(page: Page, sentence: str) -> None:
    """What stands where something went wrong."""
    with ui.column().classes("state state-error").props("role=alert"):
        ui.icon("error_outline").props("aria-hidden=true")
        ui.label(FAILED.in_(page.language)).classes("state-title")
        ui.label(sentence)


def copyable(page: Page, text: str) -> None:
    """A short text with a button that copies it."""
    with ui.row(wrap=False).classes("copyable"):
        ui.label(text).classes("mono")
        copied = COPIED.in_(page.language)

        def copy() -> None:
            ui.clipboard.write(text)
            ui.notify(copied)

        label = COPY.in_(page.language)
        ui.button(icon="content_copy", on_click=copy).props(f'flat dense round aria-label="{label}"')


def button(text: str, on_click: Callable[[], object], page: Page, *, changes: bool = True) -> ui.button:
    """A button. One that changes something is disabled in the read-only mode."""
    made = ui.button(text, on_click=on_click).props("no-caps unelevated")
    if changes and page.modes.read_only:
        made.disable()
    return made


def asking_button(page: Page, text: str, question: str, on_yes: Callable[[], object]) -> ui.button:
    """A button that asks first."""
    with ui.dialog() as dialog, ui.card():
        ui.label(text).classes("card-title")
        ui.label(question)
        with ui.row().classes("buttons"):
            ui.button(CANCEL.in_(page.language), on_click=dialog.close).props("flat no-caps")

            async def yes() -> None:
                dialog.close()
                done = on_yes()
                if isinstance(done, Awaitable):
                    await done

            ui.button(text, on_click=yes).props("no-caps unelevated")
    return button(text, dialog.open, page)


async def attempt(page: Page, work: Awaitable[Any], done: str = "") -> Any:
    """What the server answered, after a note that it is `done`; None where it refused, which is told too."""
    try:
        answer = await work
    except ServerRefusal as refused:
        ui.notify(str(refused), type="negative", multi_line=True, close_button=True, timeout=0)
        return None
    if done:
        ui.notify(done, type="positive")
    return answer or True
