"""Customers being transferred from one member to another, and those already transferred."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import table_of, unique_where

DONE, WAITING, REFUSED, TAKER_FULL, CALLED_OFF = 1, 2, 3, 4, 5
"""`status` in WeCom's numbers (page 94088). CALLED_OFF is never shown: nobody could take over."""

_WAITING = f"status = {WAITING}"


class Handover(SQLModel, table=True):
    """One customer assigned from one member to another; `id` rises with each.

    `takeover_time` is the planned time while the transfer waits, the actual time once done, and else 0.
    `superseded` marks an assignment repeated with the same three ids: transfer_result shows only the last
    one.
    """

    __table_args__ = (
        sa.Index("handover_by_members", "corp_id", "handover_userid", "takeover_userid", "id"),
        sa.Index("handover_by_customer", "corp_id", "external_userid"),
        unique_where(_WAITING, "handover_waiting", "corp_id", "external_userid", "handover_userid"),
    )
    corp_id: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=sa.BigInteger)
    external_userid: str
    handover_userid: str
    takeover_userid: str
    resigned: bool
    """True if the giver had left the corp when the customer was assigned."""
    status: int = WAITING
    started_at: int = Field(sa_type=sa.BigInteger)
    takeover_time: int = Field(sa_type=sa.BigInteger)
    success_message: str = ""
    """The message to the customer at the transfer; empty for the platform's own text."""
    superseded: bool = False


HANDOVER = table_of(Handover)
