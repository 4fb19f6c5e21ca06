"""The number of external contacts that a corp has bought (外部联系人规模): what is refused at the limit.

Source: 610023 of page 90313 (2026-07), which any customer interface can answer, and vendors' descriptions.
Acts that add contacts ask families/relations/contact_count.py.
"""

from wecom_tollbooth.billing.levels import level_now
from wecom_tollbooth.billing.meters import CONTACTS
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal

CUSTOMER_INTERFACES = "/cgi-bin/externalcontact/"


def refuse_over_contact_limit(call: Call) -> None:
    """610023: at the limit for operations that declare it, over the limit for all other ones."""
    limit = call.contact_limit
    if limit is None or not call.operation.path.startswith(CUSTOMER_INTERFACES):
        return
    contacts = level_now(call.db, call.corp_id, CONTACTS)
    most = limit - 1 if ErrCode.CONTACT_SCALE_REACHED in call.operation.errors else limit
    if contacts > most:
        raise Refusal(
            ErrCode.CONTACT_SCALE_REACHED,
            detail=f"the corp has {contacts} external contacts and room for {limit}: "
            f"PUT /_sim/corps/{call.corp_id}/contact_limit, or delete customers",
        )
