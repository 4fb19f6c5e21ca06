"""The stylesheet of the pages that show what arrives."""

from nicegui import ui

from wecom_tollbooth import __version__
from wecom_tollbooth.console.page import Page


def live_styles(page: Page) -> None:
    """Adds it to the page."""
    ui.add_head_html(f'<link rel="stylesheet" href="{page.prefix}/files/live.css?{__version__}">')
