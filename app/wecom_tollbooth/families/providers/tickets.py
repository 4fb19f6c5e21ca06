"""suite_ticket: a suite gets a new one every ten minutes, valid for thirty (page 90600).

The platform pushes it to the suite's callback address; here the control API shows it. Tickets are computed
from the suite's secret and the clock, so none is stored.
"""

from wecom_tollbooth.corps.tables import Provider
from wecom_tollbooth.world import ids

PERIOD, LIFE = 600, 1800
"""Seconds from one ticket to the next, and seconds for which each is valid."""


def ticket_at(provider: Provider, at: int) -> str:
    """The newest ticket of the provider's suite at this time."""
    return ids.draw(0, f"suite_ticket/{provider.suite_id}/{provider.suite_secret}", at // PERIOD, 64)


def is_valid(provider: Provider, ticket: str, at: int) -> bool:
    return ticket in {ticket_at(provider, at - age) for age in range(0, LIFE, PERIOD)}
