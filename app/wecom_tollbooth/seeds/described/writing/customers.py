"""Tags, customers, their followers."""

from collections.abc import Iterator

from wecom_tollbooth.families.relations.lifecycle import ASSIGNED
from wecom_tollbooth.families.relations.tables import WECOM, ExternalContact, FollowUser
from wecom_tollbooth.families.tag_library.tables import FollowTag, PersonalTag, Tag, TagGroup
from wecom_tollbooth.seeds.described.checks.tags import as_tag
from wecom_tollbooth.seeds.described.shapes.customers import SeedCustomer, SeedFollower, SeedTagGroup
from wecom_tollbooth.seeds.described.writing.rows import Making, Row, as_json
from wecom_tollbooth.world import avatars, ids, people

BY_MEMBER = frozenset({2, 5, 6, 9})
"""add_way of what a member begins; the others are begun by the customer."""
SHARED = 201


def tag_rows(making: Making) -> Iterator[Row]:
    for group in making.file.tag_groups:
        yield from _tag_group_rows(making, group)


def _tag_group_rows(making: Making, group: SeedTagGroup) -> Iterator[Row]:
    number, prefix = making.number(), "st" if group.strategy_id else "et"
    group_id = making.id_of(group.group_id, prefix, number)
    made, deleted = making.at(group.created_at), making.at_or_none(group.deleted_at)
    owned = {"strategy_id": group.strategy_id, "created_by": making.agentid}
    yield making.row(
        TagGroup,
        group_id=group_id,
        name=group.name,
        create_time=made,
        seq=number,
        sort_order=group.order,
        deleted_at=deleted,
        **owned,
    )
    for tag in map(as_tag, group.tags):
        number = making.number()
        tag_id = making.id_of(tag.tag_id, prefix, number)
        gone = making.at_or_none(tag.deleted_at)
        gone = deleted if gone is None else gone
        making.tags[tag_id] = tag_id
        if gone is None:
            making.tags.setdefault(f"{group.name}/{tag.name}", tag_id)
        yield making.row(
            Tag,
            tag_id=tag_id,
            group_id=group_id,
            name=tag.name,
            create_time=made if tag.created_at is None else making.at(tag.created_at),
            seq=number,
            sort_order=tag.order,
            deleted_at=gone,
            **owned,
        )


def customer_rows(making: Making) -> Iterator[Row]:
    for customer in making.file.customers:
        yield from _customer_rows(making, customer)


def _customer_rows(making: Making, customer: SeedCustomer) -> Iterator[Row]:
    number = making.number()
    is_wecom = customer.type == WECOM
    external_userid = making.id_of(customer.external_userid, "wo" if is_wecom else "wm", number)
    making.customers |= {name: external_userid for name in (customer.ref, external_userid) if name}
    name = customer.name or people.name(making.seed, number)
    making.of_customer[id(customer)] = external_userid, name
    unionid = customer.unionid
    if unionid is None:
        unionid = "" if is_wecom else "o" + ids.draw(making.seed, "unionid", number, 27)
    profile = customer.external_profile
    begun = [making.at(follower.added_at) for follower in customer.followers]
    made = making.at_or_none(customer.created_at)
    yield making.row(
        ExternalContact,
        external_userid=external_userid,
        name=name,
        type=customer.type,
        gender=customer.gender,
        avatar=avatars.address(external_userid[2:18]) if customer.avatar is None else customer.avatar,
        unionid=unionid,
        position=customer.position,
        corp_name=customer.corp_name,
        corp_full_name=customer.corp_full_name,
        external_profile=None if profile is None else as_json(profile.stored()),
        created_at=made if made is not None else min(begun, default=making.now),
    )
    for follower in customer.followers:
        yield from _follower_rows(making, follower, external_userid, name)


def _follower_rows(making: Making, follower: SeedFollower, external_userid: str, name: str) -> Iterator[Row]:
    pair = {"external_userid": external_userid, "userid": follower.userid}
    ended = making.at_or_none(follower.deleted_by_member_at)
    channels = follower.wechat_channels
    oper_userid = follower.oper_userid
    if oper_userid is None:
        oper_userid = _who_began(follower, external_userid)
    yield making.row(
        FollowUser,
        **pair,
        seq=making.number(),
        createtime=making.at(follower.added_at),
        remark=name[:20] if follower.remark is None else follower.remark,
        description=follower.description,
        remark_corp_name=follower.remark_corp_name,
        remark_mobiles=as_json(follower.remark_mobiles),
        add_way=follower.add_way,
        oper_userid=oper_userid,
        state=follower.state,
        wechat_channels=None if channels is None else as_json(channels.model_dump()),
        pending_confirmation=follower.pending,
        last_chat_at=making.at_or_none(follower.last_chat_at),
        deleted_by_customer_at=making.at_or_none(follower.deleted_by_customer_at),
        ended_at=ended,
    )
    if ended is None and not follower.pending:
        making.contacts.add(external_userid)
    for tag in follower.tags:
        yield making.row(FollowTag, **pair, tag_id=making.tags[tag])
    for own in follower.personal_tags:
        yield making.row(PersonalTag, **pair, group_name=own.group_name, tag_name=own.tag_name)


def _who_began(follower: SeedFollower, external_userid: str) -> str:
    if follower.add_way == 0:
        return ""  # real replies leave it out then
    if follower.add_way in BY_MEMBER or follower.add_way in (SHARED, ASSIGNED):
        return follower.userid
    return external_userid
