"""Reads price books from TOML. What is wrong is refused in one line: the file, the key, the fix."""

import difflib
import tomllib
from collections.abc import Set
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from wecom_tollbooth.billing.meters import LEVELS, NOT_CALLS, covers
from wecom_tollbooth.billing.price_books.errors import what_is_wrong
from wecom_tollbooth.billing.price_books.model import PriceBook
from wecom_tollbooth.billing.price_books.shapes import BookShape
from wecom_tollbooth.settings import WrongSetting

SHIPPED = Path(__file__).parent


def shipped() -> list[str]:
    """The names of the books that come with the program."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_price_book(name_or_path: str) -> PriceBook:
    """The shipped book of that name, or the book in that file.

    Raises WrongSetting with one line that names the file, the key and the fix.
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
        raise WrongSetting(f"{path}: not valid TOML: {error}; fix that line") from None
    return read_price_book(text, str(path))


def read_price_book(text: str, place: str) -> PriceBook:
    """The book written in `text`; `place` is what errors call it. Raises like load_price_book."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise WrongSetting(f"{place}: not valid TOML: {error}; fix that line") from None
    try:
        return BookShape.model_validate(data).book(place)
    except ValidationError as error:
        raise WrongSetting(f"{place}: {what_is_wrong(error)}") from None


def check_meters(book: PriceBook, meters: Set[str]) -> PriceBook:
    """The book, which knows now which meters of calls it lacks (`missing`); `meters` are all of them.

    Raises WrongSetting if it names a meter that there isn't or one twice, or lacks one of NOT_CALLS: these
    are as old as price books, so that no upgrade makes a book lack them.
    """
    known = meters | set(NOT_CALLS)
    for place, price in enumerate(book.prices, 1):
        for written in price.meters:
            if not any(covers(written, meter) for meter in known):
                near = difflib.get_close_matches(written, sorted(known), n=1)
                fix = f"did you mean {near[0]!r}?" if near else "remove it"
                raise WrongSetting(f"{book.place}: price {place}: meter {written!r} is not known; {fix}")
    for meter in sorted(known):
        pricing = [place for place, price in enumerate(book.prices, 1) if price.covers(meter)]
        if not pricing and meter in NOT_CALLS:
            raise WrongSetting(
                f"{book.place}: price: {meter!r} has no price; "
                f'add [[price]] with meter = "{meter}", model = "per_unit" and unit_price = "0"'
                + (' and per = "year"' if meter in LEVELS else "")
            )
        if len(pricing) > 1:
            raise WrongSetting(
                f"{book.place}: price {pricing[1]}: {meter!r} is priced by price {pricing[0]} already; "
                "name each meter once"
            )
    return replace(book, missing=tuple(sorted(meter for meter in meters if book.price_for(meter).is_missing)))
