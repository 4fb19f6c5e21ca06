"""Acts of admins who add, change, move and delete departments in the console.

They follow the rules of department/… and are refused with the same codes; the events go to the 通讯录同步
assistant, too.
"""

from typing import Any

from wecom_tollbooth.families.directory import tree
from wecom_tollbooth.families.directory.departments.storing import (
    CreateDepartmentRequest,
    UpdateDepartmentRequest,
    add_department,
    change_department,
    remove_department,
)
from wecom_tollbooth.families.directory.tree import ROOT
from wecom_tollbooth.gateway.shapes import as_request
from wecom_tollbooth.world.acts import Act, ActModel, act


class NewDepartment(ActModel):
    name: str
    parentid: int = ROOT
    name_en: str | None = None
    order: int | None = None
    id: int | None = None


@act("admin_creates_department")
def admin_creates_department(act: Act, body: NewDepartment) -> dict[str, Any]:
    """管理员新建部门 / An admin creates a department below another: create_party."""
    tree.lock_directory(act)
    given = as_request(CreateDepartmentRequest, body.model_dump(exclude_none=True))
    return {"id": add_department(act, given, by_assistant=False)}


class DepartmentChange(ActModel):
    id: int
    name: str | None = None
    name_en: str | None = None
    parentid: int | None = None
    order: int | None = None


@act("admin_changes_department")
def admin_changes_department(act: Act, body: DepartmentChange) -> dict[str, Any]:
    """管理员修改或移动部门 / An admin renames a department, or moves it below `parentid`: update_party."""
    tree.lock_directory(act)
    given = as_request(UpdateDepartmentRequest, body.model_dump(exclude_none=True))
    change_department(act, given, by_assistant=False)
    return {"id": body.id}


class OneDepartment(ActModel):
    id: int


@act("admin_deletes_department")
def admin_deletes_department(act: Act, body: OneDepartment) -> dict[str, Any]:
    """管理员删除部门 / An admin deletes a department that nothing is in: delete_party."""
    tree.lock_directory(act)
    remove_department(act, body.id, by_assistant=False)
    return {"id": body.id}
