"""A statement as CSV: one row for each line, amounts to the fen, so that their sum is the total.

UTF-8 with a byte order mark, without which Excel takes Chinese for something else; lines end as in RFC 4180.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from wecom_tollbooth.billing.renderers.words import moment, sections_of, sum_of, units_of

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
"""What a spreadsheet takes for the begin of a formula."""

BYTE_ORDER_MARK = "\ufeff"


def statement_csv(shown: Mapping[str, Any]) -> str:
    """The rows of a statement of one corp or of several, below a row of COLUMNS."""
    written = io.StringIO(newline="")
    rows = csv.DictWriter(written, COLUMNS, lineterminator="\r\n", extrasaction="raise")
    rows.writeheader()
    for section in sections_of(shown):
        rows.writerows(_rows(section))
    return BYTE_ORDER_MARK + written.getvalue()


def _rows(section: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    closed_at = section["closed_at"]
    of_all = {
        "month": section["month"],
        "corpid": section["corpid"],
        "corp_name": _text(section["name"]),
        "closed_at": "" if closed_at is None else moment(closed_at),
        "currency": section["currency"],
    }
    taken = [column for column in COLUMNS if column not in of_all and column != "steps"]
    for line in section["lines"]:
        own = {column: _text(line[column]) for column in taken}
        steps = "; ".join(f"{units_of(step)}: {sum_of(step)} = {step['amount']}" for step in line["steps"])
        yield {**of_all, **own, "steps": _text(steps)}


def _text(value: Any) -> Any:
    """Text that no spreadsheet runs: what looks like a formula gets an apostrophe before it."""
    if isinstance(value, str) and value.startswith(FORMULA) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
