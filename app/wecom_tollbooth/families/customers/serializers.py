"""How get and batch/get_by_user show a customer and a relation."""

from typing import Any, NotRequired

import orjson
from typing_extensions import TypedDict

from wecom_tollbooth.corps.app_kinds import OF_PROVIDERS
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER, WECHAT
from wecom_tollbooth.gateway.call import Call

CONTACT_COLUMNS = (
    EXTERNAL_CONTACT.c.external_userid,
    EXTERNAL_CONTACT.c.name,
    EXTERNAL_CONTACT.c.type,
    EXTERNAL_CONTACT.c.avatar,
    EXTERNAL_CONTACT.c.gender,
    EXTERNAL_CONTACT.c.unionid,
    EXTERNAL_CONTACT.c.position,
    EXTERNAL_CONTACT.c.corp_name,
    EXTERNAL_CONTACT.c.corp_full_name,
    EXTERNAL_CONTACT.c.external_profile,
)
FOLLOW_COLUMNS = (
    FOLLOW_USER.c.userid,
    FOLLOW_USER.c.seq,
    FOLLOW_USER.c.remark,
    FOLLOW_USER.c.description,
    FOLLOW_USER.c.createtime,
    FOLLOW_USER.c.remark_corp_name,
    FOLLOW_USER.c.remark_mobiles,
    FOLLOW_USER.c.add_way,
    FOLLOW_USER.c.oper_userid,
    FOLLOW_USER.c.state,
    FOLLOW_USER.c.wechat_channels,
)


class ExternalContactShape(TypedDict):
    external_userid: str
    name: str
    type: int
    avatar: NotRequired[str]
    gender: int
    unionid: NotRequired[str]
    position: NotRequired[str]
    corp_name: NotRequired[str]
    corp_full_name: NotRequired[str]
    external_profile: NotRequired[dict[str, Any]]


class FollowShape(TypedDict):
    userid: str
    remark: str
    description: str
    createtime: int
    remark_corp_name: NotRequired[str]
    remark_mobiles: NotRequired[list[str]]
    add_way: int
    oper_userid: NotRequired[str]
    state: NotRequired[str]
    wechat_channels: NotRequired[dict[str, Any]]


def contact_shape(call: Call, row: Any) -> ExternalContactShape:
    external_userid, name, kind, avatar, gender, unionid, position, corp_name, full_name, profile = row
    shape: ExternalContactShape = {
        "external_userid": external_userid,
        "name": name,
        "type": kind,
        "avatar": avatar,
        "gender": gender,
    }
    withheld = call.app_kind in OF_PROVIDERS
    if withheld:
        del shape["avatar"]
        shape["gender"] = 0
    if kind == WECHAT:
        if unionid and call.settings.unionid_bound and not withheld:
            shape["unionid"] = unionid
        return shape
    if position:
        shape["position"] = position
    shape["corp_name"] = corp_name
    shape["corp_full_name"] = corp_name if withheld else full_name
    if profile:
        shape["external_profile"] = orjson.loads(profile)
    return shape


def follow_shape(call: Call, row: Any) -> FollowShape:
    userid, _, remark, description, createtime, corp_name, mobiles = row[:7]
    add_way, oper_userid, state, channels = row[7:]
    shape: FollowShape = {
        "userid": userid,
        "remark": remark,
        "description": description,
        "createtime": createtime,
        "remark_mobiles": [] if mobiles == "[]" else orjson.loads(mobiles),
        "add_way": add_way,
    }
    if call.app_kind in OF_PROVIDERS:
        del shape["remark_mobiles"]
    if corp_name:
        shape["remark_corp_name"] = corp_name
    if oper_userid:
        shape["oper_userid"] = oper_userid
    if state:
        shape["state"] = state
    if channels:
        shape["wechat_channels"] = orjson.loads(channels)
    return shape
