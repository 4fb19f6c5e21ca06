"""Errcodes that several operations answer."""

from wecom_tollbooth.gateway.errcodes import Code, ErrCode

OF_OPERATOR = (ErrCode.INVALID_USERID, ErrCode.NO_PRIVILEGE)
OF_RECORD = (ErrCode.INVALID_FOLLOW_UP_ID, ErrCode.NO_PRIVILEGE, ErrCode.CONFLICTING_CHANGE)
OF_FIELDS = (ErrCode.INVALID_PARAMETER, ErrCode.UNKNOWN_FIELD, ErrCode.INVALID_FOLLOW_UP_TIME)
OF_PLACE = (ErrCode.INVALID_STAGE, ErrCode.INVALID_PIPELINE_WAY, ErrCode.INVALID_POSITION)
OF_PAIR = (
    ErrCode.INVALID_USERID,
    ErrCode.MISSING_EXTERNAL_USERID,
    ErrCode.INVALID_EXTERNAL_USERID,
    ErrCode.NOT_EXTERNAL_CONTACT,
    ErrCode.FOLLOW_UP_EXISTS,
)


def codes(*groups: tuple[Code, ...]) -> tuple[Code, ...]:
    """All codes of the groups, each once."""
    return tuple(dict.fromkeys(code for group in groups for code in group))
