"""Codes of the simulator's own; WeCom's list has none from 990001 to 990099."""

from wecom_tollbooth.gateway.errcodes.code import Code


class OwnCodes:
    """Part of ErrCode."""

    # Of the extension follow_ups.
    INVALID_FOLLOW_UP_ID = Code(990001, "invalid follow_up_id")  # own
    FOLLOW_UP_EXISTS = Code(990002, "follow-up of this customer and member already exists")  # own
    INVALID_PIPELINE = Code(990003, "invalid pipeline")  # own
    INVALID_PIPELINE_WAY = Code(990004, "invalid way between stages")  # own
    UNKNOWN_FIELD = Code(990005, "unknown field")  # own
    INVALID_STAGE = Code(990006, "invalid stage_id")  # own
    STAGE_IN_USE = Code(990007, "stage is in use")  # own
    INVALID_FOLLOW_UP_TIME = Code(990008, "invalid follow-up time")  # own
    INVALID_POSITION = Code(990009, "invalid position")  # own
    LOG_TOO_LONG = Code(990010, "follow-up log too long")  # own

    # WeCom documents the operation, and it is not simulated.
    NOT_SIMULATED = Code(990404, "not simulated yet")  # own
