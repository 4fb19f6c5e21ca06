"""What of its corp a call learns along with its token or key, so that most steps need no statement."""

import sqlalchemy as sa

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.gateway.call import Call

FLAGS = (
    CORP.c.has_budget,
    CORP.c.contact_limit,
    CORP.c.faulty_paths,
    sa.type_coerce(CORP.c.latency, sa.Text),
    CORP.c.strict,
    CORP.c.generation,
)
"""The columns, in the order of the parameters of `take_flags`."""


def take_flags(
    call: Call,
    has_budget: bool,
    contact_limit: int | None,
    faulty_paths: str | None,
    latency: str | None,
    strict: bool,
    generation: int,
) -> None:
    """Leaves the flags on the call."""
    call.has_budget, call.contact_limit, call.strict = has_budget, contact_limit, strict
    call.faulty_paths, call.latency_json, call.generation = faulty_paths, latency, generation
