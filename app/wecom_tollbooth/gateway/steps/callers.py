"""Finds out who calls, by the token or the key that the operation wants."""

from collections.abc import Callable

from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.operation import Token
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.steps import provider_tokens, tokens
from wecom_tollbooth.gateway.steps.keys import robot_keys, webhook_keys

_IDENTIFY: dict[Token, Callable[[Call], None]] = {
    "access_token": tokens.identify,
    "suite_access_token": provider_tokens.identify,
    "provider_access_token": provider_tokens.identify,
    "key": lambda call: _IDENTIFY_BY_KEY[call.operation.permission](call),
}
_IDENTIFY_BY_KEY: dict[Permission, Callable[[Call], None]] = {
    Permission.WEBHOOK: webhook_keys.identify,
    Permission.GROUP_ROBOT: robot_keys.identify,
}


def identify_caller(call: Call) -> None:
    """Sets the corp, the app and what else the token says; an operation without a token has no caller."""
    if call.operation.token:
        _IDENTIFY[call.operation.token](call)
