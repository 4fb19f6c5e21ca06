"""What records do by themselves when a customer comes or goes."""

from wecom_tollbooth.families.follow_ups import relations
from wecom_tollbooth.families.relations.lifecycle import (
    AFTER_RELATION_BEGUN,
    AFTER_RELATION_ENDED,
    relation_of,
)
from wecom_tollbooth.world.acts import Act


def _begun(act: Act, userid: str, external_userid: str) -> None:
    relations.relation_begins(act.db, act.corp_id, userid, external_userid, act.now)


def _ended(act: Act, userid: str, external_userid: str) -> None:
    """Whoever of the two deleted the other, the record is closed by them."""
    relation = relation_of(act, userid, external_userid)
    by_member = relation is None or relation.ended_at is not None
    by = userid if by_member else relations.BY_CUSTOMER
    relations.relation_ends(act.db, act.corp_id, userid, external_userid, act.now, by=by)


AFTER_RELATION_BEGUN.append(_begun)
AFTER_RELATION_ENDED.append(_ended)
