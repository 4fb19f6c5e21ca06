"""文档权限: who may see a document, its members, and what readers may do."""

from collections.abc import Iterable
from typing import Any, NotRequired

from typing_extensions import TypedDict

from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.directory.tree import exists
from wecom_tollbooth.families.documents.documents import (
    DOC_ERRORS,
    DocumentRequest,
    refuse_too_many_admins,
)
from wecom_tollbooth.families.documents.family import family
from wecom_tollbooth.families.documents.lookup import (
    ADMIN,
    EDIT,
    READ,
    SMART_SHEET_TYPE,
    change_document,
    the_document,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required_number

PERSON, DEPARTMENT = 1, 2
AUTHS = (READ, EDIT, ADMIN)
"""auth of a member."""
OPEN_AUTHS = (READ, EDIT)
"""What the access rule, or a department, can allow."""
MEMBERS_AT_MOST = 100
RULES = (
    "enable_corp_internal",
    "corp_internal_auth",
    "corp_internal_approve_only_by_admin",
    "enable_corp_external",
    "corp_external_auth",
    "corp_external_approve_only_by_admin",
    "ban_share_external",
)


class AccessRule(TypedDict):
    enable_corp_internal: bool
    corp_internal_auth: int
    enable_corp_external: bool
    corp_external_auth: int
    corp_internal_approve_only_by_admin: NotRequired[bool]
    corp_external_approve_only_by_admin: NotRequired[bool]
    ban_share_external: bool


class WatermarkShape(TypedDict):
    margin_type: int
    show_visitor_name: bool
    show_text: bool
    text: str


class SecureSetting(TypedDict):
    enable_readonly_copy: bool
    watermark: WatermarkShape
    enable_readonly_comment: bool


class MemberShape(TypedDict):
    type: int
    userid: NotRequired[str]
    tmp_external_userid: NotRequired[str]
    auth: int


class DepartmentShape(TypedDict):
    type: int
    departmentid: int
    auth: int


class AuthReply(TypedDict):
    access_rule: NotRequired[AccessRule]
    secure_setting: NotRequired[SecureSetting]
    doc_member_list: list[MemberShape]
    co_auth_list: list[DepartmentShape]


# --- 获取文档权限信息 ------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/wedoc/doc_get_auth",
    doc="97461",
    checked="2026-11",
    meter="document.read",
    permission=Permission.DOCUMENT,
    errors=DOC_ERRORS,
    sample={"docid": "DOCID"},
)
def doc_get_auth(call: Call, body: DocumentRequest) -> AuthReply:
    """获取文档权限信息 / Get the permissions of a document

    The access rule of the document, its safety settings, its members and the departments that may see it.
    auth: 1 read, 2 edit, 7 administer.
    """
    document = the_document(call, body.docid)
    return {
        "access_rule": document.access_rule,
        "secure_setting": document.secure_setting,
        "doc_member_list": document.members,
        "co_auth_list": document.co_auth,
    }


# --- 修改文档查看规则 ------------------------------------------------------------------------------------


class WhoGiven(RequestModel):
    type: int = required_number(doc="1 a person, 2 a department")
    userid: str | None = optional()
    tmp_external_userid: str | None = optional()
    departmentid: int | None = optional()

    @property
    def who(self) -> dict[str, Any]:
        """The type and the one id. Raises 40063 unless there is exactly one."""
        names = ("userid", "tmp_external_userid") if self.type == PERSON else ("departmentid",)
        given = {name: getattr(self, name) for name in names if getattr(self, name)}
        if len(given) != 1 or self.type not in (PERSON, DEPARTMENT):
            raise Refusal(
                ErrCode.PARAMETERS_EMPTY,
                detail=f"type {self.type}: a person (1) has a userid or a tmp_external_userid, "
                "a department (2) a departmentid",
            )
        return {"type": self.type, **given}


class MemberGiven(WhoGiven):
    auth: int = required_number(doc="1 read, 2 edit, 7 administer")

    @property
    def member(self) -> dict[str, Any]:
        if self.auth not in AUTHS:
            raise _wrong(f"auth {self.auth} is not one of {AUTHS}")
        return {**self.who, "auth": self.auth}


def _wrong(why: str) -> Refusal:
    return Refusal(ErrCode.INVALID_DOCUMENT_PARAMETER, detail=why)


def _refuse_editing(document: Any, auths: Iterable[int | None]) -> None:
    """Raises 640051 for auth 2 (edit) of a document that is no smart sheet: the others take only 1."""
    if document.doc_type != SMART_SHEET_TYPE and EDIT in auths:
        raise _wrong(f"auth {EDIT} is for smart sheets only, not for doc_type {document.doc_type}")


