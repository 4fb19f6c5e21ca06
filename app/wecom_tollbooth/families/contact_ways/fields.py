"""The fields that can be set when a contact way is added or updated, and their checks."""

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.families.contact_ways.conclusions import ConclusionsRequest, kept
from wecom_tollbooth.families.contact_ways.tables import ContactWay
from wecom_tollbooth.families.contact_ways.users import (
    USER_ERRORS,
    checked_departments,
    checked_members,
    refuse_too_many,
)
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.shapes import RequestModel, optional
from wecom_tollbooth.world.clock import DAY

SINGLE, SEVERAL = 1, 2
"""Types of a contact way: one member, or several."""
BUTTON, QR_CODE = 1, 2
"""Scenes: a button in a mini-program, or a QR code."""
STYLES = {SINGLE: (1, 2, 3), SEVERAL: (1, 2)}
"""Button styles by type (appendix of page 92228)."""
TEXT_CHARS = 30
"""Maximum length of remark and of state."""
CODE_SECONDS, CHAT_SECONDS = 7 * DAY, DAY
"""Defaults of expires_in and chat_expires_in."""
LONGEST = 14 * DAY
"""Maximum of both."""


class WayRequest(RequestModel):
    """The fields that both add and update accept."""

    style: int | None = optional(doc="look of the button: 1 to 3 for type 1, 1 and 2 for type 2")
    remark: str | None = optional(max_chars=TEXT_CHARS)
    skip_verify: bool | None = optional(doc="customers are added without confirmation; default true")
    state: str | None = optional(max_chars=TEXT_CHARS, doc="comes back in follow_user.state and in events")
    user: list[str] | None = optional(doc="members; exactly one for type 1")
    party: list[int] | None = optional(doc="departments with all below them; for type 2 only")
    expires_in: int | None = optional(doc="temporary: life of the code, seconds; default 7 days, at most 14")
    chat_expires_in: int | None = optional(
        doc="temporary: life of the session from the adding on, seconds; default a day, at most 14 days"
    )
    unionid: str | None = optional(doc="temporary: the one WeChat user who may use it")
    mark_source: bool | None = optional(
        doc="营销获客 apps: who is added through it counts as acquired by the app; default true"
    )
    conclusions: ConclusionsRequest | None = optional(doc="temporary: sent when the session is over")


WAY_ERRORS = (
    *USER_ERRORS,
    ErrCode.INVALID_CONTACT_WAY_STYLE,
    ErrCode.INVALID_PARAMETER,
    ErrCode.PARAMETERS_EMPTY,
    ErrCode.INVALID_MEDIA_ID,
    ErrCode.MINI_PROGRAM_NOT_ASSOCIATED,
)
"""The errcodes of `write`."""


def write(call: Call, way: ContactWay, body: WayRequest) -> None:
    """Writes the fields given in `body`; absent ones keep their value. Raises WAY_ERRORS."""
    way.style = _style(way, body.style)
    way.remark = body.remark or way.remark
    way.state = body.state or way.state
    if body.skip_verify is not None:
        way.skip_verify = body.skip_verify
    if body.mark_source is not None and call.app_kind == AppKind.MARKETING:
        way.mark_source = body.mark_source
    _write_users(call, way, body)
    if way.is_temp:
        way.expires_in = _seconds("expires_in", body.expires_in, way.expires_in or CODE_SECONDS)
        way.chat_expires_in = _seconds(
            "chat_expires_in", body.chat_expires_in, way.chat_expires_in or CHAT_SECONDS
        )
        way.unionid = body.unionid or way.unionid
        way.conclusions = kept(call, body.conclusions) or way.conclusions


def _style(way: ContactWay, wanted: int | None) -> int:
    if way.scene == QR_CODE:
        return 0
    style = wanted or way.style or STYLES[way.type][0]
    if style not in STYLES[way.type]:
        raise Refusal(
            ErrCode.INVALID_CONTACT_WAY_STYLE,
            detail=f"style {style}: type {way.type} has the styles {STYLES[way.type]}",
        )
    return style


def _write_users(call: Call, way: ContactWay, body: WayRequest) -> None:
    userids, parties = body.user or [], body.party or []
    if way.type == SINGLE:
        parties = []
        if len({userid.lower() for userid in userids}) > 1:
            raise Refusal(ErrCode.TOO_MANY_CONTACT_WAY_USERS, detail="type 1 has exactly one member")
    if not (userids or parties or way.users or way.parties):
        raise Refusal(
            ErrCode.PARAMETERS_EMPTY, detail="give user" if way.type == SINGLE else "give user, party or both"
        )
    if userids:
        way.users = checked_members(call, userids)
    if parties:
        way.parties = checked_departments(call, parties)
    if userids or parties:
        refuse_too_many(call, way.users, way.parties)


def _seconds(name: str, given: int | None, otherwise: int) -> int:
    seconds = given or otherwise
    if not 0 < seconds <= LONGEST:
        raise Refusal(
            ErrCode.INVALID_PARAMETER,
            f"{name} invalid",
            detail=f"{name} {seconds}: at most {LONGEST} seconds",
        )
    return seconds
