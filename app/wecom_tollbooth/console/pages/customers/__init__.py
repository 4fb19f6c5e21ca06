"""Customers: a list that pages, searches and filters, and everything about one of them.

Both ask the forwarder in the browser, so this process renders nothing for 100,000 customers.
"""

import json
from pathlib import Path

from nicegui import ui

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.customers.texts import LIST_TEXTS, ONE, ONE_TEXTS, TITLE
from wecom_tollbooth.console.phone import phone
from wecom_tollbooth.console.server_api import segment

BROWSER = Path(__file__).parent / "browser"
EARLY = "".join((BROWSER / "early.js").read_text(encoding="utf-8").splitlines(keepends=True)[1:]).strip()


class CustomerList(ui.element, component="browser/customer_list.js"):
    """The table with its filters."""


class CustomerView(ui.element, component="browser/customer_view.js"):
    """What is known of one customer, but for the phone."""


@console_page("/corps/{corpid}/customers", TITLE, icon="people", order=40)
async def customers(page: Page) -> None:
    """The address holds the filters: find, userid, tag_id, stage_id, oldest_first."""
    words = page.words(LIST_TEXTS)
    # The corpid comes from the address: it must not end the script.
    corpid = json.dumps(page.corpid).replace("<", "\\u003c")
    ui.add_head_html(f"<script>({EARLY})({corpid})</script>")
    ui.add_css(BROWSER / "customers.css")
    parts.heading(TITLE.in_(page.language), words("about"))
    view = CustomerList()
    view.props["corpid"] = page.corpid
    view.props["language"] = page.language
    view.props["texts"] = words.all()
    view.props["links"] = page.prefix + page.link("/customers/")


@console_page("/corps/{corpid}/customers/{external_userid}", ONE)
async def one_customer(page: Page) -> None:
    words = page.words(ONE_TEXTS)
    external_userid = page.param("external_userid")
    found = await page.api.get(f"/corps/{segment(page.corpid)}/customers/{segment(external_userid)}")
    ui.add_css(BROWSER / "customers.css")
    ui.link(f"← {words('back')}", page.link("/customers"))
    parts.heading(found["name"] or external_userid)
    with ui.element("div").classes("cu-page"):
        view = CustomerView()
        view.props["corpid"] = page.corpid
        view.props["language"] = page.language
        view.props["texts"] = words.all()
        view.props["customer"] = found
        view.props["links"] = page.prefix + page.link("")
        # Where the console runs apart, the client page is the server's.
        view.props["server"] = "" if page.prefix else page.api.server.url
        with ui.element("section").classes("cu-phone").props(f'aria-label="{words("phone")}"'):
            with ui.row().classes("cu-phone-head"):
                ui.html(words("phone"), tag="h2", sanitize=False)
                ui.link(words("play"), page.link(f"/play?person={segment(external_userid)}"))
            shown = phone(page, external_userid)
            shown.props["name"] = found["name"]
