"""docs/errcodes.md: each code of WeCom's error list, with who answers it or why nobody does."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from wecom_tollbooth.coverage.error_list import (
    IN_CALLBACKS,
    OF_EVERY_OPERATION,
    ErrorList,
    Unanswered,
    answered_codes,
    operations_by_code,
)
from wecom_tollbooth.gateway import errcodes
from wecom_tollbooth.gateway.errcodes import BY_NUMBER
from wecom_tollbooth.gateway.operation import Registry

_OWN_TEXT = re.compile(r"Code\((-?\d+), .*# own")
SHOWN = 5
"""So many operations of a code are named."""


def render_errcodes(registry: Registry, known: ErrorList) -> str:
    """The whole page."""
    pages = Environment(
        loader=PackageLoader("wecom_tollbooth.coverage", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    answered = answered_codes(registry)
    unseen = _with_our_text()
    return pages.get_template("errcodes.md.jinja").render(
        total=len(known.listed),
        answered_listed=len(answered & known.listed),
        answered=[_row(registry, code, known, unseen) for code in sorted(answered)],
        reasons=[_unanswered(one, answered) for one in known.reasons],
        chapters=[_unanswered(one, answered) for one in known.chapters if one.codes - answered],
    )


def _with_our_text() -> frozenset[int]:
    """The codes whose text was never seen in a real reply: the source marks them."""
    sources = Path(errcodes.__file__).parent.glob("*.py")
    found = (_OWN_TEXT.findall(source.read_text(encoding="utf-8")) for source in sources)
    return frozenset(int(number) for numbers in found for number in numbers)


def _row(registry: Registry, code: int, known: ErrorList, unseen: frozenset[int]) -> str:
    operations = [operation.name for operation in operations_by_code(registry).get(code, ())]
    who = ", ".join(f"`{name}`" for name in operations[:SHOWN])
    if len(operations) > SHOWN:
        who += f" … ({len(operations)})"
    if code in OF_EVERY_OPERATION:
        who = "所有接口 / every operation"
    elif code in IN_CALLBACKS:
        who = "异步任务的结果 / results of jobs"
    marks = ("#" if code in unseen else "") + ("" if code in known.listed else "*")
    return f"| {code}{' ' + marks if marks else ''} | {BY_NUMBER[code].text} | {who} |"


def _unanswered(one: Unanswered, answered: frozenset[int]) -> dict[str, Any]:
    left = sorted(one.codes - answered)
    return {"zh": one.zh, "en": one.en, "count": len(left), "numbers": _spans(left)}


def _spans(numbers: list[int]) -> str:
    """The numbers, with each run of them as its first and last."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
