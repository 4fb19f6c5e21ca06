"""Callbacks that were acknowledged and never acted upon.

An event that asks for a call (callbacks/events) is watched from the moment it is raised. A call that names
what the event is about, or is answered with it, has acted upon it, before or after the acknowledgement.
"""

from collections.abc import Iterator

import orjson
import sqlalchemy as sa

from wecom_tollbooth.advice.codes import CALLBACK_NOT_FOLLOWED
from wecom_tollbooth.advice.noting import Noticed
from wecom_tollbooth.advice.watching import Watched, unwatch, watched_of
from wecom_tollbooth.callbacks.tables import CALLBACK, CALLBACK_ATTEMPT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.envelope import Outcome
from wecom_tollbooth.world.context import Context

OVER = frozenset({"failed", "dropped", "kept"})
"""States of a callback that nobody will acknowledge."""


def act_upon_callbacks(call: Call, outcome: Outcome) -> bool:
    """Watches no more what the call is about; returns whether it was about any callback."""
    watched = watched_of(call.db, call.corp_id, "callback")
    if not watched:
        return False
    asked = b"\n".join((*map(str.encode, call.request.query.values()), call.request.body))
    text = asked + b"\n" + orjson.dumps(outcome.fields, default=str)
    acted = [one for one in watched if any(subject.encode() in text for subject in _subjects(one))]
    unwatch(call.db, call.corp_id, acted)
    return bool(acted)


def unanswered(context: Context, after: int | None) -> Iterator[tuple[Watched, Noticed | None]]:
    """The watched callbacks that were acknowledged `after` seconds ago, or at all, with what is to be said.

    None is said of those that will never be acknowledged.
    """
    for one in watched_of(context.db, context.corp_id, "callback"):
        state, acknowledged_at = _state_of(context, int(one.key))
        if state in OVER or not state:
            yield one, None
        elif state == "delivered" and (after is None or acknowledged_at + after <= context.now):
            about = {"subject": _subjects(one)[0], "after": context.settings.advice_after_seconds}
            about["callback"] = int(one.key)
            yield (
                one,
                Noticed(
                    CALLBACK_NOT_FOLLOWED,
                    one.operation,
                    one.mark.partition("\n")[0],
                    about,
                    called=(one.called_at, one.usage_id),
                ),
            )


def _subjects(watched: Watched) -> list[str]:
    return watched.mark.split("\n")[1:]


def _state_of(context: Context, callback: int) -> tuple[str, int]:
    """The state of a callback and when it was last tried; empty for one that is gone."""
    row, attempt = CALLBACK.c, CALLBACK_ATTEMPT.c
    last = sa.select(sa.func.max(attempt.at).label("at")).where(
        attempt.corp_id == context.corp_id, attempt.callback_id == callback
    )
    query = sa.select(row.state, last.scalar_subquery().label("tried_at")).where(
        row.corp_id == context.corp_id, row.id == callback
    )
    found = context.db.execute(query).first()
    return ("", 0) if found is None else (str(found.state), int(found.tried_at or 0))
