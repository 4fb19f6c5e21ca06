"""Messages of customers who came through an acquisition link, as the link's app is told of them."""

import sqlalchemy as sa
from sqlmodel import select

from wecom_tollbooth.families.acquisition_links.link_events import tell_creator
from wecom_tollbooth.families.acquisition_links.tables import AcquisitionLink, ChatKey, LinkCustomer
from wecom_tollbooth.families.relations.subscribers import Subscriber
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.acts import Act

TOLD_AT_MESSAGES = (3, 5, 10)


def _customer_wrote(act: Act, userid: str, external_userid: str) -> None:
    """The first message of a customer of a link, and its 3rd, 5th and 10th, are told to the link's app."""
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
        fields: dict[str, str | int] = {
            "UserID": userid,
            "ExternalUserID": external_userid,
            "LinkId": link.link_id,
        }
        tell_creator(act, link, "customer_start_chat", fields)
    if row.messages in TOLD_AT_MESSAGES:
        tell_creator(
            act, link, "message_from_customer", {"LinkId": link.link_id, "ChatKey": _new_key(act, link, row)}
        )


def _new_key(act: Act, link: AcquisitionLink, row: LinkCustomer) -> str:
    key = ids.draw(act.settings.seed, "chat_key", act.next_id(), 43)
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
