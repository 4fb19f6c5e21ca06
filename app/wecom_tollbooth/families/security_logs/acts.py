"""What members do that 安全管理 records: operations, screenshots, and what they do with files."""

from typing import Any, Literal

import sqlalchemy as sa
from pydantic import Field

from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.directory.tables import MEMBER
from wecom_tollbooth.families.relations.subscribers import Subscriber
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT
from wecom_tollbooth.families.security_logs.recorded_acts import MASKED_ADDRESS
from wecom_tollbooth.families.security_logs.records import note
from wecom_tollbooth.families.security_logs.tables import FILES, MEMBERS, SCREENS
from wecom_tollbooth.families.security_logs.types import (
    APPROVED,
    DOWNLOAD,
    FILE_SOURCES,
    FILE_TYPES,
    MEMBER_TYPES,
    REFUSED,
    SCREEN_TYPES,
    UPLOAD,
)
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act

ADDED = 1


class MemberOperates(ActModel):
    userid: str = Field(min_length=1, max_length=64)
    oper_type: int = Field(
        description="as in security/member_oper_log/list, such as 4: logs in on a new device"
    )
    detail_info: str = Field(default="", max_length=200)
    ip: str = Field(default=MASKED_ADDRESS, max_length=45)


@act("member_operates")
def member_operates(act: Act, body: MemberOperates) -> dict[str, Any]:
    """成员的操作被记录 / A member does what the log of members' operations records."""
    if body.oper_type not in MEMBER_TYPES:
        raise ActRefused(f"oper_type: {body.oper_type} is not one of {', '.join(map(str, MEMBER_TYPES))}")
    userid = the_member(act, body.userid).userid
    note(act, MEMBERS, userid, body.oper_type, {"detail_info": body.detail_info, "ip": body.ip})
    return {"userid": userid, "oper_type": body.oper_type}


class MemberTakesScreenshot(ActModel):
    userid: str = Field(min_length=1, max_length=64)
    screen_shot_type: Literal[1, 2, 3, 4, 5, 6] = Field(
        default=1, description="1 chat, 2 contacts, 3 mail, 4 file, 5 calendar, 6 other"
    )
    file: str = Field(default="", max_length=200, description="name of the protected file, for 4")
    system: Literal["iOS", "iPad"] = "iOS"


@act("member_takes_screenshot")
def member_takes_screenshot(act: Act, body: MemberTakesScreenshot) -> dict[str, Any]:
    """成员截屏 / A member takes a screenshot."""
    userid = the_member(act, body.userid).userid
    query = sa.select(MEMBER.c.main_department).where(
        MEMBER.c.corp_id == act.corp_id, MEMBER.c.userid == userid
    )
    content = SCREEN_TYPES[body.screen_shot_type] + (f"（防泄露文件：{body.file}）" if body.file else "")
    record = {
        "department_id": act.db.execute(query).scalar_one(),
        "screen_shot_content": content,
        "system": body.system,
    }
    note(act, SCREENS, userid, body.screen_shot_type, record)
    return {"userid": userid, "screen_shot_content": content}


class ExternalPerson(ActModel):
    type: Literal[1, 2] = Field(default=1, description="1 WeChat, 2 WeCom")
    name: str = Field(min_length=1, max_length=64)
    corp_name: str = Field(default="", max_length=64, description="for 2")


class PersonHandlesFile(ActModel):
    userid: str = Field(default="", max_length=64, description="a member, or external_user instead")
    external_user: ExternalPerson | None = None
    type: int = Field(default=UPLOAD, description="as in security/get_file_oper_record")
    source: int | None = Field(default=None, description="of uploads and downloads: 401 a chat …")
    file_info: str = Field(min_length=1, max_length=400)
    file_size: int | None = Field(default=None, ge=0, le=2**31 - 1)
    file_md5: str | None = Field(default=None, max_length=64)
    applicant_name: str | None = Field(default=None, max_length=64, description="for 10001 and 10002")
    device_type: Literal[1, 2] | None = Field(default=None, description="of downloads")
    device_code: str | None = Field(default=None, max_length=64, description="of downloads by members")


@act("person_handles_file")
def person_handles_file(act: Act, body: PersonHandlesFile) -> dict[str, Any]:
    """成员或外部人员操作文件 / A member, or somebody outside, does something with a file."""
    _refuse_contradictions(body)
    userid = the_member(act, body.userid).userid if body.userid else ""
    source = {} if body.source is None else {"source": body.source}
    person = body.external_user
    content: dict[str, Any] = {"operation": {"type": body.type, **source}, "file_info": body.file_info}
    if person is not None:
        named = {"corp_name": person.corp_name} if person.corp_name else {}
        content["external_user"] = {"type": person.type, "name": person.name, **named}
    for name in ("file_size", "file_md5", "applicant_name", "device_type", "device_code"):
        if getattr(body, name) is not None:
            content[name] = getattr(body, name)
    note(act, FILES, userid, body.type, content, body.source or 0)
    return {"userid": userid, "type": body.type}


def _refuse_contradictions(body: PersonHandlesFile) -> None:
    if bool(body.userid) == (body.external_user is not None):
        raise ActRefused("give either userid or external_user")
    if body.type not in FILE_TYPES:
        raise ActRefused(f"type: {body.type} is not one of {', '.join(map(str, FILE_TYPES))}")
    if body.source is not None and (body.type not in (UPLOAD, DOWNLOAD) or body.source not in FILE_SOURCES):
        raise ActRefused(f"source: only of {UPLOAD} and {DOWNLOAD}, and one of {FILE_SOURCES}")
    if body.applicant_name is not None and body.type not in (APPROVED, REFUSED):
        raise ActRefused(f"applicant_name: only of {APPROVED} and {REFUSED}")
    if (body.device_type is not None or body.device_code is not None) and body.type != DOWNLOAD:
        raise ActRefused(f"device_type and device_code: only of {DOWNLOAD}")


def _note_added(act: Act, userid: str, external_userid: str) -> None:
    query = sa.select(EXTERNAL_CONTACT.c.name).where(
        EXTERNAL_CONTACT.c.corp_id == act.corp_id, EXTERNAL_CONTACT.c.external_userid == external_userid
    )
    name = act.db.execute(query).scalar() or ""
    note(act, MEMBERS, userid, ADDED, {"detail_info": f"姓名：{name}", "ip": MASKED_ADDRESS})


ADDED_CUSTOMERS = Subscriber(name="the log of members' operations", begun=_note_added)
