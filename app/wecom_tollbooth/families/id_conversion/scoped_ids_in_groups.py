"""From the corp's ids to a provider's, for who is in a customer group and may be nobody's customer."""

from wecom_tollbooth.families.group_chats.detail import the_group
from wecom_tollbooth.families.group_chats.membership import present_in
from wecom_tollbooth.families.id_conversion.family import family
from wecom_tollbooth.families.id_conversion.known_customers import (
    CONTACTS,
    has_migrated,
    known_by,
    provider_of,
    to_scoped,
)
from wecom_tollbooth.families.id_conversion.scoped_ids import AT_ONCE, NewIdsReply
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required


class NewIdsInGroupRequest(RequestModel):
    chat_id: str = required(ErrCode.INVALID_PARAMETER, doc="customer group that the people are in")
    external_userid_list: list[str] = required(
        ErrCode.MISSING_EXTERNAL_USERID, max_items=AT_ONCE, doc="up to 1000; 200 are advised"
    )


@family.post(
    "/cgi-bin/externalcontact/groupchat/get_new_external_userid",
    doc="97107",
    meter="customer.list",
    permission=Permission.PROVIDER_APP,
    errors=(
        ErrCode.INVALID_PARAMETER,
        ErrCode.MISSING_EXTERNAL_USERID,
        ErrCode.API_FORBIDDEN,
        ErrCode.INVALID_CHAT_ID,
        ErrCode.GROUP_DISSOLVED,
        ErrCode.NOT_A_CUSTOMER_GROUP,
        ErrCode.NO_PRIVILEGE,
    ),
    sample={
        "chat_id": "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA",
        "external_userid_list": ["xxxxx", "yyyyyy"],
    },
)
def get_new_external_userid_in_group(call: Call, body: NewIdsInGroupRequest) -> NewIdsReply:
    """转换客户群成员external_userid（ID安全升级）

    The provider's id for who is in the group, followed by a member or not; the provider's own come back
    unchanged. Who is not in the group is left out. Errors: 40058 (no chat_id, over 1000), 41035, 40050
    (unknown group), 49008 (dissolved), 60011 (the owner is outside the visible range), 90501 (the owner may
    have no customers), 48002 (a third-party app that is through with the change).
    """
    provider_id = provider_of(call)
    if has_migrated(call, provider_id):
        raise Refusal(ErrCode.API_FORBIDDEN, detail="the provider has finished the migration in this corp")
    chat_id = the_group(call, body.chat_id).chat_id
    known = known_by(call, provider_id, body.external_userid_list)
    inside = present_in(call.db, call.corp_id, chat_id, set(known.values()))
    scoped = to_scoped(call.db, call.corp_id, provider_id, CONTACTS, inside)
    return {
        "items": [
            {"external_userid": given, "new_external_userid": scoped[known[given]]}
            for given in dict.fromkeys(body.external_userid_list)
            if known.get(given) in inside
        ]
    }
