"""Departments, members, their tags, and rule groups."""

from wecom_tollbooth.families.directory.rules import (
    canonical_email,
    canonical_mobile,
    is_department_name,
    width,
)
from wecom_tollbooth.families.directory.tree import LEVELS
from wecom_tollbooth.families.strategies.privileges import Privilege
from wecom_tollbooth.seeds.described.checks.checking import Checking
from wecom_tollbooth.seeds.described.faults import Path
from wecom_tollbooth.seeds.described.shapes.directory import SeedMember, SeedPlace
from wecom_tollbooth.seeds.described.shapes.profiles import (
    ExternalProfile,
    MiniProgramAttribute,
    TextAttribute,
)

ADVERTISED_WIDTH = 24
TEXT_CHARS = 12
"""Of a text in external_attr."""


def check_directory(checking: Checking) -> None:
    _check_departments(checking)
    _check_members(checking)
    _check_member_tags(checking)
    _check_rule_groups(checking)


def _check_departments(checking: Checking) -> None:
    parents: dict[int, int] = {1: 0}
    names: dict[str, Path] = {}
    numbers: dict[str, Path] = {}
    for place, one in enumerate(checking.file.departments):
        path = ("departments", place)
        checking.once(numbers, str(one.id), (*path, "id"), "the department")
        checking.once(names, f"{one.parentid}/{one.name}", (*path, "name"), "the name, below its parent,")
        if not is_department_name(one.name):
            checking.say((*path, "name"), 'a name has none of \\ : * ? " < > |')
        parents.setdefault(one.id, one.parentid)
    checking.departments |= set(parents)
    for place, one in enumerate(checking.file.departments):
        level, at = 1, one.id
        while at != 1 and level <= LEVELS:
            at, level = parents.get(at, 1), level + 1
        if one.parentid not in parents:
            checking.say(("departments", place, "parentid"), f"there is no department {one.parentid}")
        elif level > LEVELS:
            why = f"department {one.id} is below itself, or below more than {LEVELS} levels"
            checking.say(("departments", place, "parentid"), why)


def _check_members(checking: Checking) -> None:
    spelt: dict[str, Path] = {}
    mobiles: dict[str, Path] = {}
    emails: dict[str, Path] = {}
    mails: dict[str, Path] = {}
    for place, member in enumerate(checking.file.members):
        path = ("members", place)
        checking.once(spelt, member.userid.lower(), (*path, "userid"), "the userid")
        (checking.members if member.left_at is None else checking.left).setdefault(member.userid, path)
        begun = checking.time(member.created_at, (*path, "created_at"))
        checking.time(member.left_at, (*path, "left_at"), after=begun)
        _check_places(checking, member, path)
        _check_profile(checking, member, path)
        if member.mobile:
            mobile = canonical_mobile(member.mobile)
            if mobile is None:
                checking.say((*path, "mobile"), "write digits, with the country code unless it is +86")
            else:
                checking.once(mobiles, mobile, (*path, "mobile"), "the mobile number")
        for seen, name in ((emails, "email"), (mails, "biz_mail")):
            if address := getattr(member, name):
                _check_address(checking, seen, address, (*path, name))
        for number, address in enumerate(member.biz_mail_alias):
            _check_address(checking, mails, address, (*path, "biz_mail_alias", number))
    for place, member in enumerate(checking.file.members):
        for number, leader in enumerate(member.direct_leader):
            at = ("members", place, "direct_leader", number)
            if leader == member.userid:
                checking.say(at, "nobody is their own leader")
            else:
                checking.a_member(leader, at)


def _check_address(checking: Checking, seen: dict[str, Path], address: str, path: Path) -> None:
    known = canonical_email(address)
    if known is None:
        checking.say(path, f"{address!r} is no address such as name@example.com, of 6 to 64 bytes")
    else:
        checking.once(seen, known, path, "the address")


