"""How the amount of a line comes about, as sums that a reader can check: "400 × 0.1 ÷ 12"."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from wecom_tollbooth.billing.meters import LEVELS
from wecom_tollbooth.billing.renderers.wording import grouped, unit_range

MOST_PLACES = 12
"""As many as a price may have; an amount with as many was rounded."""

MOST_DIGITS = 60
"""Above those of any quantity times any price."""

WHOLE_MONTH = ("flat", "banded_capacity")
"""Models whose money is due for a month as a whole, so that some days of it cost a part."""


@dataclass(frozen=True)
class Term:
    """A step: its units, its sum and what that comes to, for the whole period that the price is for."""

    units: str
    sum: str
    comes_to: str


@dataclass(frozen=True)
class Calculation:
    """The sum of a line.

    `rest` is what all terms together are multiplied and divided by, such as "÷ 12"; "" for nothing. `days` of
    the month's `of` days are charged where `is_part`, and a twelfth of a year where `is_yearly`.
    """

    terms: tuple[Term, ...]
    rest: str
    days: int
    of: int
    is_part: bool
    is_yearly: bool

    @property
    def sum(self) -> str:
        """The whole sum in one line, such as "(5 × 5 + 3 × 4) ÷ 12"."""
        text = _added([term.sum for term in self.terms])
        return _divided(text, self.rest)

    @property
    def last(self) -> str:
        """The sum that ends a table of several terms, such as "(25 + 12) ÷ 12"; "" where none is needed."""
        if len(self.terms) < 2:
            return ""
        return _divided(_added([term.comes_to for term in self.terms]), self.rest)

    def each(self) -> list[tuple[Term, str]]:
        """The terms, each with its share of `rest`."""
        return [(term, _divided(term.sum, self.rest)) for term in self.terms]


def calculation(line: Mapping[str, Any]) -> Calculation:
    """The sum of a statement's line as its JSON has it."""
    since, until = date.fromisoformat(line["since"]), date.fromisoformat(line["until"])
    days, of = (until - since).days + 1, calendar.monthrange(since.year, since.month)[1]
    is_held = line["meter"] in LEVELS
    together = is_held or line["model"] in WHOLE_MONTH
    is_yearly = line["per"] == "year"
    prorated = "" if days == of else f"× {days} ÷ {of}"
    rest = f"{'÷ 12' if is_yearly else ''} {prorated if together else ''}".strip()
    terms = tuple(
        _term(line, step, Fraction(days, of), "" if together else prorated) for step in line["steps"]
    )
    own_part = any(prorated in term.sum for term in terms) if prorated else False
    return Calculation(terms, rest, days, of, bool(prorated) and (together or own_part), is_yearly)


def comes_to(amount: str) -> str:
    """ "= 3.3", or "≈ 3.33" for an amount of a step that has no end."""
    _, _, places = amount.partition(".")
    if len(places) < MOST_PLACES:
        return f"= {grouped(amount)}"
    return f"≈ {grouped(f'{Decimal(amount):.2f}')}"


def _term(line: Mapping[str, Any], step: Mapping[str, Any], part: Fraction, prorated: str) -> Term:
    """The step; where it is `prorated` by itself, its flat amount is charged for a part of the month."""
    flat, each = Fraction(step["flat"]), Fraction(step["unit_price"])
    of_package = Fraction(line["unit_price"] or 0) if line["model"] == "package" else Fraction(0)
    products, exact = [], step["quantity"] * each
    if each or not flat:
        products.append(f"{grouped(step['quantity'])} × {grouped(step['unit_price'])}")
    if flat and of_package:
        products.append(f"{grouped(int(flat / of_package))} × {grouped(line['unit_price'])}")
        exact += flat
    elif flat:
        products.append(f"{grouped(step['flat'])} {prorated}".strip())
        exact += flat * part if prorated else flat
    return Term(unit_range(step), _added(products), _text(exact))


def _text(exact: Fraction) -> str:
    """The number; one whose decimals never end is cut to four places and marked with ≈."""
    scaled = exact * 10**MOST_PLACES
    if scaled.denominator == 1:
        with localcontext(prec=MOST_DIGITS):
            text = f"{Decimal(scaled.numerator).scaleb(-MOST_PLACES):f}"
        return grouped(text.rstrip("0").rstrip("."))
    return f"≈ {grouped(f'{float(exact):.4f}')}"


def _added(texts: list[str]) -> str:
    first, *others = texts or ["0"]
    return first + "".join(f" − {text[1:]}" if text.startswith("-") else f" + {text}" for text in others)


def _divided(text: str, rest: str) -> str:
    if not rest:
        return text
    several = " + " in text or " − " in text
    return f"({text}) {rest}" if several else f"{text} {rest}"
