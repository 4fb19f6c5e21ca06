"""The shape of a price book's TOML: which keys each model of a price has, and what they may hold.

`Fix` in a field's annotation says what to write there; errors.py puts it into the one line of a refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self, cast, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from wecom_tollbooth.billing.meters import EVERY_CALL, LEVELS, LINK_CONTACTS, NOT_CALLS, covers
from wecom_tollbooth.billing.price_books.model import DECIMALS, Confidence, Model, Per, Price, PriceBook, Tier

PRICE_BELOW = 1_000_000
AMOUNT_BELOW = 1_000_000_000_000
"""The limit of flat amounts, minimums and caps."""
COUNT_BELOW = 10**15

OUR_RULE = "price_book"
"""The type of errors that no rule of pydantic's covers."""


@dataclass(frozen=True)
class Fix:
    """What to write where a key is missing or its value has the wrong type; {key} is the key."""

    text: str


def wrong(text: str) -> PydanticCustomError:
    """An error whose text has the fix; where it concerns several keys, the text begins with one of them."""
    return PydanticCustomError(OUR_RULE, "{text}", {"text": text})


def _money(below: int) -> BeforeValidator:
    def read(value: object) -> Decimal:
        if not isinstance(value, str):
            raise wrong(f'{value!r}; write it as text, such as "0.002"')
        try:
            money = Decimal(value)
        except InvalidOperation:
            raise wrong(f'{value!r} is not a number; write text such as "0.002"') from None
        exponent = money.as_tuple().exponent
        if not isinstance(exponent, int) or money.is_signed() or money >= below:
            raise wrong(f"{value!r}; it must be 0 or more and below {below}")
        if exponent < -DECIMALS:
            raise wrong(f"{value!r}; use at most {DECIMALS} decimals")
        return money if exponent <= 0 else Decimal(int(money)) if money else Decimal(0)

    return BeforeValidator(read)


def _names(value: object) -> tuple[str, ...]:
    """The meters that `meter` or `meters` names."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise wrong(f"{value!r}; write names in quotes")
    for name in names:
        is_class = name.endswith(".*") and name.count("*") == 1
        if not name or ("*" in name and name != EVERY_CALL and not is_class):
            raise wrong(f"{name!r}; a class is written such as customer.*, and * is every call")
    return tuple(names)


def _fix_of_count(least: int) -> Fix:
    return Fix(f"write a whole number, {least} or more and below 10 to the 15th")


Text = Annotated[str, Field(strict=True, min_length=1), Fix('write {key} = "…"')]
UnitPrice = Annotated[Decimal, _money(PRICE_BELOW), Fix('write {key} = "0.002"')]
Amount = Annotated[Decimal, _money(AMOUNT_BELOW), Fix('write {key} = "0.002"')]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Count = Annotated[int, Field(strict=True, ge=0, lt=COUNT_BELOW), _fix_of_count(0)]
Size = Annotated[int, Field(strict=True, ge=1, lt=COUNT_BELOW), _fix_of_count(1)]


class Table(BaseModel):
    """A table of the file; `called` is what it is called where an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    called: ClassVar[str] = "it"


class TierShape(Table):
    up_to: Size | None = None
    unit_price: UnitPrice
    flat_amount: Amount = Decimal(0)


class BandShape(Table):
    up_to: Size
    flat_amount: Amount


class PriceShape(Table):
    """The keys that prices of every model have."""

    model: Model
    meter: Names | None = None
    meters: Names | None = None
    per: Annotated[str | None, Fix("write one of call, contact, month, year")] = None
    minimum: Amount | None = None
    cap: Amount | None = None
    refused: Annotated[Literal["free", "charged"], Fix("write one of free, charged")] = "free"
    together: Annotated[bool, Field(strict=True), Fix("write true or false")] = False
    source: Text | None = None
    source_zh: Text | None = None
    confidence: Annotated[Confidence, Fix(f"write one of {', '.join(get_args(Confidence))}")] = "assumption"

    @property
    def names(self) -> tuple[str, ...]:
        return self.meter or self.meters or ()

    @property
    def is_level(self) -> bool:
        return any(covers(name, level) for name in self.names for level in LEVELS)

    def allowed_periods(self) -> tuple[Per, ...]:
        """What `per` may be; of several it has to be given."""
        if self.model == "flat" or self.is_level:
            return "month", "year"
        return ("contact",) if self.names == (LINK_CONTACTS,) else ("call",)

    def amounts(self) -> dict[str, Any]:
        """The fields of Price that only this model has."""
        raise NotImplementedError

    @model_validator(mode="after")
    def refuse_wrong_meters(self) -> Self:
        if (self.meter is None) == (self.meters is None):
            raise wrong('meter: write meter = "…", or meters = ["…", "customer.*"], and not both')
        levels = [name for name in self.names if any(covers(name, level) for level in LEVELS)]
        if levels and len(levels) < len(self.names):
            raise wrong(f"meters: {levels[0]} is held and calls are consumed; price them separately")
        if LINK_CONTACTS in self.names and len(self.names) > 1:
            raise wrong(f"meters: {LINK_CONTACTS} are not calls; price them separately")
        return self

    @model_validator(mode="after")
    def refuse_wrong_period(self) -> Self:
        allowed = self.allowed_periods()
        if self.per not in allowed and (self.per is not None or len(allowed) > 1):
            shown = "missing" if self.per is None else repr(self.per)
            raise wrong(f"per: {shown}; write one of {', '.join(allowed)}")
        return self

    @model_validator(mode="after")
    def refuse_contradictions(self) -> Self:
        if self.minimum is not None and self.cap is not None and self.minimum > self.cap:
            raise wrong(f"minimum: {self.minimum} is above the cap {self.cap}; lower it, or raise the cap")
        if self.together and self.is_level:
            raise wrong("together: contacts and seats are not counted together; price each separately")
        several = len(self.names) > 1 or "*" in self.names[0]
        if several and not self.together and (self.model == "flat" or self.minimum is not None):
            key = "flat_amount" if self.model == "flat" else "minimum"
            fix = "price each separately" if self.is_level else "write together = true, or one meter"
            raise wrong(f"{key}: it is due once, but for which meter? {fix}")
        if self.refused == "charged" and any(name in NOT_CALLS for name in self.names):
            raise wrong("refused: only calls are refused; remove it")
        return self

    def price(self, source_of_book: str, source_of_book_zh: str) -> Price:
        return Price(
            meters=self.names,
            model=self.model,
            per=cast(Per, self.per or self.allowed_periods()[0]),
            minimum=self.minimum,
            cap=self.cap,
            refused_charged=self.refused == "charged",
            together=self.together,
            source=self.source or source_of_book,
            source_zh=self.source_zh or self.source or source_of_book_zh,
            confidence=self.confidence,
            **self.amounts(),
        )


