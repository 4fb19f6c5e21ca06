"""What customers have decided about the archive, for each conversation."""

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa

from wecom_tollbooth.families.message_archive.scope import archived_with_customers
from wecom_tollbooth.families.message_archive.tables import ARCHIVE_CONSENT, ArchiveConsent
from wecom_tollbooth.world.context import Context


class Decision(NamedTuple):
    agreed: bool = False
    changed_at: int = 0


UNDECIDED = Decision()


def decision(context: Context, external_userid: str, *, userid: str = "", chat_id: str = "") -> Decision:
    """That of one customer for the conversation with this member or in this group."""
    key = (context.corp_id, userid, chat_id, external_userid)
    row = context.db.session.get(ArchiveConsent, key)
    return Decision(row.agreed, row.changed_at) if row is not None else UNDECIDED


def decisions(
    context: Context, people: Collection[str], *, userids: Collection[str] = ("",), chat_id: str = ""
) -> dict[tuple[str, str], Decision]:
    """Those of these customers, by userid and external_userid; who has decided nothing is left out."""
    context.db.flush()
    query = sa.select(ARCHIVE_CONSENT).where(
        ARCHIVE_CONSENT.c.corp_id == context.corp_id,
        ARCHIVE_CONSENT.c.userid.in_(userids),
        ARCHIVE_CONSENT.c.chat_id == chat_id,
        ARCHIVE_CONSENT.c.external_userid.in_(people),
    )
    return {
        (row.userid, row.external_userid): Decision(row.agreed, row.changed_at)
        for row in context.db.execute(query)
    }


def waits_for_consent(context: Context, userid: str, external_userid: str) -> bool:
    """Whether the member's conversations are archived and this customer has not agreed to it."""
    if userid not in archived_with_customers(context):
        return False
    return not decision(context, external_userid, userid=userid).agreed


def decide(
    context: Context, external_userid: str, *, userid: str = "", chat_id: str = "", agreed: bool
) -> None:
    context.db.session.merge(
        ArchiveConsent(
            corp_id=context.corp_id,
            userid=userid,
            chat_id=chat_id,
            external_userid=external_userid,
            agreed=agreed,
            changed_at=context.now,
        )
    )
