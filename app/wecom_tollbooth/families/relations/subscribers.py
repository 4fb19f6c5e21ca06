"""Reactions of other families to changes of relations, declared once and in a fixed order.

A family declares its reactions in a Subscriber; families/relation_subscribers.py lists them all. The
lifecycle calls them in that order, without importing the families.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.world.acts import Act
from wecom_tollbooth.world.declarations import import_declaring


@dataclass(frozen=True)
class Transfer:
    """A customer was transferred from one member to another."""

    external_userid: str
    giver: str
    taker: str
    begun: bool
    """Whether the relation to the taker began now; False if the two were contacts already."""
    ended: bool
    """Whether the relation to the giver ended now; False if it had ended before."""


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """The reactions of one family. The callables take the act, the userid and the external_userid."""

    name: str
    begun: Callable[[Act, str, str], None] | None = None
    """Called when the two became contacts; not for a contact that the member has yet to confirm."""
    ended: Callable[[Act, str, str], None] | None = None
    """Called when one of the two deleted the other."""
    transferred: Callable[[Act, Transfer], None] | None = None
    """Called instead of `ended` for the giver and `begun` for the taker; if None, those are called."""
    before_message: Callable[[Act, str, str], None] | None = None
    """Called before one writes to the other; raises ActRefused to prevent it."""
    customer_wrote: Callable[[Act, str, str], None] | None = None
    """Called when a message of the customer reached the member."""
    joined_group: Callable[[Act, str, str, Sequence[str]], None] | None = None
    """Called when customers joined a group, by its chat_id and owner and their external_userids."""
    is_tied: Callable[[Transaction, str, str], bool] | None = None
    """Whether this family links the external_userid to the corp, which makes the person a contact."""


_declared: list[Subscriber] = []


def declare_subscribers(*subscribers: Subscriber) -> None:
    """Sets the subscribers in calling order. Raises ValueError for a second list."""
    if _declared:
        raise ValueError("the subscribers of relations are declared twice")
    _declared.extend(subscribers)


def declared() -> list[Subscriber]:
    """Returns the subscribers in calling order. Raises LookupError before the families are loaded."""
    if not _declared:
        import_declaring("declare_subscribers")
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
    """Raises ActRefused if a family forbids the message."""
    for subscriber in declared():
        if subscriber.before_message is not None:
            subscriber.before_message(act, userid, external_userid)


def customer_wrote(act: Act, userid: str, external_userid: str) -> None:
    for subscriber in declared():
        if subscriber.customer_wrote is not None:
            subscriber.customer_wrote(act, userid, external_userid)


def joined_group(act: Act, chat_id: str, owner: str, external_userids: Sequence[str]) -> None:
    for subscriber in declared():
        if subscriber.joined_group is not None:
            subscriber.joined_group(act, chat_id, owner, external_userids)


def is_tied(tx: Transaction, corp_id: str, external_userid: str) -> bool:
    """Whether a family links the person to the corp."""
    return any(
        subscriber.is_tied(tx, corp_id, external_userid)
        for subscriber in declared()
        if subscriber.is_tied is not None
    )
