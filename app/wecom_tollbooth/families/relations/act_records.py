"""Records of actions of members and customers outside the API, from which statistics are counted."""

import sqlalchemy as sa

from wecom_tollbooth.families.relations.tables import ACT_RECORD, ActRecord
from wecom_tollbooth.world.acts import Act


def note(act: Act, kind: str, userid: str, external_userid: str, reference: str = "") -> None:
    """Writes an act record for the statistics."""
    act.db.session.add(
        ActRecord(
            corp_id=act.corp_id,
            id=act.next_id(),
            at=act.now,
            kind=kind,
            userid=userid,
            external_userid=external_userid,
            reference=reference,
        )
    )
    act.db.flush()


def count_records(act: Act, kind: str, userid: str, external_userid: str) -> int:
    query = sa.select(sa.func.count()).where(
        ACT_RECORD.c.corp_id == act.corp_id,
        ACT_RECORD.c.userid == userid,
        ACT_RECORD.c.kind == kind,
        ACT_RECORD.c.external_userid == external_userid,
    )
    return int(act.db.execute(query).scalar_one())
