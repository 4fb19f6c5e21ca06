"""What a price book holds. Money is Decimal in the book's currency; counts are whole numbers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from wecom_tollbooth.billing.meters import LEVELS, covers

Model = Literal["per_unit", "graduated", "volume", "package", "flat", "banded_capacity"]
Per = Literal["call", "contact", "month", "year"]
Confidence = Literal["high", "medium", "low", "assumption"]


@dataclass(frozen=True)
class Tier:
    """Units up to and with `up_to`, None for no end: so much each, and `flat_amount` once when one is used.

    A band of a capacity is a tier without a unit price: it is bought whole.
    """

    up_to: int | None
    unit_price: Decimal = Decimal(0)
    flat_amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Price:
    """What the meters named in `meters` cost, each by itself or all `together`.

    `tiers` holds the tiers of graduated and volume prices, and the bands of a banded capacity. `unit_price`
    is that of one unit, or of one whole package of `package_size`.
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
    confidence: Confidence = "assumption"

    @property
    def is_level(self) -> bool:
        """Of what is held, such as contacts, and not of what is used up, such as calls."""
        return any(covers(written, meter) for written in self.meters for meter in LEVELS)

    @property
    def months(self) -> int:
        """The months that its money pays for."""
        return 12 if self.per == "year" else 1

    @property
    def one_price(self) -> Decimal | None:
        """The price of every unit alike, or of every package; None where there is no such price."""
        return self.unit_price if self.model in ("per_unit", "package") else None

    def covers(self, meter: str) -> bool:
        return any(covers(written, meter) for written in self.meters)


@dataclass(frozen=True)
class PriceBook:
    """The prices in force from the day `effective`, in Asia/Shanghai, until the next book's."""

    name: str
    title: str
    currency: str
    source: str
    effective: date
    prices: tuple[Price, ...]
    place: str
    """The file that it was read from."""

    def price_for(self, meter: str) -> Price | None:
        return next((price for price in self.prices if price.covers(meter)), None)
