"""Takes the pictures of the console's pages for docs/images: python -m tools.console_pictures

Needs Chromium and playwright. The corp is a demo of its own, in which a little has happened.
"""

from pathlib import Path
from typing import Any

from PIL import Image

from pytest_tollbooth.corp import Corp
from pytest_tollbooth.servers import LocalServer
from tests.browsers import chromium

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1180, "height": 760}
COLOURS = 96
SETTLED_MS = 2_500
PAGES = {
    "overview": "/",
    "calls": "/calls",
    "callbacks": "/callbacks",
    "customers": "/customers",
    "board": "/board",
    "play": "/play",
    "toll": "/toll",
    "sandbox": "/sandbox",
    "acts": "/acts/member_adds_customer",
}
LANGUAGES = {"zh-CN": ".zh-CN", "en": ""}
KEY = "console-pictures"


def main() -> None:
    with LocalServer(seed="20261201") as server, chromium() as browser:
        corp = server.new_corp(
            name="Tea shop", seed="demo", members=5, customers=120, follow_ups=120, key=KEY, activity=True
        )
        _use(corp)
        for language, ending in LANGUAGES.items():
            context = browser.new_context(locale=language, viewport=SIZE)
            tab = context.new_page()
            for name, path in PAGES.items():
                tab.goto(f"{server.base_url}/console/corps/{corp.corpid}{path}")
                tab.get_by_role("heading", level=1).wait_for()
                tab.wait_for_timeout(SETTLED_MS)
                _save(tab, f"console-{name}{ending}.png")
            context.close()


def _use(corp: Corp) -> None:
    """Calls of a usual kind, two of which are refused."""
    customers = corp.get("externalcontact/list", userid="zhangsan")["external_userid"]
    for customer in customers[:12]:
        corp.get("externalcontact/get", external_userid=customer)
        corp.control("POST", "/acts", act="member_adds_customer", userid="zhangsan")
    for path in ("externalcontact/get", "externalcontact/remark"):
        corp.fail_next(path, errcode=-1)


def _save(tab: Any, name: str) -> None:
    file = IMAGES / name
    tab.screenshot(path=str(file))
    Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)


if __name__ == "__main__":
    main()
