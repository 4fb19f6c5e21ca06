"""What records do by themselves when a customer comes or goes."""

from app.families.customers.happenings import (
    AFTER_RELATION_BEGUN,
    AFTER_RELATION_ENDED,
    relation_of,
)
from app.families.follow_ups import relations
from app.world.acts import Act


def _begun(act: Act, userid: str, external_userid: str) -> None:
    relations.relation_begins(act.db, act.corp_id, userid, external_userid, act.now)


def _ended(act: Act, userid: str, external_userid: str) -> None:
    """Only the member's deletion ends a relation; a customer who left can still be followed up."""
    relation = relation_of(act, userid, external_userid)
    if relation is not None and relation.ended_at is not None:
        relations.relation_ends(act.db, act.corp_id, userid, external_userid, act.now)


AFTER_RELATION_BEGUN.append(_begun)
AFTER_RELATION_ENDED.append(_ended)
