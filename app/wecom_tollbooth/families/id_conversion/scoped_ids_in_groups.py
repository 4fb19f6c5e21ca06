"""From the corp's ids to a provider's, for members of a customer group, followed or not."""

from wecom_tollbooth.families.group_chats.lookup import the_visible_group
from wecom_tollbooth.families.group_chats.membership import present_in
from wecom_tollbooth.families.id_conversion.family import family
from wecom_tollbooth.families.id_conversion.known_customers import (
    CONTACTS,
    has_migrated,
    known_ids,
    provider_of,
    to_scoped,
)
from wecom_tollbooth.families.id_conversion.scoped_ids import IDS_PER_CALL, NewIdsReply
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import RequestModel, required


class NewIdsInGroupRequest(RequestModel):
    chat_id: str = required(ErrCode.INVALID_PARAMETER, doc="the customer group")
    external_userid_list: list[str] = required(
        ErrCode.MISSING_EXTERNAL_USERID, max_items=IDS_PER_CALL, doc="up to 1000; 200 are advised"
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
    """转换客户群成员external_userid（ID安全升级） / Convert external_userid of group members (id upgrade)

    The provider's id for people in the group, whether a member follows them or not; the provider's own ids
    come back unchanged. People who aren't in the group are left out. The group's owner must be in the visible
    range. A third-party app may not call it after its migration.
    """
    provider_id = provider_of(call)
    if has_migrated(call, provider_id):
        raise Refusal(ErrCode.API_FORBIDDEN, detail="the provider has finished the migration in this corp")
    chat_id = the_visible_group(call, body.chat_id).chat_id
    known = known_ids(call, provider_id, body.external_userid_list)
    inside = present_in(call.db, call.corp_id, chat_id, set(known.values()))
    scoped = to_scoped(call.db, call.corp_id, provider_id, CONTACTS, inside)
    return {
        "items": [
            {"external_userid": given, "new_external_userid": scoped[known[given]]}
            for given in dict.fromkeys(body.external_userid_list)
            if known.get(given) in inside
        ]
    }
