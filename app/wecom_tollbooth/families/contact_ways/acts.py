"""What customers do with contact ways in the client: scan or tap one, add its member, open a session."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.contact_ways.sessions import begin_session, have_each_other, new_session
from wecom_tollbooth.families.contact_ways.tables import ContactWay
from wecom_tollbooth.families.contact_ways.users import members_of
from wecom_tollbooth.families.directory.lookup import the_active_follower
from wecom_tollbooth.families.relations import lifecycle
from wecom_tollbooth.families.relations.lifecycle import Way
from wecom_tollbooth.families.relations.newcomers import SCANNED, Newcomer, Person, contact_of
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER, WECOM, ExternalContact
from wecom_tollbooth.world.acts import Act, ActRefused, act


class ScanContactWay(Person):
    config_id: str
    member_confirms: bool = Field(
        default=True,
        description="false: with skip_verify the contact stays pending, otherwise nothing happens",
    )


@act("scan_contact_way")
def scan_contact_way(act: Act, body: ScanContactWay) -> dict[str, Any]:
    """客户扫描「联系我」 / A customer scans a contact way, or taps it in a mini-program, and adds its member.

    Members take turns in the order of their userids; one who is already a contact, is full or cannot have
    customers is skipped. A temporary contact way works once and starts a session.
    """
    way = act.db.session.get(ContactWay, (act.corp_id, body.config_id), with_for_update=True)
    if way is None:
        raise ActRefused(f"there is no contact way {body.config_id!r} in this corp, or no longer")
    contact = contact_of(act, body.newcomer())
    _refuse_over_or_foreign(act, way, contact)
    pending_confirmation = not body.member_confirms
    if pending_confirmation and not way.skip_verify:
        raise ActRefused("the contact way requires confirmation, and the member does not confirm")
    came = new_session(act, way, contact)
    if came is None:
        userid = _member_for(act, way, contact)
        source_agentid = way.created_by if way.mark_source else None
        added = Way(
            SCANNED, state=way.state, source_agentid=source_agentid, pending_confirmation=pending_confirmation
        )
        came = lifecycle.begin(act, userid, Newcomer(contact.external_userid), added)
    if way.is_temp:
        came["chat_expires_at"] = begin_session(act, way, contact.external_userid, came["userid"])
        way.used_at = act.now
    way.turn += 1
    act.db.session.add(way)
    return came


def _refuse_over_or_foreign(act: Act, way: ContactWay, contact: ExternalContact) -> None:
    if way.used_at is not None:
        raise ActRefused(
            f"the temporary way {way.config_id} has served already: somebody was added through it"
        )
    if way.ended_at(act.now) is not None:
        raise ActRefused(f"the temporary way {way.config_id} expired at {way.ended_at(act.now)}")
    if way.unionid and contact.unionid != way.unionid:
        raise ActRefused(f"the temporary way {way.config_id} is for the unionid {way.unionid} only")


# --- whose turn it is ------------------------------------------------------------------------------------


def _member_for(act: Act, way: ContactWay, contact: ExternalContact) -> str:
    """Returns the member whom the customer adds. Raises ActRefused if no member can take the customer."""
    able = members_of(act.db, act.corp_id, way.users, way.parties, able=True)
    leads_to = _follower_of_same_corp(act, way, contact) if way.is_exclusive else None
    if leads_to is not None:
        if leads_to not in able:
            raise ActRefused(f"the exclusive way leads to {leads_to}, who can take no customers")
        return leads_to
    if not able:
        if len(way.users) == 1:
            the_active_follower(act, way.users[0])
        raise ActRefused(
            "no member of the way can take customers: active, real-named and in 客户联系's range of use"
        )
    if len(able) == 1:
        return able[0]
    first = way.turn % len(able)
    for userid in able[first:] + able[:first]:
        if not have_each_other(act, userid, contact.external_userid) and not lifecycle.is_full(act, userid):
            return userid
    raise ActRefused(
        f"every member of the way has {contact.external_userid} as a contact already, or is full"
    )


def _follower_of_same_corp(act: Act, way: ContactWay, contact: ExternalContact) -> str | None:
    """Returns the contact way's member who first followed this customer or another one of the same corp."""
    same = EXTERNAL_CONTACT.c.external_userid == contact.external_userid
    if contact.type == WECOM and contact.corp_full_name:
        same = same | (EXTERNAL_CONTACT.c.type == WECOM) & (
            EXTERNAL_CONTACT.c.corp_full_name == contact.corp_full_name
        )
    query = (
        sa.select(FOLLOW_USER.c.userid)
        .join(
            EXTERNAL_CONTACT,
            (EXTERNAL_CONTACT.c.corp_id == FOLLOW_USER.c.corp_id)
            & (EXTERNAL_CONTACT.c.external_userid == FOLLOW_USER.c.external_userid),
        )
        .where(
            FOLLOW_USER.c.corp_id == act.corp_id,
            FOLLOW_USER.c.userid.in_(members_of(act.db, act.corp_id, way.users, way.parties)),
            FOLLOW_USER.c.ended_at.is_(None),
            same,
        )
        .order_by(FOLLOW_USER.c.createtime, FOLLOW_USER.c.userid)
        .limit(1)
    )
    userid: str | None = act.db.execute(query).scalar()
    return userid
