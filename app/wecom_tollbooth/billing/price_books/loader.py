"""Reading price books from TOML. Whatever is wrong is refused in one line: the file, the key, the mend."""

import difflib
import tomllib
from collections.abc import Iterable, Set
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, cast, get_args

from wecom_tollbooth.billing.meters import EVERY_CALL, LEVELS, LINK_CONTACTS, NOT_CALLS, covers
from wecom_tollbooth.billing.price_books.model import Confidence, Model, Per, Price, PriceBook, Tier
from wecom_tollbooth.settings import WrongSetting

SHIPPED = Path(__file__).parent
PRICE_BELOW = 1_000_000
AMOUNT_BELOW = 1_000_000_000_000
"""Of flat amounts, minimums and caps."""
DECIMALS = 12
COUNT_BELOW = 10**15

_TEXTS = ("name", "title", "currency", "source")
BOOK_KEYS = {*_TEXTS, "effective", "price"}
PRICE_KEYS = {
    "meter",
    "meters",
    "model",
    "per",
    "minimum",
    "cap",
    "refused",
    "together",
    "source",
    "confidence",
}
MODEL_KEYS: dict[str, set[str]] = {
    "per_unit": {"unit_price", "free"},
    "graduated": {"tiers", "free"},
    "volume": {"tiers", "free"},
    "package": {"unit_price", "package_size", "free"},
    "flat": {"flat_amount"},
    "banded_capacity": {"bands", "free"},
}


def shipped() -> list[str]:
    """The names of the books that come with the program."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_price_book(name_or_path: str) -> PriceBook:
    """A shipped book by its name, or the book in a file.

    Raises WrongSetting with one line that names the file, the key and the mend.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml" and "/" not in name_or_path:
        path = SHIPPED / f"{name_or_path}.toml"
        if name_or_path not in shipped():
            raise WrongSetting(
                f"TOLLBOOTH_PRICE_BOOK: no book is called {name_or_path!r}; "
                f"use one of {', '.join(shipped())}, or the path of a .toml file"
            )
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise WrongSetting(f"{path}: {error.strerror}; give the path of a price book") from None
    except UnicodeDecodeError as error:
        raise WrongSetting(f"{path}: no good TOML: {error}; mend that line") from None
    return read_price_book(text, str(path))


