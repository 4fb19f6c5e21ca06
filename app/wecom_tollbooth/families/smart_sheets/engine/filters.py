"""filter_spec and sort as SQL over the keys of records.

`_OPERATORS` lists the operators of each type; the database compares. Source: pages 101158 and 101157;
docs/fidelity.md lists what they leave open.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from wecom_tollbooth.families.smart_sheets.engine import field_types as types
from wecom_tollbooth.families.smart_sheets.engine.cells import joined
from wecom_tollbooth.families.smart_sheets.engine.dates import span_of
from wecom_tollbooth.families.smart_sheets.engine.field_types import Column
from wecom_tollbooth.families.smart_sheets.engine.record_store import Order, Query, RecordStore, holds
from wecom_tollbooth.families.smart_sheets.engine.sheet import Sheet
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional, required

Key = sa.ColumnElement[Any]
Clause = sa.ColumnElement[bool]

AND, OR = "CONJUNCTION_AND", "CONJUNCTION_OR"
IS, IS_NOT = "OPERATOR_IS", "OPERATOR_IS_NOT"
CONTAINS, LACKS = "OPERATOR_CONTAINS", "OPERATOR_DOES_NOT_CONTAIN"
ABOVE, ABOVE_OR_IS = "OPERATOR_IS_GREATER", "OPERATOR_IS_GREATER_OR_EQUAL"
BELOW, BELOW_OR_IS = "OPERATOR_IS_LESS", "OPERATOR_IS_LESS_OR_EQUAL"
EMPTY, FILLED = "OPERATOR_IS_EMPTY", "OPERATOR_IS_NOT_EMPTY"
_ORDERED = {IS, IS_NOT, ABOVE, ABOVE_OR_IS, BELOW, BELOW_OR_IS}
_OPERATORS: dict[str, set[str]] = {
    "text": {IS, IS_NOT, CONTAINS, LACKS},
    "number": _ORDERED,
    "bool": {IS, IS_NOT},
    "time": _ORDERED,
    "ids": {IS, IS_NOT, CONTAINS, LACKS},
    "files": set(),
}
CONDITIONS_AT_MOST = 100
VALUES_AT_MOST = 200
VALUES_OF_ALL = 1_000
SORTS_AT_MOST = 100
"""Our limits: a filter or a sort with more would be too long for one SQL statement."""


class Texts(RequestModel):
    value: list[str] | None = optional(max_items=VALUES_AT_MOST, doc="matches any of them")


class Number(RequestModel):
    value: float | None = optional()


class Truth(RequestModel):
    value: bool | None = optional()


class Moments(RequestModel):
    type: str | None = optional(doc="DATE_TIME_TYPE_…; DETAIL_DATE takes a value")
    value: list[str] | None = optional(max_items=VALUES_AT_MOST, doc="unix milliseconds")


class Condition(RequestModel):
    field_id: str = required(ErrCode.INVALID_FILTER)
    field_type: str | None = optional(doc="the field's own type; checked when given")
    operator: str = required(ErrCode.INVALID_FILTER, doc="OPERATOR_IS, OPERATOR_CONTAINS, …")
    string_value: Texts | None = optional(doc="texts, or options by id or text")
    number_value: Number | None = optional()
    bool_value: Truth | None = optional()
    user_value: Texts | None = optional(doc="userids")
    date_time_value: Moments | None = optional()


class FilterSpec(RequestModel):
    conjunction: str | None = optional(doc="CONJUNCTION_AND (default) or CONJUNCTION_OR")
    conditions: list[Condition] | None = optional(max_items=CONDITIONS_AT_MOST)


class SortKey(RequestModel):
    field_title: str | None = optional(doc="or field_id")
    field_id: str | None = optional()
    desc: bool | None = optional(doc="true: largest first")


def where_of(sheet: Sheet, store: RecordStore, spec: FilterSpec | None, now: int) -> Clause | None:
    """The filter as SQL, or None. Raises 2022033, and 2022018 for an invalid date."""
    if spec is None or not spec.conditions:
        return None
    if spec.conjunction not in (None, "", AND, OR):
        raise _bad(f"conjunction {spec.conjunction!r} is neither {AND} nor {OR}")
    values = sum(map(_count_values, spec.conditions))
    if values > VALUES_OF_ALL:
        raise _bad(f"all conditions together have {values} values, more than {VALUES_OF_ALL}")
    clauses = [_clause(sheet, store, condition, now) for condition in spec.conditions]
    return sa.or_(*clauses) if spec.conjunction == OR else sa.and_(*clauses)


def order_of(sheet: Sheet, store: RecordStore, keys: list[SortKey] | None) -> tuple[Order, ...]:
    """The sort as SQL. Raises 2022004 for an unknown field."""
    orders = []
    for key in keys or []:
        column = sheet.column(key.field_id) if key.field_id else sheet.titled(key.field_title or "")
        if column is None:
            name = key.field_id or key.field_title
            raise Refusal(ErrCode.FIELD_NOT_FOUND, detail=f"sort: there is no field {name!r}")
        orders.append(Order(_sorted_by(column, store.key(column)), bool(key.desc)))
    return tuple(orders)


def both(one: Clause | None, other: Clause | None) -> Clause | None:
    """The conjunction of two filters, each of which may be None."""
    given = [clause for clause in (one, other) if clause is not None]
    return sa.and_(*given) if given else None


def query_of(
    sheet: Sheet, store: RecordStore, spec: FilterSpec | None, sort: list[SortKey] | None, now: int
) -> Query:
    return Query(where_of(sheet, store, spec, now), order_of(sheet, store, sort))


class place_of(sa.sql.functions.GenericFunction[int]):  # noqa: N801 - a function of SQL
    """place_of(text, part): the position of the part in the text, from 1; 0 if it isn't there."""

    type = sa.Integer()
    name = "instr"
    inherit_cache = True


