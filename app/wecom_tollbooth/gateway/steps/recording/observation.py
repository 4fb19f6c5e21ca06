"""What a server learns of every answered call: the counts of its metrics, and a line in the log if wanted."""

from time import perf_counter

from wecom_tollbooth.gateway.call import ApiRequest
from wecom_tollbooth.gateway.envelope import hint_of
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.logs import log_call


def observe(
    gateway: Gateway,
    request: ApiRequest,
    path: str,
    errcode: int,
    detail: str,
    *,
    corp_id: str,
    usage_id: int,
    at: int,
    counted_as: str | None = None,
) -> None:
    """Counts the call under its path, or as `counted_as`, and logs it where that is wanted."""
    server, seconds = gateway.server, perf_counter() - request.arrived
    server.counts.call(path if counted_as is None else counted_as, errcode, seconds)
    if server.settings.log_calls:
        log_call(corp_id, path, errcode, seconds, detail, hint_of(at, usage_id), at=at)
