"""Price books: TOML files that say what a call and a contact cost.

A book has `name`, `title`, `currency`, `source`, a table `[calls]` from meter to price of one call, and a
table `[contacts]` with `price` of one contact, `per` ("month" or "year") and the number that is `free`.
Prices are decimal text, so that no binary fraction creeps in. Every meter of the registry must be priced.
"""

import difflib
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from app.settings import WrongSetting

SHIPPED = Path(__file__).parent
MONTHS = {"month": 1, "year": 12}
_KEYS = {"name", "title", "currency", "source", "calls", "contacts"}
_CONTACT_KEYS = {"price", "per", "free"}
PRICE_BELOW = 1_000_000
PRICE_DECIMALS = 12


@dataclass(frozen=True)
class PriceBook:
    """Prices in `currency`: one call of each meter, and one contact in a month or year."""

    name: str
    title: str
    currency: str
    source: str
    calls: dict[str, Decimal]
    contact_price: Decimal
    contact_period: Literal["month", "year"]
    contacts_free: int
    path: Path
    """The file that it was read from."""

    def price_per_call(self, meter: str) -> Decimal:
        return self.calls[meter]

    @property
    def contact_months(self) -> int:
        """The months that `contact_price` pays for."""
        return MONTHS[self.contact_period]


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
        if not path.is_file():
            raise WrongSetting(
                f"TOLLBOOTH_PRICE_BOOK: no book is called {name_or_path!r}; "
                f"use one of {', '.join(shipped())}, or the path of a .toml file"
            )
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongSetting(f"{path}: {error.strerror}; give the path of a price book") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{path}: no good TOML: {error}; mend that line") from None
    return _book(path, data)


def refuse_unpriced_meters(book: PriceBook, meters: set[str]) -> None:
    """Each meter that an operation names needs its price; a price for no meter is a slip of the pen."""
    path = book.path
    for meter in sorted(book.calls.keys() - meters):
        near = difflib.get_close_matches(meter, meters, n=1)
        mend = f"did you mean {near[0]!r}?" if near else "remove it"
        raise WrongSetting(f'{path}: calls."{meter}": no operation has this meter; {mend}')
    for meter in sorted(meters - book.calls.keys()):
        raise WrongSetting(f'{path}: calls."{meter}": no price; add "{meter}" = "0"')


def _book(path: Path, data: dict[str, Any]) -> PriceBook:
    for key in sorted(data.keys() - _KEYS):
        raise WrongSetting(f"{path}: {key}: no such key; a book has {', '.join(sorted(_KEYS))}")
    for key in ("name", "title", "currency", "source"):
        if not isinstance(data.get(key), str) or not data[key]:
            raise WrongSetting(f'{path}: {key}: missing or no text; write {key} = "…"')
    calls, contacts = data.get("calls"), data.get("contacts")
    if not isinstance(calls, dict):
        raise WrongSetting(f"{path}: calls: missing; add a table [calls] with a price for each meter")
    if not isinstance(contacts, dict):
        raise WrongSetting(f'{path}: contacts: missing; add [contacts] with price, per = "year" and free')
    for key in sorted(contacts.keys() - _CONTACT_KEYS):
        raise WrongSetting(f"{path}: contacts.{key}: no such key; use {', '.join(sorted(_CONTACT_KEYS))}")
    period = contacts.get("per")
    if period not in MONTHS:
        raise WrongSetting(f'{path}: contacts.per: {period!r}; write "month" or "year"')
    free = contacts.get("free", 0)
    if not isinstance(free, int) or isinstance(free, bool) or free < 0:
        raise WrongSetting(f"{path}: contacts.free: {free!r}; write a whole number, 0 or more")
    return PriceBook(
        name=data["name"],
        title=data["title"],
        currency=data["currency"],
        source=data["source"],
        calls={meter: _price(path, f'calls."{meter}"', price) for meter, price in calls.items()},
        contact_price=_price(path, "contacts.price", contacts.get("price")),
        contact_period=period,
        contacts_free=free,
        path=path,
    )


def _price(path: Path, key: str, value: object) -> Decimal:
    if isinstance(value, dict):
        raise WrongSetting(f'{path}: {key}: a table; a meter is written in quotes: "customer.read" = "0.002"')
    if not isinstance(value, str):
        raise WrongSetting(f'{path}: {key}: {value!r}; write the price as text, such as "0.002"')
    try:
        price = Decimal(value)
    except InvalidOperation:
        raise WrongSetting(f'{path}: {key}: {value!r} is no number; write such as "0.002"') from None
    exponent = price.as_tuple().exponent
    if not isinstance(exponent, int) or price.is_signed() or price >= PRICE_BELOW:
        raise WrongSetting(f"{path}: {key}: {value!r}; a price is 0 or more and below {PRICE_BELOW}")
    if exponent < -PRICE_DECIMALS:
        raise WrongSetting(f"{path}: {key}: {value!r}; a price has at most {PRICE_DECIMALS} decimals")
    return price
