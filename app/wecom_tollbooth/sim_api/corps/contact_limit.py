"""The external contacts that a corp has bought room for."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.billing import levels
from wecom_tollbooth.billing.meters import CONTACTS
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes, renamed
from wecom_tollbooth.sim_api.shapes import ControlRequest, example

router = control_routes()

PATH, OLD_PATH = "/corps/{corpid}/contact_limit", "/corps/{corpid}/contact_scale"


class ContactLimitRequest(ControlRequest):
    model_config = example(limit=2000)

    limit: int | None = Field(
        ge=0, le=10**12, description="外部联系人上限，null 为不限 / Most external contacts; null: any number"
    )


class ContactLimitReply(TypedDict):
    corpid: str
    limit: int | None
    contacts: Annotated[int, Field(description="现有外部联系人 / External contacts that the corp has now")]


@router.put(OLD_PATH, **renamed(PATH, "set_contact_scale"))
@router.put(PATH)
async def set_contact_limit(corpid: str, body: ContactLimitRequest, server: TheServer) -> ContactLimitReply:
    """设置外部联系人上限 / Set the contact limit

    企业购买的外部联系人规模，可以低于现有数量。

    How many external contacts the corp has bought room for. It may have more already.
    """

    def work(tx: Transaction) -> ContactLimitReply:
        corp = the_corp(tx, corpid)
        levels.lock(tx, corpid)
        corp.contact_limit = body.limit
        tx.session.add(corp)
        tx.flush()
        return _described(tx, corpid)

    return await server.run(work)


@router.get(OLD_PATH, **renamed(PATH, "get_contact_scale"))
@router.get(PATH)
async def get_contact_limit(corpid: str, server: TheServer) -> ContactLimitReply:
    """查看外部联系人上限 / Show the contact limit

    上限与现有数量。

    The limit, and how much of it is taken.
    """
    return await server.run(lambda tx: _described(tx, corpid))


def _described(tx: Transaction, corpid: str) -> ContactLimitReply:
    limit = the_corp(tx, corpid).contact_limit
    return {"corpid": corpid, "limit": limit, "contacts": levels.level_now(tx, corpid, CONTACTS)}
