"""The errcodes that this server answers, each with its text on the wire, in a module for each area.

Texts marked `# own` were never seen in a real reply: the platform documents only a Chinese label, and tells
clients to branch on errcode. Source: page 90313 (global error codes), as of 2026-07-26.
"""

from wecom_tollbooth.gateway.errcodes.code import Code
from wecom_tollbooth.gateway.errcodes.customers import CustomerCodes
from wecom_tollbooth.gateway.errcodes.directory import DirectoryCodes
from wecom_tollbooth.gateway.errcodes.documents import DocumentCodes
from wecom_tollbooth.gateway.errcodes.general import GeneralCodes
from wecom_tollbooth.gateway.errcodes.messages import MessageCodes
from wecom_tollbooth.gateway.errcodes.own import OwnCodes
from wecom_tollbooth.gateway.errcodes.refusal import Refusal

__all__ = ["ALL_CODES", "BY_NUMBER", "WITHOUT_SUFFIX", "Code", "ErrCode", "Refusal"]


class ErrCode(GeneralCodes, DirectoryCodes, CustomerCodes, MessageCodes, DocumentCodes, OwnCodes):
    """Every code by its name. Families refuse a call with `raise Refusal(ErrCode.NAME)`."""


ALL_CODES: tuple[Code, ...] = tuple(
    value for area in ErrCode.__mro__ for value in vars(area).values() if isinstance(value, Code)
)
BY_NUMBER: dict[int, Code] = {int(code): code for code in ALL_CODES}

WITHOUT_SUFFIX = frozenset({ErrCode.OK, ErrCode.INVALID_ACCESS_TOKEN})
"""40014 has no hint and address in its errmsg, except on the two operations that list addresses."""
