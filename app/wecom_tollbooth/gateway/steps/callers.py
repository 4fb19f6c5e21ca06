"""Finds out who calls, by the token or the key that the operation wants."""

from collections.abc import Callable

from wecom_tollbooth.corps.unfinished import is_being_restored
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
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
    if not call.operation.token:
        return
    identify = _IDENTIFY[call.operation.token]
    try:
        identify(call)
    except Refusal:
        named = _named_corp(call)
        refuse_while_restored(call, named)
        if not named or call.corp_id or call.db.dialect == "sqlite":
            raise
        identify(call)  # a restore may have ended between the two looks


def refuse_while_restored(call: Call, corp_id: str) -> None:
    """-1 for a call of a corp that is being restored, of which no row can be found."""
    if corp_id and not call.corp_id and is_being_restored(call.db, corp_id):
        raise Refusal(
            ErrCode.SYSTEM_BUSY,
            detail=f"the corp {corp_id} is being restored from a snapshot; call again soon",
        )


def _named_corp(call: Call) -> str:
    """The corp that the token or key of the call names, or ""."""
    name = call.operation.token or ""
    return robot_keys.corp_of(call.request.query.get("key" if name == "key" else name, ""))
