"""No text in a CSV file is a formula for a spreadsheet, and no number is changed."""

import csv
import io
import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import wecom_tollbooth
from wecom_tollbooth.csv_table import CsvTable, cell

SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌−"
BLANKS = " \t\r\n\v\f\u00a0\u2003\u3000\u200b\u200e\u2060\ufeff\u00ad\u180e\u3164\u2800\u034f\ufe0f\x00\x1f"

FORMULAS = st.builds(
    "".join,
    st.tuples(
        st.text(alphabet=BLANKS, max_size=4),
        st.sampled_from(SIGNS),
        st.text(max_size=10),
    ),
)


def read_back(rows: list[list[Any]], delimiter: str = ",") -> list[list[str]]:
    """The rows as a spreadsheet reads them."""
    file = io.StringIO(newline="")
    table = CsvTable(file, ["first", "second"])
    for row in rows:
        table.write(row)
    return list(csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=delimiter))[1:]


def runs(text: str) -> bool:
    """Whether a spreadsheet could run the cell, told by another way than the code's: by what is stripped."""
    stripped = text
    while stripped and (stripped[0] in BLANKS or not stripped[0].isprintable() or stripped[0].isspace()):
        stripped = stripped[1:]
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text, re.ASCII):
        return False
    return unicodedata.normalize("NFKC", stripped)[:1] in set("=+-@−")


@given(FORMULAS)
@example("=1+1")
@example("  =cmd|' /C calc'!A0")
@example("＝1+1")
@example("\u200b\u3000＠SUM(A1)")
@example("-1+1")
@example("+8613800000000")
def test_every_formula_becomes_text(text: str) -> None:
    assert runs(text) or re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text)
    ((first, second),) = read_back([[text, "x"]])
    assert not runs(first)
    assert first.replace("'", "") == text.replace("'", "")
    assert second == "x"


@given(st.text(), st.text(alphabet=f"{SIGNS}{BLANKS};,'\"a1", max_size=12))
def test_no_cell_runs_however_the_file_is_split(text: str, crafted: str) -> None:
    for value in (text, crafted):
        for delimiter in (",", ";"):
            for row in read_back([[value, f"a;{value}"]], delimiter):
                assert not any(runs(part) for part in row), row


@given(st.one_of(st.integers(), st.decimals(allow_nan=False, allow_infinity=False, places=2), st.none()))
def test_numbers_stay_numbers(number: int | Decimal | None) -> None:
    assert cell(number) is number
    if number is not None:
        text = f"{number:f}"
        assert cell(text) == text


@pytest.mark.parametrize(
    "text", ["", "茶店", "a=b", "1-2", "3.14", "-0.50", "—", "'=1", "a; b", "https://a.b/?c=d"]
)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize("text", ["-１", "-1.", "--1", "-1e5", "-.5", "- 1"])
def test_what_only_looks_like_a_number_becomes_text(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_no_other_module_writes_csv() -> None:
    package = Path(wecom_tollbooth.__file__).parent
    writes = re.compile(r"\bcsv\.(writer|DictWriter)\b|^\s*from csv\b", re.MULTILINE)
    assert [path.name for path in package.rglob("*.py") if writes.search(path.read_text())] == [
        "csv_table.py"
    ]