def read_price_book(text: str, place: str) -> PriceBook:
    """The book written in `text`, which `place` names in a refusal. Raises as load_price_book."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise WrongSetting(f"{place}: no good TOML: {error}; mend that line") from None
    return _Reader(place, "").book(data)


def refuse_unpriced_meters(book: PriceBook, meters: Set[str]) -> None:
    """Each meter, of the operations (`meters`) and the others, needs one price, and no other does."""
    known = meters | set(NOT_CALLS)
    for place, price in enumerate(book.prices, 1):
        for written in price.meters:
            if not any(covers(written, meter) for meter in known):
                near = difflib.get_close_matches(written, sorted(known), n=1)
                mend = f"did you mean {near[0]!r}?" if near else "remove it"
                raise WrongSetting(f"{book.place}: price {place}: meter {written!r} is not known; {mend}")
    for meter in sorted(known):
        pricing = [place for place, price in enumerate(book.prices, 1) if price.covers(meter)]
        if not pricing:
            raise WrongSetting(
                f"{book.place}: price: {meter!r} has none; "
                f'add [[price]] with meter = "{meter}", model = "per_unit" and unit_price = "0"'
                + (' and per = "year"' if meter in LEVELS else "")
            )
        if len(pricing) > 1:
            raise WrongSetting(
                f"{book.place}: price {pricing[1]}: {meter!r} is priced by price {pricing[0]} already; "
                "name each meter once"
            )


class _Reader:
    """Reads one table of a book; `key` says in a refusal which one."""

    def __init__(self, place: str, key: str) -> None:
        self.place = place
        self.key = key

    def refuse(self, key: str, wrong: str) -> NoReturn:
        raise WrongSetting(f"{self.place}: {self.key}{key}: {wrong}")

    def book(self, data: dict[str, Any]) -> PriceBook:
        self.only(data, BOOK_KEYS, "a book has")
        texts = {key: self.text(data, key) for key in _TEXTS}
        prices = data.get("price")
        if not isinstance(prices, list) or not prices or not all(isinstance(one, dict) for one in prices):
            self.refuse("price", "missing; add a table [[price]] for each meter or class of meters")
        return PriceBook(
            **texts,
            effective=self.day(data.get("effective")),
            prices=tuple(
                _Reader(self.place, f"price {number}: ").price(one, texts["source"])
                for number, one in enumerate(prices, 1)
            ),
            place=self.place,
        )

    def price(self, data: dict[str, Any], source_of_book: str) -> Price:
        model = cast(Model, self.choice(data, "model", get_args(Model)))
        self.only(data, PRICE_KEYS | MODEL_KEYS[model], f"a {model} price has")
        meters = self.meters(data)
        price = Price(
            meters=meters,
            model=model,
            per=self.per(data, meters, model),
            unit_price=self.money(data, "unit_price") if "unit_price" in MODEL_KEYS[model] else Decimal(0),
            flat_amount=self.money(data, "flat_amount", AMOUNT_BELOW) if model == "flat" else Decimal(0),
            tiers=self.bands(data) if model == "banded_capacity" else self.tiers(data, model),
            package_size=self.count(data, "package_size", 1) if model == "package" else 1,
            free=self.count(data, "free", 0, default=0),
            minimum=self.money(data, "minimum", AMOUNT_BELOW) if "minimum" in data else None,
            cap=self.money(data, "cap", AMOUNT_BELOW) if "cap" in data else None,
            refused_charged=self.choice(data, "refused", ("free", "charged"), "free") == "charged",
            together=self.switch(data, "together"),
            source=self.text(data, "source") if "source" in data else source_of_book,
            confidence=cast(Confidence, self.choice(data, "confidence", get_args(Confidence), "assumption")),
        )
        if price.minimum is not None and price.cap is not None and price.minimum > price.cap:
            self.refuse(
                "minimum", f"{price.minimum} is above the cap {price.cap}; lower it, or raise the cap"
            )
        if price.together and price.is_level:
            self.refuse("together", "contacts and seats are not counted together; price each by itself")
        several = len(meters) > 1 or "*" in meters[0]
        if several and not price.together and (model == "flat" or price.minimum is not None):
            mend = "price each by itself" if price.is_level else "write together = true, or one meter"
            self.refuse("minimum" if model != "flat" else "flat_amount", f"due once for which meter? {mend}")
        if price.refused_charged and any(written in NOT_CALLS for written in meters):
            self.refuse("refused", "only calls are refused; remove it")
        return price

    def only(self, data: dict[str, Any], keys: set[str], has: str) -> None:
        for key in sorted(data.keys() - keys):
            near = difflib.get_close_matches(key, sorted(keys), n=1)
            mend = f"did you mean {near[0]}?" if near else f"{has} {', '.join(sorted(keys))}"
            self.refuse(key, f"no such key; {mend}")

    def text(self, data: dict[str, Any], key: str) -> str:
        value = data.get(key)
        if not isinstance(value, str) or not value:
            self.refuse(key, f'missing or no text; write {key} = "…"')
        return value

    def day(self, value: object) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            self.refuse(
                "effective", f"{'missing' if value is None else f'{value!r}'}; write a day such as 2025-09-08"
            )
        return value

    def choice(
        self, data: dict[str, Any], key: str, choices: Iterable[str], default: str | None = None
    ) -> str:
        value = data.get(key, default)
        if not isinstance(value, str) or value not in choices:
            shown = "missing" if value is None else repr(value)
            self.refuse(key, f"{shown}; write one of {', '.join(choices)}")
        return value

    def switch(self, data: dict[str, Any], key: str) -> bool:
        value = data.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, f"{value!r}; write true or false")
        return value

    def meters(self, data: dict[str, Any]) -> tuple[str, ...]:
        written = data.get("meters", data.get("meter"))
        if written is None or ("meter" in data) == ("meters" in data):
            self.refuse("meter", 'write meter = "…", or meters = ["…", "customer.*"], and not both')
        several = [written] if isinstance(written, str) else written
        if not isinstance(several, list) or not several or not all(isinstance(one, str) for one in several):
            self.refuse("meters", f"{written!r}; write names in quotes")
        for one in several:
            if not one or ("*" in one and one != EVERY_CALL and one.find("*") != len(one) - 1):
                self.refuse("meters", f"{one!r}; a class is written such as customer.*, and * is every call")
            if "*" in one and one != EVERY_CALL and not one.endswith(".*"):
                self.refuse("meters", f"{one!r}; a class is written such as customer.*, and * is every call")
        levels = [one for one in several if any(covers(one, level) for level in LEVELS)]
        if levels and len(levels) < len(several):
            self.refuse("meters", f"{levels[0]} is held and calls are used up; price them apart")
        if LINK_CONTACTS in several and len(several) > 1:
            self.refuse("meters", f"{LINK_CONTACTS} are no calls; price them apart")
        return tuple(several)

    def per(self, data: dict[str, Any], meters: tuple[str, ...], model: Model) -> Per:
        if model == "flat" or any(covers(written, level) for written in meters for level in LEVELS):
            return cast(Per, self.choice(data, "per", ("month", "year")))
        unit = "contact" if meters == (LINK_CONTACTS,) else "call"
        return cast(Per, self.choice(data, "per", (unit,), unit))

    def money(self, data: dict[str, Any], key: str, below: int = PRICE_BELOW) -> Decimal:
        if key not in data:
            self.refuse(key, f'missing; write {key} = "0.002"')
        value = data[key]
        if not isinstance(value, str):
            self.refuse(key, f'{value!r}; write it as text, such as "0.002"')
        try:
            money = Decimal(value)
        except InvalidOperation:
            self.refuse(key, f'{value!r} is no number; write such as "0.002"')
        exponent = money.as_tuple().exponent
        if not isinstance(exponent, int) or money.is_signed() or money >= below:
            self.refuse(key, f"{value!r}; it is 0 or more and below {below}")
        if exponent < -DECIMALS:
            self.refuse(key, f"{value!r}; it has at most {DECIMALS} decimals")
        return money if exponent <= 0 else Decimal(int(money)) if money else Decimal(0)

    def count(self, data: dict[str, Any], key: str, least: int, default: int | None = None) -> int:
        value = data.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value < COUNT_BELOW:
            shown = "missing" if value is None else repr(value)
            self.refuse(key, f"{shown}; write a whole number, {least} or more and below 10 to the 15th")
        return value

    def tiers(self, data: dict[str, Any], model: Model) -> tuple[Tier, ...]:
        if "tiers" not in MODEL_KEYS[model]:
            return ()
        tiers = tuple(
            reader.tier(one, last)
            for reader, one, last in self.listed(data, "tiers", {"up_to", "unit_price", "flat_amount"})
        )
        self.refuse_disorder("tiers", tiers)
        return tiers

    def bands(self, data: dict[str, Any]) -> tuple[Tier, ...]:
        bands = tuple(
            Tier(reader.count(one, "up_to", 1), flat_amount=reader.money(one, "flat_amount", AMOUNT_BELOW))
            for reader, one, _ in self.listed(data, "bands", {"up_to", "flat_amount"})
        )
        self.refuse_disorder("bands", bands)
        return bands

    def tier(self, data: dict[str, Any], last: bool) -> Tier:
        if last and "up_to" in data:
            self.refuse("up_to", f"{data['up_to']!r}; the last tier has no end: leave it out")
        return Tier(
            None if last else self.count(data, "up_to", 1),
            self.money(data, "unit_price"),
            self.money(data, "flat_amount", AMOUNT_BELOW) if "flat_amount" in data else Decimal(0),
        )

    def listed(
        self, data: dict[str, Any], key: str, keys: set[str]
    ) -> Iterable[tuple["_Reader", dict[str, Any], bool]]:
        several = data.get(key)
        if not isinstance(several, list) or not several or not all(isinstance(one, dict) for one in several):
            self.refuse(key, f"missing; write {key} = [{{ … }}, …] with {', '.join(sorted(keys))}")
        for number, one in enumerate(several, 1):
            reader = _Reader(self.place, f"{self.key}{key} {number}: ")
            reader.only(one, keys, "it has")
            yield reader, one, number == len(several)

    def refuse_disorder(self, key: str, tiers: tuple[Tier, ...]) -> None:
        ends = [tier.up_to for tier in tiers if tier.up_to is not None]
        for number, (before, after) in enumerate(pairwise(ends), 2):
            if after <= before:
                self.refuse(
                    f"{key} {number}: up_to",
                    f"{after} does not come after {before}; write them from the lowest to the highest",
                )
