"""Records of actions of members and customers outside the API, from which statistics are counted."""

import sqlalchemy as sa

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.relations.tables import ACT_RECORD
from wecom_tollbooth.world.acts import Act

_INSERT = CompiledStatement(
    sa.insert(ACT_RECORD).values({column.name: sa.bindparam(column.name) for column in ACT_RECORD.columns})
)


def note(act: Act, kind: str, userid: str, external_userid: str, reference: str = "") -> None:
    """Writes an act record for the statistics."""
    act.db.flush()
    _INSERT.run(
        act.db,
        corp_id=act.corp_id,
        id=act.next_id(),
        at=act.now,
        kind=kind,
        userid=userid,
        external_userid=external_userid,
        reference=reference,
    )


def count_records(act: Act, kind: str, userid: str, external_userid: str) -> int:
    query = sa.select(sa.func.count()).where(
        ACT_RECORD.c.corp_id == act.corp_id,
        ACT_RECORD.c.userid == userid,
        ACT_RECORD.c.kind == kind,
        ACT_RECORD.c.external_userid == external_userid,
    )
    return int(act.db.execute(query).scalar_one())