def _check_places(checking: Checking, member: SeedMember, path: Path) -> None:
    numbers = [one.id if isinstance(one, SeedPlace) else one for one in member.departments]
    for place, number in enumerate(numbers):
        checking.a_department(number, (*path, "departments", place))
        if number in numbers[:place]:
            checking.say((*path, "departments", place), f"department {number} is here twice")
    if member.main_department is not None and member.main_department not in numbers:
        checking.say((*path, "main_department"), f"{member.main_department} is not one of departments")
    if not numbers:
        checking.say((*path, "departments"), "a member is in at least one department; 1 is the root")


def _check_profile(checking: Checking, member: SeedMember, path: Path) -> None:
    if width(member.external_position) > ADVERTISED_WIDTH:
        checking.say((*path, "external_position"), "over 12 Chinese characters")
    if member.external_profile is not None:
        check_external_profile(checking, member.external_profile, (*path, "external_profile"))
    names = [one.name for one in member.extattr]
    for place, name in enumerate(names):
        if name in names[:place]:
            checking.say((*path, "extattr", place, "name"), f"the attribute {name!r} is here twice")


def check_external_profile(checking: Checking, profile: ExternalProfile, path: Path) -> None:
    names = [one.name for one in profile.external_attr]
    for place, one in enumerate(profile.external_attr):
        at = (*path, "external_attr", place)
        if one.name in names[:place]:
            checking.say((*at, "name"), f"the attribute {one.name!r} is here twice")
        if isinstance(one, TextAttribute) and len(one.text.value) > TEXT_CHARS:
            checking.say((*at, "text", "value"), f"over {TEXT_CHARS} characters")
        if isinstance(one, MiniProgramAttribute) and width(one.miniprogram.title) > ADVERTISED_WIDTH:
            checking.say((*at, "miniprogram", "title"), "over 12 Chinese characters")


def _check_member_tags(checking: Checking) -> None:
    numbers: dict[str, Path] = {}
    names: dict[str, Path] = {}
    for place, tag in enumerate(checking.file.member_tags):
        path = ("member_tags", place)
        checking.once(numbers, str(tag.tagid), (*path, "tagid"), "the tag")
        checking.once(names, tag.name, (*path, "name"), "the name")
        for number, userid in enumerate(tag.members):
            at = (*path, "members", number)
            checking.a_member(userid, at, present=True)
            if userid in tag.members[:number]:
                checking.say(at, f"{userid!r} is here twice")
        for number, department in enumerate(tag.departments):
            at = (*path, "departments", number)
            checking.a_department(department, at)
            if department in tag.departments[:number]:
                checking.say(at, f"department {department} is here twice")


def _check_rule_groups(checking: Checking) -> None:
    numbers: dict[str, Path] = {}
    above = {one.strategy_id: one.parent_id for one in checking.file.rule_groups}
    checking.rule_groups |= set(above)
    for place, one in enumerate(checking.file.rule_groups):
        path = ("rule_groups", place)
        checking.once(numbers, str(one.strategy_id), (*path, "strategy_id"), "the rule group")
        checking.time(one.created_at, (*path, "created_at"))
        line = [one.strategy_id]
        while (parent := above.get(line[-1], 0)) and len(line) < 6:
            line.append(parent)
        if one.parent_id and one.parent_id not in above:
            checking.say((*path, "parent_id"), f"there is no rule group {one.parent_id}")
        elif len(line) > 5:
            checking.say((*path, "parent_id"), "below itself, or below more than 5 levels")
        for field in ("admins", "members"):
            for number, userid in enumerate(getattr(one, field)):
                checking.a_member(userid, (*path, field, number), present=True)
        for number, department in enumerate(one.departments):
            checking.a_department(department, (*path, "departments", number))
        for number, name in enumerate(one.without):
            if name not in Privilege.model_fields:
                checking.say((*path, "without", number), f"there is no privilege {name!r}")
        if one.parent_id and one.without:
            checking.say((*path, "without"), "only the first level has privileges of its own")