def _has_admin(document: Any) -> bool:
    return any(member["auth"] == ADMIN for member in document.members)


class JoinRuleRequest(DocumentRequest):
    enable_corp_internal: bool | None = optional()
    corp_internal_auth: int | None = optional(doc="1 read, 2 edit")
    corp_internal_approve_only_by_admin: bool | None = optional()
    enable_corp_external: bool | None = optional()
    corp_external_auth: int | None = optional(doc="1 read, 2 edit")
    corp_external_approve_only_by_admin: bool | None = optional()
    ban_share_external: bool | None = optional()
    update_co_auth_list: bool | None = optional(doc="true: co_auth_list replaces the old one")
    co_auth_list: list[MemberGiven] | None = optional(doc="departments that may see the document")


@family.post(
    "/cgi-bin/wedoc/mod_doc_join_rule",
    doc="97778",
    checked="2026-12",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        *DOC_ERRORS,
        ErrCode.INVALID_DOCUMENT_DEPARTMENT,
        ErrCode.INVALID_DOCUMENT_PARAMETER,
    ),
    sample={
        "docid": "DOCID",
        "enable_corp_internal": True,
        "corp_internal_auth": 1,
        "enable_corp_external": True,
        "corp_external_auth": 1,
        "corp_internal_approve_only_by_admin": True,
        "corp_external_approve_only_by_admin": True,
        "ban_share_external": False,
        "update_co_auth_list": True,
        "co_auth_list": [{"departmentid": 1, "auth": 1, "type": 2}],
    },
)
def mod_doc_join_rule(call: Call, body: JoinRuleRequest) -> Done:
    """修改文档查看规则 / Change who may view a document

    Absent fields stay unchanged, and co_auth_list is used only with update_co_auth_list. If a rule lets
    nobody in without approval, only admins can approve: its approve_only_by_admin cannot be false. To make it
    true, the document needs an admin. Only smart sheets can be opened for editing.
    """
    document = the_document(call, body.docid, to_write=True)
    given = {name: getattr(body, name) for name in RULES if getattr(body, name) is not None}
    for name in ("corp_internal_auth", "corp_external_auth"):
        if name in given and given[name] not in OPEN_AUTHS:
            raise _wrong(f"{name} {given[name]} is not one of {OPEN_AUTHS}")
    _refuse_editing(document, (body.corp_internal_auth, body.corp_external_auth))
    for name in ("corp_internal_approve_only_by_admin", "corp_external_approve_only_by_admin"):
        if given.get(name) and not document.access_rule[name] and not _has_admin(document):
            raise _wrong(f"{name} needs a document with an admin")
    values: dict[str, Any] = {"access_rule": _rule_after(document.access_rule, given)}
    if body.update_co_auth_list:
        values["co_auth"] = [_department(call, one) for one in body.co_auth_list or []]
        _refuse_editing(document, [one["auth"] for one in values["co_auth"]])
    change_document(call, document.docid, **values)
    return {}


