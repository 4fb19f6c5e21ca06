"""What follows from a relation in families above this one: declared once, in one order.

A family describes what it does in a Subscriber; families/relation_subscribers.py lists them all. The
lifecycle calls them in that order, without importing the families.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.world.acts import Act


@dataclass(frozen=True)
class Transfer:
    """A customer went from one member to another."""

    external_userid: str
    giver: str
    taker: str
    begun: bool
    """Whether the relation to the taker began now; False if the two were contacts already."""
    ended: bool
    """Whether the relation to the giver ended now; False if it had ended before."""


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """What one family does. Callables take the act, the userid and the external_userid."""

    name: str
    begun: Callable[[Act, str, str], None] | None = None
    """The two became contacts; not called for a contact that the member has yet to confirm."""
    ended: Callable[[Act, str, str], None] | None = None
    """One of the two deleted the other."""
    transferred: Callable[[Act, Transfer], None] | None = None
    """Replaces `ended` for the giver and `begun` for the taker, which are called if this is None."""
    before_message: Callable[[Act, str, str], None] | None = None
    """One is about to write to the other; raises ActRefused to prevent it."""
    customer_wrote: Callable[[Act, str, str], None] | None = None
    """A message of the customer reached the member."""
    is_tied: Callable[[Transaction, str, str], bool] | None = None
    """Whether corp and external_userid are tied in this family, which makes the person a contact."""


_declared: list[Subscriber] = []


def declare(*subscribers: Subscriber) -> None:
    """Sets the subscribers, in the order in which they are called. Raises ValueError for a second list."""
    if _declared:
        raise ValueError("the subscribers of relations are declared twice")
    _declared.extend(subscribers)


def declared() -> list[Subscriber]:
    """The subscribers in their order. Raises LookupError before the families are loaded."""
    if not _declared:
        raise LookupError("no subscribers of relations: import families/relation_subscribers.py")
    return _declared


def relation_begun(act: Act, userid: str, external_userid: str) -> None:
    for subscriber in declared():
        if subscriber.begun is not None:
            subscriber.begun(act, userid, external_userid)


def relation_ended(act: Act, userid: str, external_userid: str) -> None:
    for subscriber in declared():
        if subscriber.ended is not None:
            subscriber.ended(act, userid, external_userid)


def relation_transferred(act: Act, transfer: Transfer) -> None:
    for subscriber in declared():
        if subscriber.transferred is not None:
            subscriber.transferred(act, transfer)
            continue
        if transfer.ended and subscriber.ended is not None:
            subscriber.ended(act, transfer.giver, transfer.external_userid)
        if transfer.begun and subscriber.begun is not None:
            subscriber.begun(act, transfer.taker, transfer.external_userid)


def before_message(act: Act, userid: str, external_userid: str) -> None:
    """Raises ActRefused if one of the families forbids the message."""
    for subscriber in declared():
        if subscriber.before_message is not None:
            subscriber.before_message(act, userid, external_userid)


def customer_wrote(act: Act, userid: str, external_userid: str) -> None:
    for subscriber in declared():
        if subscriber.customer_wrote is not None:
            subscriber.customer_wrote(act, userid, external_userid)


def is_tied(tx: Transaction, corp_id: str, external_userid: str) -> bool:
    """Whether one of the families ties the person to the corp."""
    return any(
        subscriber.is_tied(tx, corp_id, external_userid)
        for subscriber in declared()
        if subscriber.is_tied is not None
    )
