"""Play the customer: scan a code, watch the phone, write; or play a member."""

from nicegui.element import Element

from wecom_tollbooth.console import parts
from wecom_tollbooth.console.page import Page, console_page
from wecom_tollbooth.console.pages.play.words import TEXTS, TITLE
from wecom_tollbooth.console.phone import Phone, phone_props

__all__ = ["Phone", "play"]


class Play(Element, component="play.js", esm={"tollbooth-play": "web"}):
    """The page's content; it asks the forwarder and renders in the browser."""


@console_page("/corps/{corpid}/play", TITLE, icon="smartphone", order=60)
async def play(page: Page) -> None:
    """`person` in the address is whose phone is shown, `code` the code that is scanned."""
    words = page.words(TEXTS)
    parts.heading(TITLE.in_(page.language), words("about"))
    content = Play()
    content.props.update(
        {
            "corpid": page.corpid,
            "texts": words.all(),
            "language": page.language,
            "readonly": page.modes.read_only,
            "phone": phone_props(page),
            "person": page.param("person"),
            "code": page.param("code"),
            # Where the console runs apart, the pages behind codes are the server's.
            "server": "" if page.prefix else page.api.server.url,
        }
    )
