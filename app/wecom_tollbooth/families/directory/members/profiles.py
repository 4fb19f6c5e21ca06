"""The fields of user/create and user/update, and how they change the stored profile."""

from typing import Any

from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.directory.members.attributes import (
    EXTERNAL_PROFILE_ERRORS,
    Attribute,
    Extattr,
    ExternalProfile,
    merged_extattr,
    merged_external_profile,
)
from wecom_tollbooth.families.directory.rules import ADVERTISED_POSITION_WIDTH, is_telephone, width
from wecom_tollbooth.families.media.lookup import check_media
from wecom_tollbooth.families.media.pictures import publish
from wecom_tollbooth.families.mini_programs.lookup import is_associated
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, optional, required
from wecom_tollbooth.world.context import Context

DIRECT_LEADERS = 1
GENDERS = ("0", "1", "2")


class MemberFields(RequestModel):
    """The fields that user/create and user/update share."""

    alias: str | None = optional(max_chars=64)
    mobile: str | None = optional(max_chars=32, too_long=ErrCode.INVALID_MOBILE, doc="+86 may be left out")
    department: list[int] | None = optional(invalid=ErrCode.INVALID_PARTY_LIST, doc="ids, at most 100")
    order: list[int] | None = optional(
        invalid=ErrCode.INVALID_PARAMETER,
        doc="order in each department, larger first; as many as in department",
    )
    position: str | None = optional(max_chars=128, too_long=ErrCode.POSITION_TOO_LONG)
    gender: str | None = optional(doc="0 unknown, 1 male, 2 female")
    email: str | None = optional(max_chars=64, too_long=ErrCode.INVALID_EMAIL)
    biz_mail: str | None = optional(max_chars=64, too_long=ErrCode.INVALID_BIZ_MAIL)
    is_leader_in_dept: list[int] | None = optional(
        invalid=ErrCode.INVALID_PARAMETER, doc="0 or 1 for each department; as many as in department"
    )
    direct_leader: list[str] | None = optional(
        max_items=DIRECT_LEADERS,
        too_long=ErrCode.TOO_MANY_DIRECT_LEADERS,
        invalid=ErrCode.INVALID_PARAMETER,
        doc="a userid; [] clears it",
    )
    enable: int | None = optional(ge=0, le=1, invalid=ErrCode.INVALID_PARAMETER, doc="1 enabled, 0 disabled")
    avatar_mediaid: str | None = optional(doc="of an uploaded image")
    telephone: str | None = optional(doc='up to 32 digits, "-", "+" and ","')
    address: str | None = optional(max_chars=128)
    main_department: int | None = optional(
        ge=0, le=UINT32, invalid=ErrCode.INVALID_PARTY_ID, doc="one of department"
    )
    extattr: Extattr | None = optional(invalid=ErrCode.INVALID_PARAMETER)
    external_position: str | None = optional(doc="up to 12 Chinese characters")
    external_profile: ExternalProfile | None = optional(invalid=ErrCode.INVALID_EXTERNAL_ATTR)


class CreateMemberRequest(MemberFields):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64, doc="letters, digits and _-@.")
    name: str = required(
        ErrCode.INVALID_MEMBER_NAME,
        max_chars=64,
        too_long=ErrCode.INVALID_MEMBER_NAME,
        doc="1 to 64 characters",
    )
    to_invite: bool | None = optional(doc="default true; the simulator sends no invitations")


class BizMailAlias(RequestModel):
    item: list[str] | None = optional()


class UpdateMemberRequest(MemberFields):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)
    new_userid: str | None = optional(max_chars=64, doc="refused: only for userids chosen by the platform")
    name: str | None = optional(max_chars=64, too_long=ErrCode.INVALID_MEMBER_NAME)
    biz_mail_alias: BizMailAlias | None = optional(doc="replaces the aliases, at most 5; {} clears them")
    to_invite: bool | None = optional(doc="the simulator sends no invitations")


