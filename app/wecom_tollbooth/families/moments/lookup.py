"""Moments and publications by their ids, and the refusals that operations share."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.visibility import sees
from wecom_tollbooth.families.moments.tables import MOMENT, MOMENT_PUBLICATION, OF_CORP
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.world.context import Context


def moment_of(context: Context, moment_id: str) -> Any:
    """The row of the moment; None if the corp has no such moment, or it was deleted."""
    query = sa.select(MOMENT).where(
        MOMENT.c.corp_id == context.corp_id, MOMENT.c.moment_id == moment_id, MOMENT.c.deleted_at.is_(None)
    )
    return context.db.execute(query).first()


def publication_of(context: Context, moment_id: str, userid: str) -> Any:
    """The row that says whether the member has published the moment; None if it is not to."""
    query = sa.select(MOMENT_PUBLICATION).where(
        MOMENT_PUBLICATION.c.corp_id == context.corp_id,
        MOMENT_PUBLICATION.c.moment_id == moment_id,
        MOMENT_PUBLICATION.c.userid == userid,
    )
    return context.db.execute(query).first()


def the_moment(context: Context, moment_id: str) -> Any:
    """The row of the moment; refuses with 41060 for an unknown or deleted one."""
    moment = moment_of(context, moment_id)
    if moment is None:
        raise context.refusal(ErrCode.INVALID_MOMENT_ID, f"there is no moment {moment_id!r} in this corp")
    return moment


def the_moment_of_corp(context: Context, moment_id: str) -> Any:
    """As the_moment; refuses with 41067 also for a member's own."""
    moment = the_moment(context, moment_id)
    if moment.create_type != OF_CORP:
        raise context.refusal(
            ErrCode.WRONG_KIND_OF_MOMENT, f"{moment_id} is a moment of {moment.creator}, not of the corp"
        )
    return moment


def the_published(context: Context, moment: Any, userid: str) -> Any:
    """The publication by the member, in any spelling of its userid.

    Refuses with 41061 for a member who is not to publish the moment, with 41062 for one who has not yet.
    """
    member = find_member(context, userid)
    publication = publication_of(context, moment.moment_id, member.userid if member else userid)
    if publication is None:
        raise context.refusal(
            ErrCode.NOT_THE_PUBLISHER, f"{userid} is not among those who publish {moment.moment_id}"
        )
    if publication.published_at is None:
        raise context.refusal(
            ErrCode.MOMENT_NOT_PUBLISHED, f"{userid} has not published {moment.moment_id} yet"
        )
    return publication


def the_visible_publication(call: Call, moment_id: str, userid: str) -> tuple[Any, Any]:
    """The moment and its publication; raises 60011 also for a member outside the app's visible range."""
    moment = the_moment(call, moment_id)
    publication = the_published(call, moment, userid)
    if not sees(call, publication.userid):
        raise Refusal(ErrCode.NO_PRIVILEGE, detail=f"{publication.userid} is outside the app's visible range")
    return moment, publication
