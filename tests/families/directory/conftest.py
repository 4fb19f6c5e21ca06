"""Fixtures of the tests of the directory."""

import pytest

from tests.conftest import Corp, WeCom


@pytest.fixture
def sync(corp: Corp) -> WeCom:
    """The 通讯录同步 secret of `corp`."""
    return corp.client(corp.app_of_kind("contacts_sync"))
