"""The frame of the console in a real browser."""

from typing import Any

import pytest

from pytest_tollbooth.corp import Corp


def test_the_first_screen_lists_the_corps_in_both_languages(open_console: Any, corp: Corp) -> None:
    """The one case of the console's browser tests that runs everywhere."""
    tab = open_console("/")
    tab.get_by_role("heading", name="企业", exact=True).wait_for()
    tab.get_by_text(corp.corpid).wait_for()
    tab.get_by_role("button", name="显示方式").click()
    tab.get_by_role("button", name="English").click()
    tab.get_by_role("heading", name="Corps", exact=True).wait_for()
    assert tab.evaluate("document.documentElement.lang").startswith("en")


@pytest.mark.slow
def test_the_language_is_the_browsers(open_console: Any, corp: Corp) -> None:
    open_console("/", language="en-GB").get_by_role("heading", name="Corps", exact=True).wait_for()
