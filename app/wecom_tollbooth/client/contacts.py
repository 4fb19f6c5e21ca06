"""What a member's client lists: customers, groups and apps."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.client.functions.identity import OPENED_BY_MEMBERS
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.families.applications.tables import APP_PROFILE
from wecom_tollbooth.families.directory.visibility import members_in_range
from wecom_tollbooth.families.group_chats.tables import GROUP_CHAT, GROUP_STAY
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER
from wecom_tollbooth.world.context import Context

SHOWN = 100


def customers_of(context: Context, userid: str, find: str) -> list[dict[str, Any]]:
    """The latest customers whose name or remark holds `find`."""
    query = (
        sa.select(
            FOLLOW_USER.c.external_userid,
            EXTERNAL_CONTACT.c.name,
            FOLLOW_USER.c.remark,
            EXTERNAL_CONTACT.c.type,
            EXTERNAL_CONTACT.c.corp_name,
        )
        .join(
            EXTERNAL_CONTACT,
            (EXTERNAL_CONTACT.c.corp_id == FOLLOW_USER.c.corp_id)
            & (EXTERNAL_CONTACT.c.external_userid == FOLLOW_USER.c.external_userid),
        )
        .where(
            FOLLOW_USER.c.corp_id == context.corp_id,
            FOLLOW_USER.c.userid == userid,
            FOLLOW_USER.c.ended_at.is_(None),
        )
        .order_by(FOLLOW_USER.c.seq.desc())
        .limit(SHOWN)
    )
    if find:
        named = EXTERNAL_CONTACT.c.name.contains(find, autoescape=True)
        query = query.where(named | FOLLOW_USER.c.remark.contains(find, autoescape=True))
    return [row._asdict() for row in context.db.execute(query)]


def groups_of(context: Context, userid: str, find: str) -> list[dict[str, Any]]:
    """The customer groups in which the member is, the latest first."""
    people = (
        sa.select(sa.func.count())
        .where(
            GROUP_STAY.c.corp_id == GROUP_CHAT.c.corp_id,
            GROUP_STAY.c.chat_id == GROUP_CHAT.c.chat_id,
            GROUP_STAY.c.left_at.is_(None),
        )
        .scalar_subquery()
    )
    is_in = sa.exists().where(
        GROUP_STAY.c.corp_id == GROUP_CHAT.c.corp_id,
        GROUP_STAY.c.chat_id == GROUP_CHAT.c.chat_id,
        GROUP_STAY.c.person_id == userid,
        GROUP_STAY.c.left_at.is_(None),
    )
    query = (
        sa.select(GROUP_CHAT.c.chat_id, GROUP_CHAT.c.name, GROUP_CHAT.c.owner, people.label("people"))
        .where(GROUP_CHAT.c.corp_id == context.corp_id, GROUP_CHAT.c.dismissed_at.is_(None), is_in)
        .order_by(GROUP_CHAT.c.seq.desc())
        .limit(SHOWN)
    )
    if find:
        query = query.where(GROUP_CHAT.c.name.contains(find, autoescape=True))
    return [row._asdict() for row in context.db.execute(query)]


def apps_of(context: Context, userid: str) -> list[dict[str, Any]]:
    """The apps that the member can open, with their home pages and trusted domains."""
    query = (
        sa.select(APP, sa.func.coalesce(APP_PROFILE.c.home_url, "").label("home_url"))
        .join(
            APP_PROFILE,
            (APP_PROFILE.c.corp_id == APP.c.corp_id) & (APP_PROFILE.c.agentid == APP.c.agentid),
            isouter=True,
        )
        .where(
            APP.c.corp_id == context.corp_id,
            APP.c.enabled.is_(True),
            APP.c.kind.in_([kind.value for kind in OPENED_BY_MEMBERS]),
        )
        .order_by(APP.c.agentid)
    )
    shown = []
    for row in context.db.execute(query):
        visible = members_in_range(context.db, context.corp_id, row.visible)
        if visible is None or userid in visible:
            shown.append(
                {
                    "agentid": row.agentid,
                    "name": row.name,
                    "kind": row.kind,
                    "home_url": row.home_url,
                    "trusted_domains": row.trusted_domains,
                }
            )
    return shown
