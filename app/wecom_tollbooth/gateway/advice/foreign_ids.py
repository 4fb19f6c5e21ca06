"""Ids of customers that are right somewhere else: in another corp, or in the scope of another app.

The family that keeps the scopes finds out whose id it is.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from wecom_tollbooth.advice.codes import FOREIGN_ID
from wecom_tollbooth.advice.noting import Noticed
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.world.declarations import import_declaring

FIELD = "external_userid"


class Whose(NamedTuple):
    """Whose id it is, in both languages, for a sentence that says "it is …"."""

    zh: str
    en: str


FindWhose = Callable[[Call, str], Whose | None]
_FINDERS: list[FindWhose] = []


def find_whose_ids(finder: FindWhose) -> None:
    """Declares what says whose an id is that the calling app can't use; None for one that it knows."""
    _FINDERS.append(finder)


def noticed_foreign_ids(call: Call, outcome: Outcome) -> Iterator[Noticed]:
    """What is to be said of a refused call's customer, if that is one of somebody else."""
    given = (call.given or {}).get(FIELD)
    if not outcome.refused or not isinstance(given, str) or not given or "\x00" in given:
        return
    import_declaring("find_whose_ids")
    for find in _FINDERS:
        whose = find(call, given)
        if whose is not None:
            about = {"whose_zh": whose.zh, "whose_en": whose.en}
            yield Noticed(FOREIGN_ID, call.operation.path, FIELD, about)
            return
