"""部门管理, changing: create, update, delete. Only the 通讯录同步 secret may call them."""

from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.events.app_events import Subscribe, Unsubscribe
from wecom_tollbooth.callbacks.events.directory import CreateParty, DeleteParty, UpdateParty
from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.departments.storing import (
    CreateDepartmentRequest,
    UpdateDepartmentRequest,
    add_department,
    change_department,
    remove_department,
)
from wecom_tollbooth.families.directory.family import ErrmsgReply, family
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import UINT32, RequestModel, required_number

# --- 创建部门 -------------------------------------------------------------------------------------------


class CreateDepartmentReply(TypedDict):
    errmsg: str
    id: int


@family.post(
    "/cgi-bin/department/create",
    doc="90205",
    meter="directory.write",
    events=(CreateParty,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        ErrCode.INVALID_DEPARTMENT_LENGTH,
        ErrCode.INVALID_DEPARTMENT_NAME,
        ErrCode.PARENT_DEPARTMENT_NOT_FOUND,
        ErrCode.DEPARTMENT_EXISTS,
        ErrCode.DEPARTMENT_IS_FULL,
        ErrCode.DEPARTMENT_TOO_DEEP,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"name": "广州研发中心", "name_en": "RDGZ", "parentid": 1, "order": 1, "id": 2},
)
def create_department(call: Call, body: CreateDepartmentRequest) -> CreateDepartmentReply:
    """创建部门 / Create a department

    A new department below another. The tree has at most 15 levels with the root, a corp 30,000 departments, a
    department 30,000 departments and members directly in it. name and name_en are unique among siblings.
    """
    tree.lock_directory(call)
    return {"errmsg": "created", "id": add_department(call, body, by_assistant=True)}


# --- 更新部门 -------------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/department/update",
    doc="90206",
    meter="directory.write",
    events=(UpdateParty, Subscribe, Unsubscribe),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        ErrCode.DEPARTMENT_NOT_FOUND,
        ErrCode.INVALID_DEPARTMENT_LENGTH,
        ErrCode.INVALID_DEPARTMENT_NAME,
        ErrCode.INVALID_PARENT_PARTY_ID,
        ErrCode.DEPARTMENT_EXISTS,
        ErrCode.DEPARTMENT_CYCLE,
        ErrCode.DEPARTMENT_IS_FULL,
        ErrCode.DEPARTMENT_TOO_DEEP,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"id": 2, "name": "广州研发中心", "name_en": "RDGZ", "parentid": 1, "order": 1},
)
def update_department(call: Call, body: UpdateDepartmentRequest) -> ErrmsgReply:
    """更新部门 / Change a department

    Changes the given fields; an empty name and parentid 0 count as absent. A department can't move to itself
    or below itself. The limits of department/create apply.
    """
    tree.lock_directory(call)
    change_department(call, body, by_assistant=True)
    return {"errmsg": "updated"}


# --- 删除部门 -------------------------------------------------------------------------------------------


class DeleteDepartmentRequest(RequestModel):
    id: int = required_number(ErrCode.INVALID_PARAMETER, ge=0, le=UINT32, doc="not the root")


@family.get(
    "/cgi-bin/department/delete",
    doc="90207",
    meter="directory.write",
    events=(DeleteParty,),
    permission=Permission.DIRECTORY_SYNC,
    errors=(
        ErrCode.INVALID_PARTY_ID,
        ErrCode.ROOT_DEPARTMENT,
        ErrCode.DEPARTMENT_CONTAINS_DEPARTMENT,
        ErrCode.DEPARTMENT_CONTAINS_USER,
        ErrCode.INVALID_PARAMETER,
    ),
    sample={"id": 2},
)
def delete_department(call: Call, query: DeleteDepartmentRequest) -> ErrmsgReply:
    """删除部门 / Delete a department

    Deletes a department that has no departments below it and no members; never the root. It leaves its tags.
    """
    tree.lock_directory(call)
    remove_department(call, query.id, by_assistant=True)
    return {"errmsg": "deleted"}
