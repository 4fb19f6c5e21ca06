"""Cells and filter values of the tests of smart sheets."""

from typing import Any

LINK = {"type": "url", "text": "官网", "link": "https://example.com"}
ZHANGSAN = {"user_id": "zhangsan", "id_type": 1}


def strings(*values: str) -> dict[str, Any]:
    return {"string_value": {"value": list(values)}}
