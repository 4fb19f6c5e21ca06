"""Fixtures of the tests of smart sheets."""

import pytest

from tests.conftest import WeCom
from tests.families.sheets import Sheet
from tests.families.smart_sheets.webhooks import Webhook, webhook_of


@pytest.fixture
def sheet(wecom: WeCom) -> Sheet:
    sheet = Sheet(wecom, 数="NUMBER", 日="DATE_TIME", 图="IMAGE", 地="LOCATION")
    options = {"property_single_select": {"options": [{"text": "待办", "style": 1}, {"text": "完成"}]}}
    sheet.add_field("选", "SINGLE_SELECT", **options)
    return sheet


@pytest.fixture
def webhook(sheet: Sheet) -> Webhook:
    return webhook_of(sheet)
