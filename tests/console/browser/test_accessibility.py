"""Every page of the menu through axe-core: nothing serious, on a desk and on a phone, in both languages."""

from typing import Any

import pytest

from pytest_tollbooth.corp import Corp

pytestmark = pytest.mark.slow

SERIOUS = frozenset({"serious", "critical"})
SETTLED_MS = 1_500
"""For pages that ask for their content after they are there."""


def addresses(tab: Any) -> list[str]:
    """The pages of the menu, in its order."""
    links = tab.get_by_role("navigation").first.get_by_role("link").all()
    return [link.get_attribute("href") for link in links]


def findings(tab: Any) -> list[str]:
    """What axe-core calls serious or critical, each with the element."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(tab).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1280), ("en", 390)])
def test_no_page_has_a_serious_finding(open_console: Any, corp: Corp, language: str, width: int) -> None:
    corp.act("member_adds_customer", userid="zhangsan")
    corp.get("externalcontact/list", userid="zhangsan")
    tab = open_console(f"/corps/{corp.corpid}/sandbox", language=language, width=width)
    tab.get_by_role("heading", level=1).wait_for()
    menu = addresses(open_console(f"/corps/{corp.corpid}/sandbox", language=language))
    assert len(menu) >= 5
    problems = []
    for address in ["/console/", *menu]:
        tab.goto(tab.url.split("/console")[0] + address)
        tab.get_by_role("heading", level=1).wait_for()
        tab.wait_for_timeout(SETTLED_MS)
        problems += [f"{address}: {finding}" for finding in findings(tab)]
        if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
            problems.append(f"{address}: scrolls sideways")
    assert problems == [], "\n".join(problems)
