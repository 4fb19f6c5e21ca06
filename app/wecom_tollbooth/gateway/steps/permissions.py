"""Refuses calls of apps that lack the permission of the operation."""

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import HOLDERS, Permission


def refuse_without_permission(call: Call) -> None:
    """48002, or 48009 where the 通讯录同步 secret asks for details of the directory."""
    if not call.operation.token or call.app_kind in HOLDERS[call.operation.permission]:
        return
    wanted = call.operation.permission
    detail = f"app {call.agentid} is of kind {call.app_kind}; {call.operation.path} needs {wanted}"
    if wanted == Permission.DIRECTORY_READ and call.app_kind == AppKind.CONTACTS_SYNC:
        raise Refusal(ErrCode.FORBIDDEN_FOR_CONTACT_ASSISTANT, detail=detail)
    raise Refusal(ErrCode.API_FORBIDDEN, detail=detail)
