"""subscribe and unsubscribe: which members have an app (page 90240, 2026-11).

A member has the apps whose visible range has them, while they are active in the corp. Code that changes one
of the two does it in `apps_may_change`.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.app_events import Subscribe, Unsubscribe
from wecom_tollbooth.callbacks.receivers import Receiver, receivers
from wecom_tollbooth.families.directory.tables import ACTIVE, MEMBER
from wecom_tollbooth.families.directory.visibility import members_in_range
from wecom_tollbooth.world.context import Context


@contextmanager
def apps_may_change(context: Context, userids: Collection[str] | None = None) -> Iterator[None]:
    """Raises subscribe and unsubscribe for what the block changes.

    `userids`, as the directory spells them, are those whom the block concerns; None: anybody.
    """
    apps = list(receivers(context, Subscribe))
    before = _members_of(context, apps, userids)
    yield
    if not apps:
        return
    apps = list(receivers(context, Subscribe))
    after = _members_of(context, apps, userids)
    for app in apps:
        had, has = before.get(app.agentid, frozenset()), after[app.agentid]
        for userid in sorted(has - had):
            emit(context, Subscribe(FromUserName=userid, AgentID=app.agentid), to=app)
        for userid in sorted(had - has):
            emit(context, Unsubscribe(FromUserName=userid, AgentID=app.agentid), to=app)


def _members_of(
    context: Context, apps: list[Receiver], userids: Collection[str] | None
) -> dict[int, frozenset[str]]:
    """The members who have each of the apps, of `userids` if given."""
    if not apps:
        return {}
    context.db.flush()
    active = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == context.corp_id, MEMBER.c.status == ACTIVE)
    if userids is not None:
        active = active.where(MEMBER.c.userid.in_(userids))
    members = frozenset(row.userid for row in context.db.execute(active))
    found = {}
    for app in apps:
        seen = members_in_range(context.db, context.corp_id, app.visible)
        found[app.agentid] = members if seen is None else members & seen
    return found
