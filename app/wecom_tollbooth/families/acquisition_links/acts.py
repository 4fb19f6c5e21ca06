"""What customers do with acquisition links, and what admins do with links and quota."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.billing.ledger import book
from wecom_tollbooth.billing.meters import LINK_CONTACTS
from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.acquisition_links import (
    DeleteLink,
    FriendRequest,
    LinkUnavailable,
    OpenProfile,
)
from wecom_tollbooth.families.acquisition_links import quota
from wecom_tollbooth.families.acquisition_links.links import LISTED_MEMBERS, URL
from wecom_tollbooth.families.acquisition_links.tables import (
    LINK_CUSTOMER,
    AcquisitionLink,
    LinkClick,
    LinkCustomer,
)
from wecom_tollbooth.families.directory.tables import Member
from wecom_tollbooth.families.directory.visibility import members_in_range
from wecom_tollbooth.families.relations import lifecycle
from wecom_tollbooth.families.relations.contact_count import why_no_room
from wecom_tollbooth.families.relations.lifecycle import Way
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.newcomers import Newcomer, Person, contact_of
from wecom_tollbooth.families.relations.tables import FOLLOW_USER, WECHAT
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act
from wecom_tollbooth.world.clock import DAY

THROUGH_A_LINK = 16
"""add_way of a customer added through a link (page 92114)."""
ADDED_THROUGH_A_LINK = "open_acquisition_link"
"""`operation` of the ledger's record."""
CHANNEL_BYTES = 64
DEFAULT_LIFE_DAYS = 365


class OpenLink(Person):
    """`url` or `link_id`; `customer_channel` is cut after 64 bytes, as in WeCom.

    `adds` false: the customer only opens it. `accepted` false: with skip_verify off, the member does not
    accept.
    """

    link_id: str | None = None
    url: str | None = None
    customer_channel: str = ""
    adds: bool = True
    accepted: bool = True


@act("open_acquisition_link")
def open_acquisition_link(act: Act, body: OpenLink) -> dict[str, Any]:
    """客户打开获客链接 / A customer opens an acquisition link and is added, if quota and members allow.

    The reply says whether it was `added`, and `why` if not.
    """
    link = _the_link(act, body.link_id or (body.url or "").partition("?")[0].removeprefix(URL))
    state = body.customer_channel.encode()[:CHANNEL_BYTES].decode("utf-8", "ignore")
    contact = contact_of(act, body.newcomer())
    act.db.session.add(
        LinkClick(
            corp_id=act.corp_id,
            link_id=link.link_id,
            seq=act.next_id(),
            at=act.now,
            person=contact.unionid or contact.external_userid,
        )
    )
    came = {"link_id": link.link_id, "external_userid": contact.external_userid, "added": False}
    friend = _friend(act, link, contact.external_userid)
    if friend is not None:
        return {**came, "userid": friend, "why": "a member of the priority is the customer's friend already"}
    if quota.balance(act.db, act.corp_id, act.now) == 0:
        return {**came, "why": "the quota is used up"}
    member = _next_member(act, link, contact.external_userid)
    if member is None:
        emit(act, LinkUnavailable(LinkId=link.link_id), agentid=link.created_by)
        return {**came, "why": "no member of the link can take a customer"}
    if act.settings.acquisition_open_callback and contact.type == WECHAT:
        emit(act, OpenProfile(LinkId=link.link_id, State=state), agentid=link.created_by)
    if not body.adds:
        return {**came, "userid": member, "why": "the customer only looked"}
    if contact.type == WECHAT:
        emit(act, FriendRequest(LinkId=link.link_id, State=state), agentid=link.created_by)
    if not link.skip_verify and not body.accepted:
        return {**came, "userid": member, "why": "the member did not accept"}
    no_room = why_no_room(act, contact.external_userid)
    if no_room is not None:
        return {**came, "userid": member, "why": no_room}
    if not quota.take_one(act):
        return {**came, "why": "the quota is used up"}
    way = Way(THROUGH_A_LINK, state, source_agentid=link.created_by if link.mark_source else None)
    added = lifecycle.begin(act, member, Newcomer(contact.external_userid), way)
    act.db.session.add(
        LinkCustomer(
            corp_id=act.corp_id,
            link_id=link.link_id,
            seq=act.next_id(),
            external_userid=contact.external_userid,
            userid=member,
            state=state,
            added_at=act.now,
        )
    )
    # Last, so that parallel acts lock the day's total only briefly.
    book(
        act.db,
        corp_id=act.corp_id,
        id=act.next_record_id(),
        at=act.now,
        operation=ADDED_THROUGH_A_LINK,
        meter=LINK_CONTACTS,
        subject=contact.external_userid,
    )
    return {**came, **added, "added": True}


