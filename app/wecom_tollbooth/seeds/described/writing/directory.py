"""Departments, members, their tags, and rule groups."""

from collections.abc import Iterator

from wecom_tollbooth.families.directory.rules import canonical_email, canonical_mobile
from wecom_tollbooth.families.directory.tables import (
    ACTIVE,
    DISABLED,
    LEFT,
    NOT_ACTIVATED,
    BizMail,
    Department,
    Member,
    MemberDepartment,
    MemberTag,
    TaggedDepartment,
    TaggedMember,
)
from wecom_tollbooth.families.strategies.privileges import Privilege
from wecom_tollbooth.families.strategies.ranges import NODE_DEPARTMENT, NODE_MEMBER
from wecom_tollbooth.families.strategies.tables import Strategy, StrategyNode
from wecom_tollbooth.seeds.described.shapes.directory import SeedMember, SeedPlace, SeedRuleGroup
from wecom_tollbooth.seeds.described.writing.rows import Making, Row, as_json
from wecom_tollbooth.world import people

STATUS = {"active": ACTIVE, "disabled": DISABLED, "not_activated": NOT_ACTIVATED}
PROFILE = ("position", "alias", "telephone", "address", "external_position", "direct_leader")


def directory_rows(making: Making) -> Iterator[Row]:
    for one in making.file.departments:
        yield making.row(
            Department,
            id=one.id,
            name=one.name,
            name_en=one.name_en,
            parentid=one.parentid,
            sort_order=one.order,
        )
    for member in making.file.members:
        yield from _member_rows(making, member)
    for tag in making.file.member_tags:
        yield making.row(MemberTag, tagid=tag.tagid, name=tag.name, created_by=making.agentid)
        for userid in tag.members:
            yield making.row(TaggedMember, tagid=tag.tagid, userid=userid)
        for department in tag.departments:
            yield making.row(TaggedDepartment, tagid=tag.tagid, department_id=department)
    for group in making.file.rule_groups:
        yield from _rule_group_rows(making, group)


def _member_rows(making: Making, member: SeedMember) -> Iterator[Row]:
    """A member who left has lost departments, addresses and the userid's key, as offboarding.py has it."""
    number = making.number()
    left_at = making.at_or_none(member.left_at)
    stays = left_at is None
    places = [place if isinstance(place, SeedPlace) else SeedPlace(id=place) for place in member.departments]
    status = STATUS[member.status]
    yield making.row(
        Member,
        userid=member.userid,
        userid_key=member.userid.lower() if stays else None,
        name=member.name or people.name(making.seed, number),
        mobile=canonical_mobile(member.mobile) if member.mobile and stays else None,
        email=canonical_email(member.email) if member.email and stays else None,
        status=status if stays else LEFT,
        status_when_enabled=ACTIVE if status == DISABLED else status,
        main_department=member.main_department or places[0].id,
        may_follow=member.may_follow,
        real_named=member.real_named,
        profile=as_json(_profile(member)),
        created_at=making.at(member.created_at),
        left_at=left_at,
    )
    if not stays:
        return
    for position, place in enumerate(places):
        yield making.row(
            MemberDepartment,
            userid=member.userid,
            department_id=place.id,
            position=position,
            sort_order=place.order,
            is_leader=place.is_leader,
        )
    mails = [(member.biz_mail, False)] if member.biz_mail else []
    for address, is_alias in (*mails, *((alias, True) for alias in member.biz_mail_alias)):
        yield making.row(BizMail, userid=member.userid, address=canonical_email(address), is_alias=is_alias)


def _profile(member: SeedMember) -> dict[str, object]:
    profile: dict[str, object] = {name: given for name in PROFILE if (given := getattr(member, name))}
    if member.gender != "0":
        profile["gender"] = member.gender
    if member.extattr:
        profile["extattr"] = [one.model_dump() for one in member.extattr]
    if member.external_profile is not None:
        profile["external_profile"] = member.external_profile.stored()
    return profile


def _rule_group_rows(making: Making, group: SeedRuleGroup) -> Iterator[Row]:
    rights = {name: name not in group.without for name in Privilege.model_fields}
    yield making.row(
        Strategy,
        strategy_id=group.strategy_id,
        parent_id=group.parent_id,
        strategy_name=group.name,
        create_time=making.at(group.created_at),
        admin_list=as_json(group.admins),
        privilege=as_json({} if group.parent_id else rights),
        created_by=making.agentid,
    )
    for userid in dict.fromkeys(group.members):
        yield making.row(
            StrategyNode, strategy_id=group.strategy_id, type=NODE_MEMBER, userid=userid, partyid=0
        )
    for department in dict.fromkeys(group.departments):
        yield making.row(
            StrategyNode, strategy_id=group.strategy_id, type=NODE_DEPARTMENT, userid="", partyid=department
        )
