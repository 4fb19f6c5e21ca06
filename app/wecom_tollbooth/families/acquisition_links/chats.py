"""Messages of customers of acquisition links, some of which raise an event for the link's app."""

import sqlalchemy as sa
from sqlmodel import select

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.acquisition_links import CustomerStartChat, MessageFromCustomer
from wecom_tollbooth.families.acquisition_links.tables import AcquisitionLink, ChatKey, LinkCustomer
from wecom_tollbooth.families.relations.subscribers import Subscriber
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.acts import Act

NOTIFIED_AT = (3, 5, 10)
"""The ordinal numbers of a customer's messages that raise message_from_customer (page 97299)."""


def _customer_wrote(act: Act, userid: str, external_userid: str) -> None:
    """Notifies the link's app of the 1st, 3rd, 5th and 10th message."""
    row = act.db.session.exec(
        select(LinkCustomer)
        .where(
            LinkCustomer.corp_id == act.corp_id,
            LinkCustomer.external_userid == external_userid,
            LinkCustomer.userid == userid,
        )
        .order_by(sa.text("seq DESC"))
    ).first()
    if row is None or external_userid.startswith("wo"):
        return
    row.messages += 1
    act.db.session.add(row)
    link = act.db.session.get(AcquisitionLink, (act.corp_id, row.link_id))
    if link is None:
        return
    if row.messages == 1:
        event = CustomerStartChat(UserID=userid, ExternalUserID=external_userid, LinkId=link.link_id)
        emit(act, event, agentid=link.created_by)
    if row.messages in NOTIFIED_AT:
        chat_key = _new_key(act, link, row)
        emit(act, MessageFromCustomer(LinkId=link.link_id, ChatKey=chat_key), agentid=link.created_by)


def _new_key(act: Act, link: AcquisitionLink, row: LinkCustomer) -> str:
    key = ids.draw(act.seed, "chat_key", act.next_id(), 43)
    act.db.session.add(
        ChatKey(
            corp_id=act.corp_id,
            chat_key=key,
            agentid=link.created_by,
            link_id=link.link_id,
            userid=row.userid,
            external_userid=row.external_userid,
            state=row.state,
            recv_msg_cnt=row.messages,
            issued_at=act.now,
        )
    )
    return key


ACQUISITION_CHATS = Subscriber(name="chats of acquisition links", customer_wrote=_customer_wrote)
