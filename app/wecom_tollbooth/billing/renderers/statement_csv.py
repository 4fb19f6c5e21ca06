"""A statement as CSV: one row a line, amounts in yuan to the fen, so that their sum is the total.

UTF-8 with a byte order mark, which Excel needs to read Chinese; lines end as RFC 4180 says.
"""

import io
from collections.abc import Iterator, Mapping
from typing import Any

from wecom_tollbooth.billing.renderers.arithmetic import calculation, comes_to
from wecom_tollbooth.billing.renderers.wording import local_time, sections_of
from wecom_tollbooth.csv_table import CsvTable

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
    "note_zh",
    "note_en",
    "source_zh",
)

BYTE_ORDER_MARK = "\ufeff"


def statement_csv(statement: Mapping[str, Any]) -> str:
    """The rows of a statement of one corp or of several, below the header COLUMNS."""
    written = io.StringIO(newline="")
    table = CsvTable(written, COLUMNS)
    for section in sections_of(statement):
        for row in _rows(section):
            table.write(row[column] for column in COLUMNS)
    return BYTE_ORDER_MARK + written.getvalue()


def _rows(section: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    closed_at = section["closed_at"]
    common = {
        "month": section["month"],
        "corpid": section["corpid"],
        "corp_name": section["name"],
        "closed_at": "" if closed_at is None else local_time(closed_at),
        "currency": section["currency"],
    }
    names = [column for column in COLUMNS if column not in common and column != "steps"]
    for line in section["lines"]:
        own = {column: line[column] for column in names}
        steps = "; ".join(
            f"{term.units}: {share} {comes_to(step['amount'])}"
            for (term, share), step in zip(calculation(line).each(), line["steps"], strict=True)
        )
        yield {**common, **own, "steps": steps}
