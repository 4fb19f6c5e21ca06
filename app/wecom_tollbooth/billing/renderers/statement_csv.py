"""A statement as CSV: one row a line, amounts in yuan to the fen, so that their sum is the total.

UTF-8 with a byte order mark, which Excel needs to read Chinese; lines end as RFC 4180 says.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from wecom_tollbooth.billing.renderers.wording import calculation, local_time, sections_of, unit_range

COLUMNS = (
    "month",
    "corpid",
    "corp_name",
    "closed_at",
    "meter",
    "title_zh",
    "title_en",
    "since",
    "until",
    "price_book",
    "model",
    "quantity",
    "free",
    "unit_price",
    "per",
    "steps",
    "adjusted",
    "amount",
    "currency",
    "source",
    "confidence",
)

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Characters that start a formula in a spreadsheet."""

BYTE_ORDER_MARK = "\ufeff"


def statement_csv(statement: Mapping[str, Any]) -> str:
    """The rows of a statement of one corp or of several, below the header COLUMNS."""
    written = io.StringIO(newline="")
    rows = csv.DictWriter(written, COLUMNS, lineterminator="\r\n", extrasaction="raise")
    rows.writeheader()
    for section in sections_of(statement):
        rows.writerows(_rows(section))
    return BYTE_ORDER_MARK + written.getvalue()


def _rows(section: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    closed_at = section["closed_at"]
    common = {
        "month": section["month"],
        "corpid": section["corpid"],
        "corp_name": _text(section["name"]),
        "closed_at": "" if closed_at is None else local_time(closed_at),
        "currency": section["currency"],
    }
    names = [column for column in COLUMNS if column not in common and column != "steps"]
    for line in section["lines"]:
        own = {column: _text(line[column]) for column in names}
        steps = "; ".join(
            f"{unit_range(step)}: {calculation(step)} = {step['amount']}" for step in line["steps"]
        )
        yield {**common, **own, "steps": _text(steps)}


def _text(value: Any) -> Any:
    """Puts an apostrophe before text that a spreadsheet would run as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
