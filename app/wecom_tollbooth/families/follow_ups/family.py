"""The family of the operations of this folder: an extension, which WeCom doesn't have."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from wecom_tollbooth.families.follow_ups import latency
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.operation import Family, Handler

PREFIX = "/cgi-bin/externalcontact/follow_up/"


class _FollowUps(Family):
    """A family whose replies can be delayed: see latency.py."""

    def post(self, path: str, **about: Any) -> Callable[[Handler], Handler]:
        declare = super().post(path, **about)

        def declare_with_latency(handler: Handler) -> Handler:
            @functools.wraps(handler)
            def handler_with_latency(call: Call, body: Any) -> Mapping[str, Any]:
                reply = handler(call, body)
                latency.apply_latency(call)
                return reply

            declare(handler_with_latency)
            return handler

        return declare_with_latency


family = _FollowUps("follow_ups", "用户跟进", "Follow-ups", extension=True)
