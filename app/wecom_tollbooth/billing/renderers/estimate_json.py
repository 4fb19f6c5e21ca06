"""An estimate as JSON, as `tollbooth estimate --json` and the control API show it."""

from typing import Any

from wecom_tollbooth.billing.estimate import Estimate
from wecom_tollbooth.billing.price_books import MissingPrices


def estimate_json(one: Estimate) -> dict[str, Any]:
    return {
        "price_book": one.books.names,
        "currency": one.books.currency,
        "months": [
            {
                "month": month.month,
                "contacts": month.contacts,
                "new_contacts": month.new_contacts,
                "link_contacts": month.link_contacts,
                "calls": month.calls,
                "amounts": {group: f"{amount:.2f}" for group, amount in month.amounts.items()},
                "total": f"{month.total:.2f}",
            }
            for month in one.months
        ],
        "year": {group: f"{amount:.2f}" for group, amount in one.year.items()}
        | {"total": f"{one.total:.2f}"},
        "notes": missing_prices(one),
    }


def missing_prices(one: Estimate) -> list[dict[str, Any]]:
    """Which prices its books lack."""
    return [missing.shown() for missing in MissingPrices.of(one.books.books)]
