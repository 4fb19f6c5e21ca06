"""A member's fields that only self-built apps created before 2022-06-20 may read (page 90196).

Later apps get them by OAuth from the member.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import SELF_BUILT_APPS
from wecom_tollbooth.corps.tables import APP
from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.directory.tables import BIZ_MAIL
from wecom_tollbooth.families.media.pictures import picture_address
from wecom_tollbooth.world import avatars, ids, qr
from wecom_tollbooth.world.context import Context

WITHHELD_SINCE = 1_655_726_400
"""2022-06-20 20:00 in Asia/Shanghai."""
PAGE = "/_sim/scan/member"
PIXELS = 400
THUMB = 96
"""Ends the address of a small avatar, whose side has so many pixels."""

_MADE_AT = CompiledStatement(
    sa.select(APP.c.created_at).where(
        APP.c.corp_id == bindparam("corp_id"), APP.c.agentid == bindparam("agentid")
    )
)


class PrivateFields(TypedDict):
    gender: str
    mobile: str
    email: str
    biz_mail: str
    avatar: str
    thumb_avatar: str
    qr_code: str
    address: str


def may_read_private_fields(context: Context) -> bool:
    """Whether the calling app is a self-built app created early enough."""
    if context.app_kind not in SELF_BUILT_APPS:
        return False
    made = _MADE_AT.one(context.db, corp_id=context.corp_id, agentid=context.agentid)
    return made is not None and bool(made[0] < WITHHELD_SINCE)


def biz_mails(context: Context, userids: list[str]) -> dict[str, str]:
    """The 企业邮箱 by userid, without aliases; members without one are left out."""
    query = sa.select(BIZ_MAIL.c.userid, BIZ_MAIL.c.address).where(
        BIZ_MAIL.c.corp_id == context.corp_id, BIZ_MAIL.c.is_alias.is_(False)
    )
    if len(userids) == 1:
        query = query.where(BIZ_MAIL.c.userid == userids[0])
    return {row.userid: row.address for row in context.db.execute(query)}


def private_fields(
    context: Context,
    base_url: str,
    userid: str,
    mobile: str | None,
    email: str | None,
    biz_mail: str,
    profile: dict[str, Any],
) -> PrivateFields:
    """The private fields: gender "0" if unknown, other missing values as empty texts.

    `base_url` is the address that the caller used, for that of the QR code.
    """
    avatar, thumb_avatar = _avatars(context, base_url, userid, profile)
    page = f"{base_url}{PAGE}/{context.corp_id}/{userid}"
    return {
        "gender": profile.get("gender", "0"),
        "mobile": mobile or "",
        "email": email or "",
        "biz_mail": biz_mail,
        "avatar": avatar,
        "thumb_avatar": thumb_avatar,
        "qr_code": qr.address(base_url, page, PIXELS),
        "address": profile.get("address", ""),
    }


def _avatars(context: Context, base_url: str, userid: str, profile: dict[str, Any]) -> tuple[str, str]:
    """The picture of avatar_mediaid, else one that is drawn here; and the same in small."""
    if profile.get("avatar_mediaid"):
        uploaded = picture_address(context, base_url, profile["avatar_mediaid"])
        return uploaded, uploaded
    drawn = avatars.address(ids.draw(context.seed, f"avatar/{context.corp_id}/{userid}", 0, 16))
    return drawn, f"{drawn.removesuffix('0')}{THUMB}"
