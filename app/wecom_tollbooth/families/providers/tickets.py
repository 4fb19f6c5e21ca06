"""suite_ticket: a suite gets a new one every ten minutes, and each is good for thirty (page 90600).

The platform pushes it to the suite's callback address. Here the control API shows it. It follows from the
suite's secret and the clock, so none is kept.
"""

from wecom_tollbooth.corps.tables import Provider
from wecom_tollbooth.world import ids

PERIOD, LIFE = 600, 1800
"""Seconds from one ticket to the next, and for which each is good."""


def ticket_at(provider: Provider, at: int) -> str:
    """The newest ticket of the provider's suite at this time."""
    return ids.draw(0, f"suite_ticket/{provider.suite_id}/{provider.suite_secret}", at // PERIOD, 64)


def is_good(provider: Provider, ticket: str, at: int) -> bool:
    return ticket in {ticket_at(provider, at - age) for age in range(0, LIFE, PERIOD)}
