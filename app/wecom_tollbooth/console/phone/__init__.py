"""A picture of somebody's phone, live: messages as they arrive, and what the person can do with them.

    phone(page, "zhangsan")                       an element of a page
    import { Phone } from "tollbooth-phone"       within another component in the browser

The phone asks the forwarder itself and renders in the browser. The window's event `tollbooth-acted` makes
it look at once; it raises the same event after an act of its own.

"""

from nicegui.element import Element

from wecom_tollbooth.console.page import Page
from wecom_tollbooth.console.phone.words import TEXTS


class Phone(Element, component="phone.js", esm={"tollbooth-phone": "web"}):
    """See the module."""

    def __init__(self, page: Page, person: str) -> None:
        super().__init__()
        self.props.update(phone_props(page))
        self.props["person"] = person


def phone_props(page: Page) -> dict[str, object]:
    """What every phone of a page has in common."""
    return {
        "corpid": page.corpid,
        "texts": page.words(TEXTS).all(),
        "language": page.language,
        "readonly": page.modes.read_only,
    }


def phone(page: Page, person: str) -> Phone:
    """The phone of a member (userid) or a customer (external_userid)."""
    return Phone(page, person)
