"""成员管理, deleting: one member or several. Only the 通讯录同步 secret may call it."""

from wecom_tollbooth.callbacks.events.app_events import Unsubscribe
from wecom_tollbooth.callbacks.events.directory import DeleteUser
from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.family import ErrmsgReply, family
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.directory.offboarding import remove_members
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required

BATCH_DELETE_MAX = 200


# --- 删除成员 -------------------------------------------------------------------------------------------


class DeleteMemberRequest(RequestModel):
    userid: str = required(ErrCode.MISSING_USERID, max_chars=64)


@family.get(
    "/cgi-bin/user/delete",
    doc="90198",
    meter="directory.write",
    events=(DeleteUser, Unsubscribe),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        ErrCode.MISSING_USERID,
        ErrCode.INVALID_PARAMETER,
        ErrCode.USERID_NOT_FOUND,
        ErrCode.CREATOR_CANNOT_BE_DELETED,
    ),
    sample={"userid": "zhangsan"},
)
def delete_member(call: Call, query: DeleteMemberRequest) -> ErrmsgReply:
    """删除成员 / Delete a member

    Deletes a member with their 企业邮箱; the customers are kept and can be handed over.
    """
    tree.lock_directory(call)
    member = the_member(call, query.userid, ErrCode.USERID_NOT_FOUND)
    remove_members(call, [member.userid], by_assistant=True)
    return {"errmsg": "deleted"}


# --- 批量删除成员 ----------------------------------------------------------------------------------------


class BatchDeleteMembersRequest(RequestModel):
    useridlist: list[str] = required(max_items=BATCH_DELETE_MAX, too_long=ErrCode.USERID_LIST_TOO_LONG)


@family.post(
    "/cgi-bin/user/batchdelete",
    doc="90199",
    meter="directory.write",
    events=(DeleteUser, Unsubscribe),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.USERID_LIST_TOO_LONG,
        ErrCode.INVALID_USERID_LIST,
        ErrCode.CREATOR_CANNOT_BE_DELETED,
    ),
    sample={"useridlist": ["zhangsan", "lisi"]},
)
def batch_delete_members(call: Call, body: BatchDeleteMembersRequest) -> ErrmsgReply:
    """批量删除成员 / Delete members in bulk

    Deletes up to 200 members, or none if one is unknown.
    """
    tree.lock_directory(call)
    members = [the_member(call, userid, ErrCode.INVALID_USERID_LIST) for userid in body.useridlist]
    remove_members(call, [member.userid for member in members], by_assistant=True)
    return {"errmsg": "deleted"}
