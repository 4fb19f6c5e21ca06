"""Publishing a moment: it comes to the customers of its member, 200 in a transaction."""

from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from wecom_tollbooth.db import CompiledStatement, json_list
from wecom_tollbooth.families.moments.lookup import moment_of, publication_of
from wecom_tollbooth.families.moments.tables import MOMENT_PUBLICATION, MOMENT_VIEWER, PUBLIC
from wecom_tollbooth.families.phones.screens import show, write_message
from wecom_tollbooth.families.relations.lookups import IS_ACTIVE
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT, FOLLOW_USER, WECHAT
from wecom_tollbooth.families.tag_library.tables import FOLLOW_TAG
from wecom_tollbooth.world.acts import Act, ActRefused
from wecom_tollbooth.world.scheduled_tasks import schedule, scheduled_task

CUSTOMERS_AT_ONCE = 200
REACHES = "moment_reaches_customers"

_INSERT = CompiledStatement(
    sa.insert(MOMENT_VIEWER).values({column.name: bindparam(column.name) for column in MOMENT_VIEWER.columns})
)
_CUSTOMERS = (
    sa.select(
        FOLLOW_USER.c.seq,
        FOLLOW_USER.c.external_userid,
        EXTERNAL_CONTACT.c.type,
        FOLLOW_USER.c.deleted_by_customer_at,
    )
    .join(
        EXTERNAL_CONTACT,
        (EXTERNAL_CONTACT.c.corp_id == FOLLOW_USER.c.corp_id)
        & (EXTERNAL_CONTACT.c.external_userid == FOLLOW_USER.c.external_userid),
    )
    .where(
        FOLLOW_USER.c.corp_id == bindparam("corp"),
        FOLLOW_USER.c.userid == bindparam("member"),
        FOLLOW_USER.c.seq > bindparam("after"),
        IS_ACTIVE,
    )
    .order_by(FOLLOW_USER.c.seq)
    .limit(bindparam("most"))
)
_ALL = CompiledStatement(_CUSTOMERS)
_TAGGED = CompiledStatement(
    lambda dialect: _CUSTOMERS.where(
        sa.exists().where(
            FOLLOW_TAG.c.corp_id == FOLLOW_USER.c.corp_id,
            FOLLOW_TAG.c.external_userid == FOLLOW_USER.c.external_userid,
            FOLLOW_TAG.c.userid == FOLLOW_USER.c.userid,
            FOLLOW_TAG.c.tag_id.in_(json_list(dialect, "chosen")),
        )
    )
)
_NAMED = CompiledStatement(
    lambda dialect: _CUSTOMERS.where(FOLLOW_USER.c.external_userid.in_(json_list(dialect, "chosen")))
)


def publish(act: Act, moment: Any, userid: str, customers: list[str] | None = None) -> None:
    """The member publishes the moment now: to all its customers, those with a tag, or `customers`.

    Raises ActRefused if it has already.
    """
    body = {"moment_id": moment.moment_id, **moment.content}
    message_id = write_message(act, "moment", userid, body)
    came = act.db.execute(
        sa.update(MOMENT_PUBLICATION)
        .where(
            MOMENT_PUBLICATION.c.corp_id == act.corp_id,
            MOMENT_PUBLICATION.c.moment_id == moment.moment_id,
            MOMENT_PUBLICATION.c.userid == userid,
            MOMENT_PUBLICATION.c.published_at.is_(None),
        )
        .values(published_at=act.now, message_id=message_id)
        .returning(MOMENT_PUBLICATION.c.userid)
    )
    if came.first() is None:
        raise ActRefused(f"{userid} has published {moment.moment_id} already")
    _reach(act, moment, userid, message_id, customers=customers)


@scheduled_task(REACHES)
def moment_reaches_customers(act: Act, reference: str) -> None:
    """Shows what a member has published to its next customers."""
    moment_id, userid, after = orjson.loads(reference)
    moment, publication = moment_of(act, moment_id), publication_of(act, moment_id, userid)
    if moment is not None and publication is not None and moment.deleted_at is None:
        _reach(act, moment, userid, publication.message_id, after)


def _reach(
    act: Act,
    moment: Any,
    userid: str,
    message_id: int,
    after: int = 0,
    *,
    customers: list[str] | None = None,
) -> None:
    page: dict[str, Any] = {
        "corp": act.corp_id,
        "member": userid,
        "after": after,
        "most": CUSTOMERS_AT_ONCE,
    }
    chosen = customers if customers is not None else moment.tag_list
    statement = _NAMED if customers is not None else _TAGGED if chosen else _ALL
    if chosen or customers is not None:
        page["chosen"] = orjson.dumps(chosen).decode()
    rows = statement.all(act.db, **page)
    seen = [(row[1], row[2] == WECHAT and row[3] is None) for row in rows]
    _INSERT.many(
        act.db,
        [
            {
                "corp_id": act.corp_id,
                "moment_id": moment.moment_id,
                "userid": userid,
                "external_userid": customer,
                "can_see": can_see,
            }
            for customer, can_see in seen
            if can_see or moment.visible_type != PUBLIC
        ],
    )
    show(act, message_id, [customer for customer, can_see in seen if can_see])
    if len(rows) == CUSTOMERS_AT_ONCE and customers is None:
        reference = orjson.dumps([moment.moment_id, userid, rows[-1][0]]).decode()
        schedule(act, REACHES, act.now, reference)
