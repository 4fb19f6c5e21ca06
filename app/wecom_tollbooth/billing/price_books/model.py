"""What a price book holds. Money is a Decimal in the book's currency; counts are integers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from wecom_tollbooth.billing.meters import LEVELS, covers

Model = Literal["per_unit", "graduated", "volume", "package", "flat", "banded_capacity"]
Per = Literal["call", "contact", "month", "year"]
Confidence = Literal["high", "medium", "low", "assumption"]

DECIMALS = 12
"""The most that a price has."""


@dataclass(frozen=True)
class Tier:
    """Units up to and including `up_to` (None: no end), and `flat_amount` once if one of them is used.

    A band of a capacity is a tier without a unit price: it is bought whole.
    """

    up_to: int | None
    unit_price: Decimal = Decimal(0)
    flat_amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Price:
    """What the meters named in `meters` cost, each separately or all `together`.

    `tiers` holds the tiers of graduated and volume prices and the bands of a banded capacity. `unit_price` is
    for one unit, or for one whole package of `package_size`.
    """

    meters: tuple[str, ...]
    model: Model
    per: Per
    unit_price: Decimal = Decimal(0)
    flat_amount: Decimal = Decimal(0)
    tiers: tuple[Tier, ...] = ()
    package_size: int = 1
    free: int = 0
    minimum: Decimal | None = None
    cap: Decimal | None = None
    refused_charged: bool = False
    together: bool = False
    source: str = ""
    source_zh: str = ""
    """In Chinese; the same as `source` where the book has it in one language."""
    confidence: Confidence = "assumption"

    @property
    def is_level(self) -> bool:
        """Whether its meters are held, such as contacts, and not consumed, such as calls."""
        return any(covers(written, meter) for written in self.meters for meter in LEVELS)

    @property
    def months(self) -> int:
        """How many months its amounts pay for."""
        return 12 if self.per == "year" else 1

    @property
    def one_price(self) -> Decimal | None:
        """The price of each unit or package; None where they differ."""
        return self.unit_price if self.model in ("per_unit", "package") else None

    @property
    def is_missing(self) -> bool:
        """Whether this is NO_PRICE."""
        return not self.meters

    def covers(self, meter: str) -> bool:
        return any(covers(written, meter) for written in self.meters)


NO_PRICE = Price(meters=(), model="per_unit", per="call")
"""What a call costs whose meter the book doesn't name: 0."""


@dataclass(frozen=True)
class PriceBook:
    """The prices in force from the day `effective`, in Asia/Shanghai, until the next book's.

    `missing` are meters of calls that it doesn't price, such as those that are newer than the book.
    """

    name: str
    title: str
    currency: str
    source: str
    effective: date
    prices: tuple[Price, ...]
    place: str
    """The file it was read from."""
    missing: tuple[str, ...] = ()
    source_zh: str = ""

    def price_for(self, meter: str) -> Price:
        """What `meter` costs: NO_PRICE if the book doesn't name it."""
        return next((price for price in self.prices if price.covers(meter)), NO_PRICE)
