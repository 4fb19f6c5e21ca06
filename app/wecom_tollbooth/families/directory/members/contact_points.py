"""A member's mobile number, email and 企业邮箱: parsing, and uniqueness in the corp."""

from collections.abc import Sequence

import sqlalchemy as sa

from wecom_tollbooth.families.directory.rules import canonical_email, canonical_mobile
from wecom_tollbooth.families.directory.tables import BIZ_MAIL, MEMBER
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.world.context import Context

BIZ_MAIL_ALIASES = 5


def parse_mobile(context: Context, text: str, userid: str) -> str | None:
    """The number in its stored form, None for an empty one. Raises 60103, and 60104 naming its owner."""
    if not text:
        return None
    mobile = canonical_mobile(text)
    if mobile is None:
        raise Refusal(
            ErrCode.INVALID_MOBILE,
            detail=f"mobile: {text!r}: use digits, with the country code unless it is +86",
        )
    owner = _owner(context, MEMBER.c.mobile, mobile)
    if owner not in (None, userid):
        raise Refusal(ErrCode.MOBILE_EXISTS, f"mobile existed:{owner}", detail=f"{owner} has {mobile}")
    return mobile


def parse_email(context: Context, text: str, userid: str) -> str | None:
    """The address in its stored form, None for an empty one. Raises 60105 and 60106."""
    if not text:
        return None
    email = canonical_email(text)
    if email is None:
        raise Refusal(ErrCode.INVALID_EMAIL, detail=f"email: {text!r} is not an address of 6 to 64 bytes")
    owner = _owner(context, MEMBER.c.email, email)
    if owner not in (None, userid):
        raise Refusal(ErrCode.EMAIL_EXISTS, detail=f"{owner} has {email}")
    return email


def _owner(context: Context, column: sa.Column[str], value: str) -> str | None:
    row = context.db.execute(
        sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == context.corp_id, column == value)
    ).first()
    return row.userid if row else None


def set_biz_mail(context: Context, userid: str, text: str) -> None:
    """Sets the member's 企业邮箱. Raises 60143, 60145, and 60144 if the member has a different one."""
    address = canonical_email(text)
    if address is None:
        raise Refusal(
            ErrCode.INVALID_BIZ_MAIL, detail=f"biz_mail: {text!r} is not an address of 6 to 64 bytes"
        )
    own = _addresses(context, userid, is_alias=False)
    if own == [address]:
        return
    if own:
        raise Refusal(ErrCode.BIZ_MAIL_IS_FIXED, detail=f"{userid} has {own[0]}, which cannot change")
    _refuse_used_address(context, address, ErrCode.BIZ_MAIL_EXISTS)
    _add(context, userid, address, is_alias=False)


def set_biz_mail_aliases(context: Context, userid: str, texts: Sequence[str]) -> None:
    """Replaces the member's aliases. Raises 40058 (over 5), 60269, 60270, 60272."""
    if len(texts) > BIZ_MAIL_ALIASES:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"biz_mail_alias.item exceed max size {BIZ_MAIL_ALIASES}",
            detail=f"biz_mail_alias: {len(texts)} aliases, over {BIZ_MAIL_ALIASES}",
        )
    if texts and not _addresses(context, userid, is_alias=False):
        raise Refusal(ErrCode.ALIAS_WITHOUT_BIZ_MAIL, detail=f"{userid} has no biz_mail")
    context.db.execute(
        sa.delete(BIZ_MAIL).where(
            BIZ_MAIL.c.corp_id == context.corp_id, BIZ_MAIL.c.userid == userid, BIZ_MAIL.c.is_alias.is_(True)
        )
    )
    for text in texts:
        address = canonical_email(text)
        if address is None:
            raise Refusal(
                ErrCode.INVALID_BIZ_MAIL_ALIAS,
                detail=f"biz_mail_alias: {text!r} is not an address of 6 to 64 bytes",
            )
        _refuse_used_address(context, address, ErrCode.BIZ_MAIL_ALIAS_EXISTS)
        _add(context, userid, address, is_alias=True)


def _addresses(context: Context, userid: str, *, is_alias: bool) -> list[str]:
    query = sa.select(BIZ_MAIL.c.address).where(
        BIZ_MAIL.c.corp_id == context.corp_id, BIZ_MAIL.c.userid == userid, BIZ_MAIL.c.is_alias.is_(is_alias)
    )
    return list(context.db.execute(query).scalars())


def _refuse_used_address(context: Context, address: str, code: Code) -> None:
    query = sa.select(BIZ_MAIL.c.userid).where(
        BIZ_MAIL.c.corp_id == context.corp_id, BIZ_MAIL.c.address == address
    )
    row = context.db.execute(query).first()
    if row:
        raise Refusal(code, detail=f"{row.userid} has {address}")


def _add(context: Context, userid: str, address: str, *, is_alias: bool) -> None:
    context.db.execute(
        sa.insert(BIZ_MAIL).values(corp_id=context.corp_id, address=address, userid=userid, is_alias=is_alias)
    )
