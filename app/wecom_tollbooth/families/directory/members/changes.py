"""成员管理, changing: create and update. Only the 通讯录同步 secret may call them."""

from typing import NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.app_events import Subscribe, Unsubscribe
from wecom_tollbooth.callbacks.events.directory import CreateUser, UpdateUser
from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.family import ErrmsgReply, family
from wecom_tollbooth.families.directory.members.profiles import (
    FIELD_ERRORS,
    SAMPLE_EXTATTR,
    SAMPLE_PROFILE,
    CreateMemberRequest,
    UpdateMemberRequest,
)
from wecom_tollbooth.families.directory.members.storing import CreatedDepartment, add_member, change_member
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission

# --- 创建成员 -------------------------------------------------------------------------------------------


class CreatedDepartments(TypedDict):
    department_info: list[CreatedDepartment]


class CreateMemberReply(TypedDict):
    errmsg: str
    created_department_list: NotRequired[CreatedDepartments]


@family.post(
    "/cgi-bin/user/create",
    doc="90195",
    meter="directory.write",
    events=(CreateUser,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        *FIELD_ERRORS,
        ErrCode.INVALID_USERID,
        ErrCode.USERID_EXISTS,
        ErrCode.MEMBER_CAP_REACHED,
        ErrCode.FREQUENCY_LIMIT,
    ),
    sample={
        "userid": "zhangsan",
        "name": "张三",
        "alias": "jackzhang",
        "mobile": "+86 13800000000",
        "department": [1, 2],
        "order": [10, 40],
        "position": "产品经理",
        "gender": "1",
        "email": "zhangsan@qq.com",
        "biz_mail": "zhangsan@tencent.com",
        "is_leader_in_dept": [1, 0],
        "direct_leader": ["lisi"],
        "enable": 1,
        "avatar_mediaid": "2-G6nrLmr5EC3MNb_-zL1dDdzkd0p7cNliYu9V5w7o8K0",
        "telephone": "020-123456",
        "address": "广州市海珠区新港中路",
        "main_department": 1,
        "extattr": SAMPLE_EXTATTR,
        "to_invite": True,
        "external_position": "高级产品经理",
        "external_profile": SAMPLE_PROFILE,
    },
)
def create_member(call: Call, body: CreateMemberRequest) -> CreateMemberReply:
    """创建成员 / Create a member

    A new member, not activated (status 4), with mobile, email or both. A member without department, or in
    department 0, is put into 其他（待设置部门）; unknown departments are created below it and returned in
    created_department_list. Lengths are in characters, those of userid, mobile, emails and telephone in
    bytes. A corp has as many members as the setting member_cap says, and a month three times as many
    creations.
    """
    tree.lock_directory(call)
    created = add_member(call, body, by_assistant=True)
    reply: CreateMemberReply = {"errmsg": "created"}
    if created:
        reply["created_department_list"] = {"department_info": created}
    return reply


# --- 更新成员 -------------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/user/update",
    doc="90197",
    meter="directory.write",
    events=(UpdateUser, Subscribe, Unsubscribe),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        *FIELD_ERRORS,
        ErrCode.USERID_IS_FIXED,
        ErrCode.BIZ_MAIL_IS_FIXED,
        ErrCode.INVALID_BIZ_MAIL_ALIAS,
        ErrCode.BIZ_MAIL_ALIAS_EXISTS,
        ErrCode.ALIAS_WITHOUT_BIZ_MAIL,
    ),
    sample={
        "userid": "zhangsan",
        "name": "李四",
        "department": [1],
        "order": [10],
        "position": "后台工程师",
        "mobile": "13800000000",
        "gender": "1",
        "email": "zhangsan@qq.com",
        "biz_mail": "zhangsan@tencent.com",
        "biz_mail_alias": {"item": ["jack@tencent.com", "hr@tencent.com"]},
        "is_leader_in_dept": [1],
        "direct_leader": ["lisi"],
        "enable": 1,
        "avatar_mediaid": "2-G6nrLmr5EC3MNb_-zL1dDdzkd0p7cNliYu9V5w7o8K0",
        "telephone": "020-123456",
        "alias": "jackzhang",
        "address": "广州市海珠区新港中路",
        "main_department": 1,
        "extattr": SAMPLE_EXTATTR,
        "external_position": "工程师",
        "external_profile": SAMPLE_PROFILE,
    },
)
def update_member(call: Call, body: UpdateMemberRequest) -> ErrmsgReply:
    """更新成员 / Change a member

    Changes the given fields; an empty text clears a field, an empty name or department counts as absent.
    order and is_leader_in_dept count only with department. The mobile of an activated member is ignored: only
    the member may change it. A 企业邮箱 can't change once set. The limits of user/create apply.
    """
    tree.lock_directory(call)
    change_member(call, body, by_assistant=True)
    return {"errmsg": "updated"}
