"""客户管理: a member's remarks on a customer."""

from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import field_validator
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement
from wecom_tollbooth.families.customers.family import family
from wecom_tollbooth.families.directory.lookup import the_follower
from wecom_tollbooth.families.media.lookup import check_media
from wecom_tollbooth.families.relations.lookups import (
    IS_ACTIVE,
    refuse_unless_brought,
    refuse_unless_related,
    the_customer,
)
from wecom_tollbooth.families.relations.tables import FOLLOW_USER, WECHAT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required

# --- 修改客户备注信息 ------------------------------------------------------------------------------------

_REMARK = CompiledStatement(
    sa.update(FOLLOW_USER)
    .where(
        FOLLOW_USER.c.corp_id == bindparam("of_corp_id"),
        FOLLOW_USER.c.external_userid == bindparam("of_external_userid"),
        FOLLOW_USER.c.userid == bindparam("of_userid"),
        IS_ACTIVE,
    )
    .values(
        remark=sa.func.coalesce(bindparam("new_remark"), FOLLOW_USER.c.remark),
        description=sa.func.coalesce(bindparam("new_description"), FOLLOW_USER.c.description),
        remark_corp_name=sa.func.coalesce(bindparam("new_company"), FOLLOW_USER.c.remark_corp_name),
        remark_mobiles=sa.func.coalesce(
            sa.cast(bindparam("new_mobiles"), sa.Text), sa.cast(FOLLOW_USER.c.remark_mobiles, sa.Text)
        ),
        remark_pic_mediaid=sa.func.coalesce(bindparam("new_picture"), FOLLOW_USER.c.remark_pic_mediaid),
    )
)


class RemarkRequest(RequestModel):
    userid: str = required(ErrCode.INVALID_USERID, max_chars=64, doc="the member who follows the customer")
    external_userid: str = required(ErrCode.MISSING_EXTERNAL_USERID)
    remark: str | None = optional(max_chars=20)
    description: str | None = optional(max_chars=150)
    remark_company: str | None = optional(max_chars=20, doc="only WeChat customers keep it")
    remark_mobiles: list[str] | None = optional(doc='replaces the stored numbers; "" or [""] clears them')
    remark_pic_mediaid: str | None = optional(doc="media_id of an uploaded picture")

    @field_validator("remark_mobiles", mode="before")
    @classmethod
    def _as_list(cls, given: Any) -> Any:
        """The empty text as a list, without a warning: the page tells callers to send it."""
        return [""] if given == "" else given


@family.post(
    "/cgi-bin/externalcontact/remark",
    doc="92115",
    meter="customer.write",
    permission=Permission.CUSTOMER_BASE,
    errors=(
        ErrCode.INVALID_USERID,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.INVALID_EXTERNAL_USERID,
        ErrCode.NOT_EXTERNAL_CONTACT,
        ErrCode.NO_PRIVILEGE,
        ErrCode.INVALID_PARAMETER,
        ErrCode.INVALID_MEDIA_ID,
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.NOT_BROUGHT_BY_THE_APP,
    ),
    sample={
        "userid": "zhangsan",
        "external_userid": "woAJ2GCAAAd1asdasdjO4wKmE8Aabj9AAA",
        "remark": "备注信息",
        "description": "描述信息",
        "remark_company": "腾讯科技",
        "remark_mobiles": ["13800000001", "13800000002"],
        "remark_pic_mediaid": "MEDIAID",
    },
)
def remark(call: Call, body: RemarkRequest) -> Done:
    """修改客户备注信息 / Set the remark of a customer

    Absent fields keep their value, an empty string clears one; an empty list of numbers counts as absent.
    Lengths are in characters.
    """
    mobiles = body.remark_mobiles or None
    changes = (body.remark, body.description, body.remark_company, mobiles, body.remark_pic_mediaid)
    if all(change is None for change in changes):
        raise Refusal(ErrCode.PARAMETERS_EMPTY, detail="give at least one field to change")
    if body.remark_pic_mediaid:
        check_media(call, body.remark_pic_mediaid, "image", field="remark_pic_mediaid")
    userid = the_follower(call, body.userid).userid
    kind = the_customer(call, body.external_userid).type
    refuse_unless_brought(call, userid, body.external_userid)
    if mobiles is not None:
        mobiles = [mobile for mobile in mobiles if mobile]
    changed = _REMARK.run(
        call.db,
        of_corp_id=call.corp_id,
        of_external_userid=body.external_userid,
        of_userid=userid,
        new_remark=body.remark,
        new_description=body.description,
        new_company=body.remark_company if kind == WECHAT else None,
        new_mobiles=None if mobiles is None else orjson.dumps(mobiles).decode(),
        new_picture=body.remark_pic_mediaid,
    )
    if not changed:
        refuse_unless_related(call, userid, body.external_userid)
    return {}
