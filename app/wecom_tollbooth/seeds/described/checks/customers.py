"""Customers, their followers, and the follow-up records of the two."""

from collections import Counter

from wecom_tollbooth.families.follow_ups.store.pipeline import FIRST_PIPELINE
from wecom_tollbooth.families.relations.lifecycle import CUSTOMERS_OF_A_MEMBER
from wecom_tollbooth.families.relations.tables import WECHAT
from wecom_tollbooth.seeds.described.checks.checking import Checking
from wecom_tollbooth.seeds.described.checks.directory import check_external_profile
from wecom_tollbooth.seeds.described.faults import Path
from wecom_tollbooth.seeds.described.shapes.customers import SeedCustomer, SeedFollower, SeedFollowUp

STAGES = tuple(stage["stage_id"] for stage in FIRST_PIPELINE["stages"])
BY_CHANNELS = 10
"""add_way of a customer who came by a 视频号."""


def check_customers(checking: Checking) -> None:
    unionids: dict[str, Path] = {}
    of_member: Counter[str] = Counter()
    for place, customer in enumerate(checking.file.customers):
        path = ("customers", place)
        for name in ("ref", "external_userid"):
            if given := getattr(customer, name):
                checking.once(checking.customers, given, (*path, name), "the name of a customer")
        if customer.unionid:
            checking.once(unionids, customer.unionid, (*path, "unionid"), "the unionid")
        _check_type(checking, customer, path)
        made = checking.time(customer.created_at, (*path, "created_at"))
        seen: dict[str, Path] = {}
        for number, follower in enumerate(customer.followers):
            at = (*path, "followers", number)
            if checking.a_member(follower.userid, (*at, "userid")):
                checking.once(seen, follower.userid, (*at, "userid"), "the follower")
            _check_follower(checking, follower, at, made)
            of_member[follower.userid] += follower.deleted_by_member_at is None
            if of_member[follower.userid] == CUSTOMERS_OF_A_MEMBER + 1:
                why = f"{follower.userid} has over {CUSTOMERS_OF_A_MEMBER} customers, the most there can be"
                checking.say((*at, "userid"), why)


def _check_type(checking: Checking, customer: SeedCustomer, path: Path) -> None:
    if customer.type == WECHAT:
        for name in ("position", "corp_name", "corp_full_name", "external_profile"):
            if getattr(customer, name):
                checking.say((*path, name), "only a customer of type 2 (WeCom) has it; this one is of type 1")
    elif customer.unionid:
        checking.say((*path, "unionid"), "only a customer of type 1 (WeChat) has one; this one is of type 2")
    if customer.external_userid and customer.external_userid[:2] != ("wm", "wo")[customer.type - 1]:
        why = f"that of a customer of type {customer.type} begins with {('wm', 'wo')[customer.type - 1]}"
        checking.say((*path, "external_userid"), why)
    if customer.external_profile is not None:
        check_external_profile(checking, customer.external_profile, (*path, "external_profile"))


def _check_follower(checking: Checking, follower: SeedFollower, path: Path, made: int | None) -> None:
    added = checking.time(follower.added_at, (*path, "added_at"), after=made)
    for name in ("deleted_by_customer_at", "deleted_by_member_at", "last_chat_at"):
        checking.time(getattr(follower, name), (*path, name), after=added)
    if follower.wechat_channels is not None and follower.add_way != BY_CHANNELS:
        checking.say((*path, "wechat_channels"), f"only add_way {BY_CHANNELS} has it")
    for number, name in enumerate(follower.tags):
        at = (*path, "tags", number)
        if name not in checking.tags:
            checking.say(at, f"there is no tag {name!r}; write group/tag, or a tag_id of this file")
        elif checking.tags[name]:
            checking.say(at, f"the tag {name!r} was deleted")
        if name in follower.tags[:number]:
            checking.say(at, f"the tag {name!r} is here twice")
    own = [(tag.group_name, tag.tag_name) for tag in follower.personal_tags]
    for number, tag in enumerate(own):
        if tag in own[:number]:
            checking.say((*path, "personal_tags", number), f"the tag {'/'.join(tag)!r} is here twice")
    for number, mobile in enumerate(follower.remark_mobiles):
        if not mobile:
            checking.say((*path, "remark_mobiles", number), "an empty number; leave it out")
    if follower.follow_up is not None:
        _check_follow_up(checking, follower, follower.follow_up, (*path, "follow_up"), added)


def _check_follow_up(
    checking: Checking, follower: SeedFollower, record: SeedFollowUp, path: Path, added: int | None
) -> None:
    if record.stage not in STAGES:
        why = f"there is no stage {record.stage!r}; the stages are {', '.join(STAGES)}"
        checking.say((*path, "stage"), why)
    if follower.pending or follower.deleted_by_member_at is not None:
        checking.say(path, "a record needs a relation that the API accepts; this one is pending or has ended")
    begun = checking.time(record.created_at, (*path, "created_at"), after=added)
    for number, log in enumerate(record.logs):
        checking.time(log.at, (*path, "logs", number, "at"), after=begun if begun is not None else added)