@compiles(place_of, "postgresql")
def _place_on_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    return f"strpos{compiler.process(element.clause_expr, **how)}"


def _sorted_by(column: Column, key: Key) -> Key:
    """Select cells sort by their first option, in the order of the field's options; others by their key."""
    if column.type not in (types.SELECT, types.SINGLE_SELECT) or not column.options:
        return key
    in_order = sa.literal(joined([option["id"] for option in column.options]))
    chosen_first = sa.func.substr(key, 1, place_of(sa.func.substr(key, 2), "|") + 1)
    return sa.func.nullif(place_of(in_order, chosen_first), 0)


def _bad(why: str) -> Refusal:
    return Refusal(ErrCode.INVALID_FILTER, detail=f"filter_spec: {why}")


def _count_values(condition: Condition) -> int:
    given = (condition.string_value, condition.user_value, condition.date_time_value)
    return sum(len(one.value or ()) for one in given if one is not None)


def _clause(sheet: Sheet, store: RecordStore, condition: Condition, now: int) -> Clause:
    column = sheet.column(condition.field_id)
    if column is None:
        raise _bad(f"there is no field {condition.field_id!r}")
    if condition.field_type and condition.field_type != column.type:
        raise _bad(f"{condition.field_id} is of type {column.type}, not {condition.field_type}")
    kind, operator = column.kind.key, condition.operator
    key = store.key(column)
    if operator in (EMPTY, FILLED):
        empty = sa.func.coalesce(key, 0) == 0 if kind == "bool" else key.is_(None)
        return empty if operator == EMPTY else sa.not_(empty)
    if operator not in _OPERATORS[kind]:
        raise _bad(f"a {column.type} takes no {operator!r}")
    return _COMPARE[kind](column, key, condition, now)


def _text(column: Column, key: Key, condition: Condition, _: int) -> Clause:
    values = _values(column, condition.string_value, "string_value")
    if condition.operator in (IS, IS_NOT):
        found: Clause = key.in_(values)
    else:
        found = sa.or_(*(holds(key, value) for value in values))
    return found if condition.operator in (IS, CONTAINS) else sa.or_(key.is_(None), sa.not_(found))


def _ids(column: Column, key: Key, condition: Condition, _: int) -> Clause:
    if column.type in (types.SELECT, types.SINGLE_SELECT):
        given = _values(column, condition.string_value, "string_value")
        by_text = {option["text"]: option["id"] for option in column.options}
        values = [by_text.get(value, value) for value in given]
    else:
        users = condition.user_value or condition.string_value
        values = _values(column, users, "user_value")
    has = [holds(key, f"|{value}|") for value in dict.fromkeys(values)]
    if condition.operator in (IS, IS_NOT) and column.type != types.SINGLE_SELECT:
        length = sum(len(value) + 1 for value in dict.fromkeys(values)) + 1
        found = sa.and_(sa.func.length(key) == length, *has)
    else:
        found = sa.or_(*has)
    return found if condition.operator in (IS, CONTAINS) else sa.or_(key.is_(None), sa.not_(found))


def _number(column: Column, key: Key, condition: Condition, _: int) -> Clause:
    value = condition.number_value.value if condition.number_value else None
    if value is None:
        raise _bad(f"{column.field_id} needs number_value")
    return _ordered(key, condition.operator, value, value, inclusive=True)


def _truth(column: Column, key: Key, condition: Condition, _: int) -> Clause:
    value = condition.bool_value.value if condition.bool_value else None
    if value is None:
        raise _bad(f"{column.field_id} needs bool_value")
    wanted = value if condition.operator == IS else not value
    return sa.type_coerce(sa.func.coalesce(key, 0), sa.Integer) == int(wanted)


def _time(column: Column, key: Key, condition: Condition, now: int) -> Clause:
    given = condition.date_time_value
    if given is None:
        raise _bad(f"{column.field_id} needs date_time_value")
    first, end = (sa.literal(at, sa.BigInteger) for at in span_of(given.type, given.value or [], now))
    return _ordered(key, condition.operator, first, end, inclusive=False)


def _ordered(key: Key, operator: str, first: Any, last: Any, *, inclusive: bool) -> Clause:
    """Compares with the range from `first` to `last`, which includes `last` if `inclusive`."""
    not_above = key <= last if inclusive else key < last
    inside = sa.and_(key >= first, not_above)
    compared: dict[str, Clause] = {
        IS: inside,
        IS_NOT: sa.or_(key.is_(None), sa.not_(inside)),
        ABOVE: sa.not_(not_above),
        ABOVE_OR_IS: key >= first,
        BELOW: key < first,
        BELOW_OR_IS: not_above,
    }
    return compared[operator]


def _values(column: Column, given: Texts | None, name: str) -> list[str]:
    if given is None or not given.value:
        raise _bad(f"{column.field_id} needs {name}")
    return given.value


_COMPARE: dict[str, Callable[[Column, Key, Condition, int], Clause]] = {
    "text": _text,
    "ids": _ids,
    "number": _number,
    "bool": _truth,
    "time": _time,
}
