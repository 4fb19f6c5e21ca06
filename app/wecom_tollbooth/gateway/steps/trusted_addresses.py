"""Refuses calls from addresses that an app or a webhook does not trust."""

import ipaddress

import orjson

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal


def refuse_untrusted_address(call: Call) -> None:
    """60020 for an app, 840002 for a webhook that has a list of addresses (an empty one doesn't count).

    With the setting trusted_ips, an app without a list trusts nobody.

    The message archive answers 301042 (page 90313).
    """
    if call.trusted_ips is None:
        return
    trusted = orjson.loads(call.trusted_ips)
    if not _is_in(call.request.ip, trusted):
        errcode = ErrCode.IP_NOT_ALLOWED
        if call.operation.token == "key":
            errcode = ErrCode.WEBHOOK_IP_NOT_ALLOWED
        elif call.app_kind == AppKind.MESSAGE_ARCHIVE:
            errcode = ErrCode.ARCHIVE_IP_NOT_ALLOWED
        raise Refusal(errcode, detail=f"{call.request.ip} is not in {trusted}")


def _is_in(ip: str, trusted: list[str]) -> bool:
    """Whether the address is one of these addresses, or in one of these networks."""
    try:
        address = ipaddress.ip_address(ip)
        return any(address in ipaddress.ip_network(entry, strict=False) for entry in trusted)
    except ValueError:
        return ip in trusted
