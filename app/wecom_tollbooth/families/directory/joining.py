"""获取加入企业二维码 (page 91714, 2026-02), and the act of who scans it.

The code in the link holds its own end and can't be made up, so nothing is stored.
"""

from typing import Any

import sqlalchemy as sa
from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.families.directory import directory_events, tree
from wecom_tollbooth.families.directory.family import family
from wecom_tollbooth.families.directory.lookup import find_member
from wecom_tollbooth.families.directory.members.storing import refuse_full_corp
from wecom_tollbooth.families.directory.offboarding import add_row
from wecom_tollbooth.families.directory.rules import canonical_mobile, is_userid
from wecom_tollbooth.families.directory.subscriptions import apps_may_change
from wecom_tollbooth.families.directory.tables import ACTIVE, MEMBER, MEMBER_DEPARTMENT, Member
from wecom_tollbooth.families.directory.tree import ROOT
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, optional
from wecom_tollbooth.world import ids, qr
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act
from wecom_tollbooth.world.clock import DAY

PAGE = "/_sim/scan/join_corp"
VALID_SECONDS = 7 * DAY
PIXELS = {1: 171, 2: 399, 3: 741, 4: 2052}
USUAL_SIZE = 1
HEX = "0123456789abcdef"
END_CHARS, PROOF_CHARS = 8, 20


class JoinCodeRequest(RequestModel):
    size_type: int | None = optional(
        ge=min(PIXELS), le=max(PIXELS), doc="1: 171 pixels wide, the default; 2: 399; 3: 741; 4: 2052"
    )


class JoinCodeReply(TypedDict):
    join_qrcode: str


@family.get(
    "/cgi-bin/corp/get_join_qrcode",
    doc="91714",
    meter="directory.read",
    permission=Permission.DIRECTORY_SYNC,
    errors=(ErrCode.INVALID_PARAMETER,),
    sample={"size_type": 3},
)
def get_join_code(call: Call, query: JoinCodeRequest) -> JoinCodeReply:
    """获取加入企业二维码 / Get the QR code for joining the corp

    The address of a QR code that leads into the corp for seven days. Who scans it is the act
    `person_joins_corp`, which the page behind the code shows.
    """
    code = join_code(call.seed, call.corp_id, call.now + VALID_SECONDS)
    page = f"{call.request.base_url}{PAGE}/{call.corp_id}/{code}"
    return {"join_qrcode": qr.address(call.request.base_url, page, PIXELS[query.size_type or USUAL_SIZE])}


def join_code(seed: int, corp_id: str, end: int) -> str:
    """The code that is valid before `end`."""
    return f"{end:0{END_CHARS}x}" + ids.draw(seed, f"join_code/{corp_id}", end, PROOF_CHARS, HEX)


def is_valid(seed: int, corp_id: str, code: str, now: int) -> bool:
    """Whether it is a code of this corp that has not expired."""
    try:
        end = int(code[:END_CHARS], 16)
    except ValueError:
        return False
    return now < end and code == join_code(seed, corp_id, end)


class PersonJoinsCorp(ActModel):
    code: str
    userid: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=64)
    mobile: str | None = None


@act("person_joins_corp")
def person_joins_corp(act: Act, body: PersonJoinsCorp) -> dict[str, Any]:
    """扫码加入企业 / Somebody scans the corp's code and becomes an active member: create_user."""
    if not is_valid(act.seed, act.corp_id, body.code, act.now):
        raise ActRefused("the code is not one of corp/get_join_qrcode, or its seven days are over")
    tree.lock_directory(act)
    mobile = _free_mobile(act, body.mobile) if body.mobile else None
    if not is_userid(body.userid) or find_member(act, body.userid) is not None:
        raise ActRefused(f"{body.userid!r} is no userid, or a member has it")
    refuse_full_corp(act)
    member = Member(
        corp_id=act.corp_id,
        userid=body.userid,
        userid_key=body.userid.lower(),
        name=body.name,
        mobile=mobile,
        status=ACTIVE,
        main_department=ROOT,
        created_at=act.now,
    )
    place = {"userid": body.userid, "department_id": ROOT, "position": 0, "sort_order": 0, "is_leader": False}
    with apps_may_change(act, [body.userid]):
        add_row(act, member)
        act.db.execute(sa.insert(MEMBER_DEPARTMENT).values(corp_id=act.corp_id, **place))
    directory_events.member_created(act, body.userid, by_assistant=False)
    return {"userid": body.userid}


def _free_mobile(act: Act, text: str) -> str:
    mobile = canonical_mobile(text)
    owner = sa.select(MEMBER.c.userid).where(MEMBER.c.corp_id == act.corp_id, MEMBER.c.mobile == mobile)
    if mobile is None or act.db.execute(owner).first() is not None:
        raise ActRefused(f"mobile: {text[:60]!r} is no number, or a member has it")
    return mobile