FIELD_ERRORS = (
    ErrCode.PARAMETERS_EMPTY,
    ErrCode.MISSING_USERID,
    ErrCode.INVALID_PARAMETER,
    ErrCode.INVALID_MEMBER_NAME,
    ErrCode.INVALID_PARTY_LIST,
    ErrCode.INVALID_PARTY_ID,
    ErrCode.INVALID_MOBILE,
    ErrCode.MOBILE_EXISTS,
    ErrCode.INVALID_EMAIL,
    ErrCode.EMAIL_EXISTS,
    ErrCode.MOBILE_AND_EMAIL_EMPTY,
    ErrCode.TOO_MANY_DEPARTMENTS,
    ErrCode.DEPARTMENT_IS_FULL,
    ErrCode.LEADER_COUNT_DIFFERS,
    ErrCode.TOO_MANY_DIRECT_LEADERS,
    ErrCode.USERID_NOT_FOUND,
    ErrCode.INVALID_BIZ_MAIL,
    ErrCode.BIZ_MAIL_EXISTS,
    ErrCode.POSITION_TOO_LONG,
    ErrCode.INVALID_TELEPHONE,
    ErrCode.INVALID_EXTATTR_TYPE,
    *EXTERNAL_PROFILE_ERRORS,
    ErrCode.INVALID_MEDIA_ID,
)
SAMPLE_EXTATTR = {
    "attrs": [
        {"type": 0, "name": "文本名称", "text": {"value": "文本"}},
        {"type": 1, "name": "网页名称", "web": {"url": "http://www.test.com", "title": "标题"}},
    ]
}
SAMPLE_PROFILE = {
    "external_corp_name": "企业简称",
    "wechat_channels": {"nickname": "视频号名称"},
    "external_attr": [
        {"type": 0, "name": "文本名称", "text": {"value": "文本"}},
        {"type": 1, "name": "网页名称", "web": {"url": "http://www.test.com", "title": "标题"}},
        {
            "type": 2,
            "name": "测试app",
            "miniprogram": {
                "appid": "wx8bd8012614784fake",
                "pagepath": "/index",
                "title": "my miniprogram",
            },
        },
    ],
}


def merged_profile(
    context: Context, stored: dict[str, Any], body: MemberFields, userid: str
) -> dict[str, Any]:
    """The profile after the change; an empty text clears a field.

    Raises 40007, 40058, 60111, 60150, 301013, 90100 to 90106.
    """
    profile = dict(stored)
    if body.telephone is not None and not is_telephone(body.telephone):
        raise Refusal(ErrCode.INVALID_TELEPHONE, detail='telephone: use up to 32 digits, "-", "+" and ","')
    if width(body.external_position or "") > ADVERTISED_POSITION_WIDTH:
        raise _invalid("external_position", "over 12 Chinese characters")
    if body.avatar_mediaid:
        publish(context, check_media(context, body.avatar_mediaid, "image", field="avatar_mediaid"))
    for field in ("alias", "position", "telephone", "address", "external_position", "avatar_mediaid"):
        value = getattr(body, field)
        if value is not None:
            profile[field] = value
    if body.gender:
        if body.gender not in GENDERS:
            raise _invalid("gender", f"{body.gender!r} is not one of {', '.join(GENDERS)}")
        profile["gender"] = body.gender
    if body.direct_leader is not None:
        profile["direct_leader"] = [
            _leader(context, leader, userid) for leader in body.direct_leader if leader
        ]
    if body.extattr is not None:
        profile["extattr"] = merged_extattr(profile.get("extattr", []), body.extattr)
    if body.external_profile is not None:
        profile["external_profile"] = merged_external_profile(
            profile.get("external_profile"), _with_own_mini_programs(context, body.external_profile)
        )
    return profile


def _with_own_mini_programs(context: Context, given: ExternalProfile) -> ExternalProfile:
    """The same without mini-programs that the corp doesn't have, which the page says are ignored."""

    def is_own(attribute: Attribute) -> bool:
        appid = attribute.miniprogram.appid if attribute.miniprogram else None
        return not appid or is_associated(context, appid)

    rows = given.external_attr
    if rows is None or all(is_own(row) for row in rows):
        return given
    return given.model_copy(update={"external_attr": [row for row in rows if is_own(row)]})


def _leader(context: Context, leader: str, userid: str) -> str:
    """The leader's userid as the directory spells it. Raises 60111, and 40058 for the member itself."""
    found = the_member(context, leader, ErrCode.USERID_NOT_FOUND)
    if found.userid == userid:
        raise _invalid("direct_leader", "a member cannot be their own leader")
    return found.userid


def _invalid(field: str, why: str) -> Refusal:
    return Refusal(ErrCode.INVALID_PARAMETER, f"{field} invalid", detail=f"{field}: {why}")
