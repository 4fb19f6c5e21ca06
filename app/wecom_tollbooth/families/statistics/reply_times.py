"""A member's reply times, calculated from the messages of one day, without database access."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """A message in a single chat: `chat` is (member, customer)."""

    chat: tuple[str, str]
    at: int
    by_customer: bool


@dataclass(frozen=True)
class Replies:
    """Chats `started` by customers, how many were `answered` that day, and the total `seconds` until then."""

    started: int
    answered: int
    seconds: int

    @property
    def percentage(self) -> float:
        """Percent of the started chats that were answered, two decimals; 0 if none was started."""
        return round(100 * self.answered / self.started, 2) if self.started else 0.0

    @property
    def average_minutes(self) -> int:
        """Average time to the first answer, in whole minutes."""
        return self.seconds // self.answered // 60 if self.answered else 0


def replies_of(messages: Iterable[Message]) -> Replies:
    """Calculates the replies from one day's messages in chronological order.

    A chat counts if the customer wrote first that day; the answer is the member's first message after that.
    """
    begun: dict[tuple[str, str], int] = {}
    begun_by_member: set[tuple[str, str]] = set()
    answered: dict[tuple[str, str], int] = {}
    for message in messages:
        chat = message.chat
        if message.by_customer:
            if chat not in begun_by_member:
                begun.setdefault(chat, message.at)
        elif chat not in begun:
            begun_by_member.add(chat)
        else:
            answered.setdefault(chat, message.at - begun[chat])
    return Replies(len(begun), len(answered), sum(answered.values()))
