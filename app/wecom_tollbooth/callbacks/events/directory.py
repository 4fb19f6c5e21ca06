"""change_contact (pages 90970 to 90972): members, departments and tags change, also through the API."""

from collections.abc import Sequence
from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Bare, Doc, Event, Shape, UserId, constant
from wecom_tollbooth.callbacks.events.receiver_rules import DIRECTORY_APPS

CONSENT = Doc(
    "need an authorisation since 2022-06-20, which is never given here",
    "自 2022-06-20 起需另行授权，模拟器视为未授权",
)
PRIVATE = dict.fromkeys(("Mobile", "Email", "BizMail", "Avatar", "Address"), CONSENT)
NO_LEADER = Doc("not sent to provider-developed apps", "代开发应用收不到")
NOT_IN_UPDATES = {
    "NewUserID": Doc("userids can't be changed here", "模拟器中 userid 不可修改"),
    "DirectLeader": NO_LEADER,
    **PRIVATE,
}


class ExtAttrText(Shape):
    Value: Annotated[str, Doc("the text", "文本内容")]


class ExtAttrWeb(Shape):
    Title: Annotated[str, Doc("title of the page", "网页标题")]
    Url: Annotated[str, Doc("address of the page", "网页地址")]


class ExtAttrItem(Shape):
    Name: Annotated[str, Doc("name of the attribute", "属性名称")]
    Type: Annotated[int, Doc("0 text, 1 web page", "0 文本，1 网页")]
    Text: Annotated[ExtAttrText, Doc("of type 0", "类型 0 时")] | None = None
    Web: Annotated[ExtAttrWeb, Doc("of type 1", "类型 1 时")] | None = None


NameValue = Annotated[
    str, Doc("name of the member; with directory_details", "成员名称，需 directory_details")
]
Departments = Annotated[
    str, Doc("the member's departments that the app sees, joined by commas", "应用可见的成员部门，逗号分隔")
]
MainDepartmentValue = Annotated[int, Doc("main department", "主部门")]
IsLeaderInDeptValue = Annotated[
    str,
    Doc(
        "for each of Department: 1 if the member leads it, else 0",
        "与 Department 对应：1 为部门负责人，0 不是",
    ),
]
DirectLeaderValue = Annotated[
    str,
    Doc(
        "direct leaders, joined by commas; with directory_details",
        "直属上级 userid，逗号分隔，需 directory_details",
    ),
]
PositionValue = Annotated[str, Doc("position; with directory_details", "职务，需 directory_details")]
GenderValue = Annotated[
    int, Doc("always 0, for the member's consent is missing", "恒为 0，因为没有成员本人的授权")
]
StatusValue = Annotated[
    int, Doc("1 active, 2 disabled, 4 not activated, 5 left", "1 已激活，2 已禁用，4 未激活，5 退出企业")
]
AliasValue = Annotated[str, Doc("alias", "别名")]
TelephoneValue = Annotated[str, Doc("landline; with directory_details", "座机，需 directory_details")]
ExtAttrValue = Annotated[
    Sequence[ExtAttrItem],
    Doc("extended attributes; with directory_details", "扩展属性，需 directory_details"),
]


class MemberEvent(Event):
    """成员变更 / Members of the directory."""

    event = "change_contact"
    page = "90970"
    checked = "2026-08"
    receivers = DIRECTORY_APPS


class CreateUser(MemberEvent):
    """新增成员 / A member is created."""

    ChangeType: Bare = constant("create_user")
    UserID: UserId
    Name: NameValue | None = None
    Department: Departments
    MainDepartment: MainDepartmentValue | None = None
    IsLeaderInDept: IsLeaderInDeptValue | None = None
    DirectLeader: DirectLeaderValue | None = None
    Position: PositionValue | None = None
    Gender: GenderValue | None = None
    Status: StatusValue | None = None
    Alias: AliasValue | None = None
    Telephone: TelephoneValue | None = None
    ExtAttr: ExtAttrValue | None = None
    not_sent = PRIVATE


class UpdateUser(MemberEvent):
    """更新成员 / A member changes; besides UserID only the fields that changed are there."""

    ChangeType: Bare = constant("update_user")
    UserID: UserId
    Name: NameValue | None = None
    Department: Departments | None = None
    MainDepartment: MainDepartmentValue | None = None
    IsLeaderInDept: IsLeaderInDeptValue | None = None
    Position: PositionValue | None = None
    Gender: GenderValue | None = None
    Status: StatusValue | None = None
    Alias: AliasValue | None = None
    Telephone: TelephoneValue | None = None
    ExtAttr: ExtAttrValue | None = None
    not_sent = NOT_IN_UPDATES


class DeleteUser(MemberEvent):
    """删除成员 / A member is deleted, or leaves the corp."""

    ChangeType: Bare = constant("delete_user")
    UserID: UserId


DepartmentId = Annotated[int, Doc("the department", "部门 ID")]
DepartmentName = Annotated[
    str, Doc("name of the department; with directory_details", "部门名称，需 directory_details")
]
ParentIdValue = Annotated[str, Doc("the department above", "上级部门 ID")]


class DepartmentEvent(Event):
    """部门变更 / Departments of the directory."""

    event = "change_contact"
    page = "90971"
    checked = "2026-08"
    receivers = DIRECTORY_APPS


class CreateParty(DepartmentEvent):
    """新增部门 / A department is created."""

    ChangeType: Bare = constant("create_party")
    Id: DepartmentId
    Name: DepartmentName | None = None
    ParentId: ParentIdValue
    Order: Annotated[int, Doc("order among its siblings", "部门排序")] | None = None


class UpdateParty(DepartmentEvent):
    """更新部门 / Name or parent of a department change; only what changed is there."""

    ChangeType: Bare = constant("update_party")
    Id: DepartmentId
    Name: DepartmentName | None = None
    ParentId: ParentIdValue | None = None


class DeleteParty(DepartmentEvent):
    """删除部门 / A department is deleted."""

    ChangeType: Bare = constant("delete_party")
    Id: DepartmentId


class MemberTagEvent(Event):
    """标签成员变更 / Members and departments in the directory's tags."""

    event = "change_contact"
    page = "90972"
    checked = "2026-08"
    receivers = DIRECTORY_APPS


class UpdateTag(MemberTagEvent):
    """标签成员变更 / Members or departments come into a tag or leave it."""

    ChangeType: str = constant("update_tag")
    TagId: Annotated[int, Doc("the tag", "标签 ID")]
    AddUserItems: Annotated[str, Doc("members added, joined by commas", "新增的成员 userid，逗号分隔")]
    DelUserItems: Annotated[str, Doc("members removed, joined by commas", "删除的成员 userid，逗号分隔")]
    AddPartyItems: Annotated[str, Doc("departments added, joined by commas", "新增的部门 ID，逗号分隔")]
    DelPartyItems: Annotated[str, Doc("departments removed, joined by commas", "删除的部门 ID，逗号分隔")]
