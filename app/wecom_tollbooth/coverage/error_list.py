"""WeCom's error list: which of its codes the simulator answers, and why it doesn't answer the others."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wecom_tollbooth.gateway.errcodes import BY_NUMBER, ErrCode
from wecom_tollbooth.gateway.operation import Operation, Registry

LIST = Path(__file__).with_name("error_list.toml")

OF_EVERY_OPERATION = frozenset(
    int(code)
    for code in (
        ErrCode.SYSTEM_BUSY,
        ErrCode.OK,
        ErrCode.INVALID_ACCESS_TOKEN,
        ErrCode.BODY_TOO_LARGE,
        ErrCode.MISSING_ACCESS_TOKEN,
        ErrCode.ACCESS_TOKEN_EXPIRED,
        ErrCode.FREQUENCY_LIMIT,
        ErrCode.CONCURRENCY_LIMIT,
        ErrCode.API_FORBIDDEN,
        ErrCode.API_TAKEN_AWAY,
        ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT,
        ErrCode.APP_DISABLED,
        ErrCode.IP_NOT_ALLOWED,
        ErrCode.CONTACT_SCALE_REACHED,
        ErrCode.LICENSE_OF_CORP_CLOSED,
    )
)
"""What the gateway answers before a handler, whichever operation is called."""

IN_CALLBACKS = frozenset((int(ErrCode.IMPORT_FAILED),))
"""What a job answers as its result, and the event about it."""


@dataclass(frozen=True)
class Unanswered:
    """Codes that no operation answers, and why: a chapter that isn't simulated, or a reason of their own."""

    zh: str
    en: str
    codes: frozenset[int]


@dataclass(frozen=True)
class ErrorList:
    """Every code of the list, with the reasons and the chapters of those that are not answered."""

    listed: frozenset[int]
    reasons: tuple[Unanswered, ...]
    chapters: tuple[Unanswered, ...]


def error_list() -> ErrorList:
    """The list as it is written down."""
    table = tomllib.loads(LIST.read_text(encoding="utf-8"))

    def unanswered(kind: str) -> tuple[Unanswered, ...]:
        return tuple(Unanswered(one["zh"], one["en"], _numbers(one["codes"])) for one in table[kind])

    # -1 would read as a span of numbers.
    return ErrorList(_numbers(table["listed"]) | {-1}, unanswered("reasons"), unanswered("chapters"))


def _numbers(text: str) -> frozenset[int]:
    """The numbers in a text such as "40001 40003-40005"."""
    numbers: set[int] = set()
    for part in text.split():
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return frozenset(numbers)


def operations_by_code(registry: Registry) -> dict[int, list[Operation]]:
    """The operations that declare each code, in their order."""
    found: dict[int, list[Operation]] = {}
    for operation in registry:
        for code in dict.fromkeys((*operation.errors, *operation.row_errors)):
            found.setdefault(int(code), []).append(operation)
    return found


def answered_codes(registry: Registry) -> frozenset[int]:
    """Every code that some operation answers."""
    return OF_EVERY_OPERATION | IN_CALLBACKS | frozenset(operations_by_code(registry))


def contradictions(registry: Registry, known: ErrorList) -> Iterator[str]:
    """A sentence for each code whose place in the list isn't true."""
    answered = answered_codes(registry)
    explained = frozenset[int]().union(*(one.codes for one in (*known.reasons, *known.chapters)))
    for code in sorted(known.listed - answered - explained):
        yield f"{code} is answered by no operation, and {LIST.name} gives no reason"
    for reason in known.reasons:
        for code in sorted(reason.codes & answered):
            yield f"{code} is answered; take it out of the reasons in {LIST.name}: {reason.en}"
    for code in sorted(explained - known.listed):
        yield f"{code} is not on the list"
    for code in sorted(set(BY_NUMBER) - answered):
        if BY_NUMBER[code] is not ErrCode.NOT_SIMULATED:
            yield f"{code} {BY_NUMBER[code].name} is declared by no operation"