class PerUnit(PriceShape):
    called = "a per_unit price"
    model: Literal["per_unit"]
    unit_price: UnitPrice
    free: Count = 0

    def amounts(self) -> dict[str, Any]:
        return {"unit_price": self.unit_price, "free": self.free}


class Package(PriceShape):
    called = "a package price"
    model: Literal["package"]
    unit_price: UnitPrice
    package_size: Size
    free: Count = 0

    def amounts(self) -> dict[str, Any]:
        return {"unit_price": self.unit_price, "package_size": self.package_size, "free": self.free}


class Flat(PriceShape):
    called = "a flat price"
    model: Literal["flat"]
    flat_amount: Amount

    def amounts(self) -> dict[str, Any]:
        return {"flat_amount": self.flat_amount}


class Tiered(PriceShape):
    tiers: Annotated[
        list[TierShape],
        Field(min_length=1),
        Fix("write tiers = [{ … }, …] with flat_amount, unit_price, up_to"),
    ]
    free: Count = 0

    @model_validator(mode="after")
    def refuse_wrong_ends(self) -> Self:
        *before, last = self.tiers
        for number, tier in enumerate(before, 1):
            if tier.up_to is None:
                raise wrong(f"tiers {number}: up_to: missing; {_fix_of_count(1).text}")
        if last.up_to is not None:
            raise wrong(
                f"tiers {len(self.tiers)}: up_to: {last.up_to}; the last tier has no end, so leave it out"
            )
        _refuse_disorder("tiers", [tier.up_to or 0 for tier in before])
        return self

    def amounts(self) -> dict[str, Any]:
        tiers = tuple(Tier(tier.up_to, tier.unit_price, tier.flat_amount) for tier in self.tiers)
        return {"tiers": tiers, "free": self.free}


class Graduated(Tiered):
    called = "a graduated price"
    model: Literal["graduated"]


class Volume(Tiered):
    called = "a volume price"
    model: Literal["volume"]


class BandedCapacity(PriceShape):
    called = "a banded_capacity price"
    model: Literal["banded_capacity"]
    bands: Annotated[
        list[BandShape], Field(min_length=1), Fix("write bands = [{ … }, …] with flat_amount, up_to")
    ]
    free: Count = 0

    @model_validator(mode="after")
    def refuse_wrong_order(self) -> Self:
        _refuse_disorder("bands", [band.up_to for band in self.bands])
        return self

    def amounts(self) -> dict[str, Any]:
        tiers = tuple(Tier(band.up_to, flat_amount=band.flat_amount) for band in self.bands)
        return {"tiers": tiers, "free": self.free}


def _refuse_disorder(key: str, ends: list[int]) -> None:
    for number, (before, after) in enumerate(pairwise(ends), 2):
        if after <= before:
            raise wrong(
                f"{key} {number}: up_to: {after} is not above {before}; list them from lowest to highest"
            )


AnyPrice = Annotated[
    PerUnit | Graduated | Volume | Package | Flat | BandedCapacity, Field(discriminator="model")
]


class BookShape(Table):
    called = "a book"
    name: Text
    title: Text
    currency: Text
    source: Text
    source_zh: Text | None = None
    effective: Annotated[date, Field(strict=True), Fix("write a day such as 2025-09-08")]
    price: Annotated[
        list[AnyPrice],
        Field(min_length=1),
        Fix("add a table [[price]] for each meter or class of meters"),
    ]

    def book(self, place: str) -> PriceBook:
        return PriceBook(
            name=self.name,
            title=self.title,
            currency=self.currency,
            source=self.source,
            effective=self.effective,
            prices=tuple(price.price(self.source, self.source_zh or self.source) for price in self.price),
            place=place,
            source_zh=self.source_zh or "",
        )


PRICES: Mapping[str, type[PriceShape]] = {
    "per_unit": PerUnit,
    "graduated": Graduated,
    "volume": Volume,
    "package": Package,
    "flat": Flat,
    "banded_capacity": BandedCapacity,
}


def every_key() -> set[str]:
    """All keys of a book and of the prices in it."""
    shapes: tuple[type[Table], ...] = (BookShape, *PRICES.values())
    return {key for shape in shapes for key in shape.model_fields}