def _rule_after(rule: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The rule with the given fields. If it lets nobody in without approval, only admins can approve.

    Raises 640051 if the request says otherwise.
    """
    after = {**rule, **given}
    closed = {
        "corp_internal_approve_only_by_admin": not after["enable_corp_internal"],
        "corp_external_approve_only_by_admin": not (
            after["enable_corp_external"] or after["ban_share_external"]
        ),
    }
    for name, is_closed in closed.items():
        if is_closed and given.get(name) is False:
            raise _wrong(f"{name} can only be true with this rule")
        after[name] = after[name] or is_closed
    return after


def _department(call: Call, given: MemberGiven) -> dict[str, Any]:
    """Raises 640051 for a person or an auth that departments cannot have, 640013 for an unknown one."""
    department = given.member
    if department["type"] != DEPARTMENT or department["auth"] not in OPEN_AUTHS:
        raise _wrong(f"co_auth_list takes departments (type 2) with auth 1 or 2, not {department}")
    if not exists(call, department["departmentid"]):
        raise Refusal(
            ErrCode.INVALID_DOCUMENT_DEPARTMENT, detail=f"no department {department['departmentid']}"
        )
    return department


# --- 修改文档通知范围及权限 ------------------------------------------------------------------------------


class MemberRequest(DocumentRequest):
    update_file_member_list: list[MemberGiven] | None = optional(
        max_items=MEMBERS_AT_MOST,
        too_long=ErrCode.TOO_MANY_DOCUMENT_MEMBERS,
        doc="members to add or change",
    )
    del_file_member_list: list[WhoGiven] | None = optional(
        max_items=MEMBERS_AT_MOST, too_long=ErrCode.TOO_MANY_DOCUMENT_MEMBERS, doc="members to remove"
    )


@family.post(
    "/cgi-bin/wedoc/mod_doc_member",
    doc="97781",
    checked="2026-12",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        *DOC_ERRORS,
        ErrCode.INVALID_DOCUMENT_USERID,
        ErrCode.INVALID_DOCUMENT_PARAMETER,
        ErrCode.TOO_MANY_DOCUMENT_ADMINS,
        ErrCode.TOO_MANY_DOCUMENT_MEMBERS,
        ErrCode.NO_MEMBER_OF_DOCUMENT,
    ),
    sample={
        "docid": "DOCID",
        "update_file_member_list": [{"type": 1, "auth": 7, "userid": "USERID1"}],
        "del_file_member_list": [
            {"type": 1, "userid": "USERID2"},
            {"type": 1, "tmp_external_userid": "TMP_EXTERNAL_USERID2"},
        ],
    },
)
def mod_doc_member(call: Call, body: MemberRequest) -> Done:
    """修改文档通知范围及权限 / Change the members of a document

    Adds persons or changes their auth, and removes members. At most 100 entries in each list; a document has
    at most three administrators. Only members of smart sheets can edit.
    """
    document = the_document(call, body.docid, to_write=True)
    put = [_person(call, one) for one in body.update_file_member_list or []]
    _refuse_editing(document, [one["auth"] for one in put])
    removed = [one.who for one in body.del_file_member_list or []]
    members = members_after(document.members, put, removed)
    refuse_too_many_admins(document.members, members)
    change_document(call, document.docid, members=members)
    return {}


def _person(call: Call, given: MemberGiven) -> dict[str, Any]:
    """Raises 640051 for a department, 640012 for an unknown userid."""
    member = given.member
    if member["type"] != PERSON:
        raise _wrong("members of a document are persons (type 1)")
    if "userid" in member:
        member["userid"] = the_member(call, member["userid"], ErrCode.INVALID_DOCUMENT_USERID).userid
    return member


def members_after(
    members: list[dict[str, Any]], put: list[dict[str, Any]], removed: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The members of a document, in order, after some were added or changed and others removed.

    Raises 640056 for removing who is no member.
    """
    by_id = {_id_of(one): one for one in members}
    for one in removed:
        if _id_of(one) not in by_id:
            raise Refusal(ErrCode.NO_MEMBER_OF_DOCUMENT, detail=f"{one} is not a member of the document")
    by_id.update({_id_of(one): one for one in put})
    for one in removed:
        by_id.pop(_id_of(one), None)
    return list(by_id.values())


def _id_of(member: dict[str, Any]) -> tuple[Any, ...]:
    names = ("type", "tmp_external_userid", "departmentid")
    return (member.get("userid", "").lower(), *(member.get(name) for name in names))


# --- 修改文档安全设置 ------------------------------------------------------------------------------------


class WatermarkGiven(RequestModel):
    margin_type: int | None = optional(
        ge=1, le=2, invalid=ErrCode.INVALID_DOCUMENT_PARAMETER, doc="1 sparse, 2 dense"
    )
    show_visitor_name: bool | None = optional()
    show_text: bool | None = optional()
    text: str | None = optional()


class SafetyRequest(DocumentRequest):
    enable_readonly_copy: bool | None = optional(doc="readers may copy and download")
    enable_readonly_comment: bool | None = optional(doc="readers may comment")
    watermark: WatermarkGiven | None = optional()


@family.post(
    "/cgi-bin/wedoc/mod_doc_safty_setting",
    doc="97782",
    checked="2026-11",
    meter="document.write",
    permission=Permission.DOCUMENT,
    errors=(*DOC_ERRORS, ErrCode.INVALID_DOCUMENT_PARAMETER),
    sample={
        "docid": "DOCID",
        "enable_readonly_copy": False,
        "watermark": {"margin_type": 1, "show_visitor_name": True, "show_text": True, "text": "test mark"},
    },
)
def mod_doc_safty_setting(call: Call, body: SafetyRequest) -> Done:
    """修改文档安全设置 / Change the safety settings of a document

    The path is spelt like this in WeCom's documentation. Absent fields stay unchanged.
    """
    document = the_document(call, body.docid, to_write=True)
    setting = dict(document.secure_setting)
    if body.watermark is not None:
        setting["watermark"] = {**setting["watermark"], **body.watermark.model_dump(exclude_none=True)}
    for name in ("enable_readonly_copy", "enable_readonly_comment"):
        if getattr(body, name) is not None:
            setting[name] = getattr(body, name)
    change_document(call, document.docid, secure_setting=setting)
    return {}
