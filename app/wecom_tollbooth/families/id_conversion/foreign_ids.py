"""Whose an external_userid is that an app can't use, for the advice of strict mode."""

import sqlalchemy as sa

from wecom_tollbooth.corps.tables import CORP
from wecom_tollbooth.families.id_conversion.known_customers import CONTACTS, known_ids, provider_of
from wecom_tollbooth.families.id_conversion.tables import SCOPED_ID
from wecom_tollbooth.families.relations.tables import EXTERNAL_CONTACT
from wecom_tollbooth.gateway.advice.foreign_ids import Whose, find_whose_ids
from wecom_tollbooth.gateway.call import Call

OF_THE_CORP = Whose(
    "企业自己的 ID，第三方应用使用服务商的 ID", "the corp's own id; a third-party app has the provider's"
)


def _whose(call: Call, external_userid: str) -> Whose | None:
    if known_ids(call, provider_of(call), [external_userid]):
        return None
    contact, scoped = EXTERNAL_CONTACT.c, SCOPED_ID.c
    # By corp, as the keys of both tables begin with it.
    corps = sa.select(CORP.c.corp_id)
    owners = sa.select(contact.corp_id).where(
        contact.corp_id.in_(corps), contact.external_userid == external_userid
    )
    owner = call.db.execute(owners).scalar()
    if owner == call.corp_id:
        return OF_THE_CORP
    if owner is not None:
        return Whose(f"另一企业 {owner} 的 ID", f"an id of another corp, {owner}")
    issued = sa.select(scoped.corp_id, scoped.provider_id).where(
        scoped.corp_id.in_(corps), scoped.kind == CONTACTS, scoped.scoped_id == external_userid
    )
    found = call.db.execute(issued).first()
    if found is None:
        return None
    of_corp = "" if found.corp_id == call.corp_id else f" in {found.corp_id}"
    of_corp_zh = "" if found.corp_id == call.corp_id else f"在企业 {found.corp_id} 中"
    return Whose(
        f"服务商 {found.provider_id} 的应用{of_corp_zh}使用的 ID",
        f"the id that apps of the provider {found.provider_id} have{of_corp}",
    )


find_whose_ids(_whose)