def _the_link(act: Act, link_id: str) -> AcquisitionLink:
    link = act.db.session.get(AcquisitionLink, (act.corp_id, link_id))
    if link is None or link.deleted_at is not None:
        raise ActRefused(f"there is no acquisition link {link_id!r} in this corp")
    return link


def _friend(act: Act, link: AcquisitionLink, external_userid: str) -> str | None:
    """With a priority: returns the link's member who already has the customer as a contact."""
    if link.priority_type is None:
        return None
    query = sa.select(FOLLOW_USER.c.userid).where(
        FOLLOW_USER.c.corp_id == act.corp_id,
        FOLLOW_USER.c.external_userid == external_userid,
        FOLLOW_USER.c.deleted_by_customer_at.is_(None),
        IS_ACTIVE,
    )
    friends = [
        str(row.userid)
        for row in act.db.execute(query.order_by(FOLLOW_USER.c.createtime, FOLLOW_USER.c.userid))
    ]
    if link.priority_type == LISTED_MEMBERS:
        friends = [userid for userid in friends if userid in (link.priority_userid_list or [])]
    return friends[0] if friends else None


def _next_member(act: Act, link: AcquisitionLink, external_userid: str) -> str | None:
    """Returns the member with the fewest customers from this link, of those who can have one more."""
    act.db.flush()
    covered = members_in_range(
        act.db, act.corp_id, {"userid": link.user_list, "partyid": link.department_list}
    )
    counted = sa.select(LINK_CUSTOMER.c.userid, sa.func.count().label("customers")).where(
        LINK_CUSTOMER.c.corp_id == act.corp_id, LINK_CUSTOMER.c.link_id == link.link_id
    )
    customers_so_far = {
        row.userid: row.customers for row in act.db.execute(counted.group_by(LINK_CUSTOMER.c.userid))
    }
    for userid in sorted(covered or (), key=lambda userid: (customers_so_far.get(userid, 0), userid)):
        if _can_take(act, userid, external_userid):
            return userid
    return None


def _can_take(act: Act, userid: str, external_userid: str) -> bool:
    member = act.db.session.get(Member, (act.corp_id, userid))
    if member is None or member.status != 1 or not member.may_follow or lifecycle.is_full(act, userid):
        return False
    relation = lifecycle.relation_of(act, userid, external_userid)
    return relation is None or relation.ended_at is not None or relation.pending_confirmation


class BuyQuota(ActModel):
    amount: int = Field(ge=1, le=100_000_000)
    expires_at: int | None = None


@act("admin_buys_acquisition_quota")
def admin_buys_acquisition_quota(act: Act, body: BuyQuota) -> dict[str, Any]:
    """管理员购买获客额度 / An admin buys acquisition quota, valid for a year unless `expires_at` is given."""
    expires_at = body.expires_at or act.now + DEFAULT_LIFE_DAYS * DAY
    if expires_at <= act.now:
        raise ActRefused("expires_at has passed already")
    lot_id = quota.buy(act, body.amount, expires_at)
    return {"lot_id": lot_id, "balance": quota.balance(act.db, act.corp_id, act.now)}


class OneLink(ActModel):
    link_id: str


@act("admin_deletes_acquisition_link")
def admin_deletes_acquisition_link(act: Act, body: OneLink) -> dict[str, Any]:
    """管理员删除获客链接 / An admin or a member deletes a link in the console or client: delete_link."""
    link = _the_link(act, body.link_id)
    link.deleted_at = act.now
    act.db.session.add(link)
    emit(act, DeleteLink(LinkId=link.link_id), agentid=link.created_by)
    return {"link_id": link.link_id}
