"""Price books that a request names or brings along, in place of those in force."""

from wecom_tollbooth.billing.price_books import (
    PriceBook,
    PriceBooks,
    check_meters,
    load_price_book,
    read_price_book,
    shipped,
)
from wecom_tollbooth.server import Server
from wecom_tollbooth.settings import WrongSetting
from wecom_tollbooth.sim_api.errors import SimError


def asked_books(server: Server, books: list[PriceBook]) -> PriceBooks | None:
    """The books, None for no books; raises SimError 422 if they are not valid."""
    try:
        return PriceBooks(check_meters(book, server.meters) for book in books) if books else None
    except WrongSetting as error:
        raise SimError(422, str(error)) from None


def shipped_book(name: str) -> PriceBook:
    """The shipped book of that name. Raises SimError 422."""
    if name not in shipped():
        raise SimError(
            422,
            f"price_book: no book is called {name!r}; use {', '.join(shipped())}, or POST the text of one",
        )
    return load_price_book(name)


def book_of(text: str, place: int) -> PriceBook:
    """The shipped book of that name, or the book written in `text`, the `place`th. Raises SimError 422."""
    if "\n" not in text and "=" not in text:
        return shipped_book(text)
    try:
        return read_price_book(text, f"price_books {place}")
    except WrongSetting as error:
        raise SimError(422, str(error)) from None
