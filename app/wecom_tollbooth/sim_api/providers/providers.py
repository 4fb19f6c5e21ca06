"""Providers (服务商): create, and show with the newest suite_ticket."""

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.corps.tables import Provider
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.providers import tickets
from wecom_tollbooth.seeds import NewCorp, making
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp, the_provider
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example
from wecom_tollbooth.world import ids
from wecom_tollbooth.world.context import Context

router = control_routes()


class ProviderRequest(ControlRequest):
    model_config = example(name="连锁软件")

    name: str = Field(default="演示服务商", min_length=1, max_length=64)
    corpid: str | None = Field(
        default=None,
        description="成为服务商的已有企业；省略时新建一个空企业 / "
        "A corp that becomes a provider; by default a new, empty one",
    )


class ProviderReply(TypedDict):
    provider_id: str
    provider_secret: str
    suite_id: str
    suite_secret: str
    suite_ticket: str


@router.post("/providers")
async def create_provider(body: ProviderRequest, server: TheServer) -> ProviderReply:
    """新建服务商 / Create a provider

    新建服务商及其一个第三方应用（suite）。服务商也是企业，`provider_id` 就是它的 corpid。

    Creates a provider with one suite. A provider is a corp too: `provider_id` is its corpid.
    """
    if body.corpid is not None:
        corp_id = body.corpid
    else:
        corp_id = await server.in_slices(making(server.database, NewCorp(body.name)))

    def work(tx: Transaction) -> ProviderReply:
        the_corp(tx, corp_id)
        if tx.session.get(Provider, corp_id) is not None:
            raise SimError(422, f"{corp_id} is a provider already; GET /_sim/providers/{corp_id} shows it")
        context = server.context(tx, corp_id)
        seed, number = context.seed, context.next_id()
        provider = Provider(
            corp_id=corp_id,
            provider_secret=ids.draw(seed, f"provider_secret/{corp_id}", number, 64),
            suite_id="ww" + ids.draw(seed, f"suite/{corp_id}", number, 16, "0123456789abcdef"),
            suite_secret=ids.draw(seed, f"suite_secret/{corp_id}", number, 43),
            created_at=context.now,
        )
        tx.session.add(provider)
        tx.flush()
        return _described(context, provider)

    return await server.run(work)


@router.get("/providers/{provider_id}")
async def get_provider(provider_id: str, server: TheServer) -> ProviderReply:
    """查看服务商 / Show a provider

    服务商的密钥与最新的 suite_ticket，有效 30 分钟。

    The provider with its secrets and the newest suite_ticket, which is valid for 30 minutes.
    """

    def work(tx: Transaction) -> ProviderReply:
        return _described(server.context(tx, provider_id), the_provider(tx, provider_id))

    return await server.run(work)


def _described(context: Context, provider: Provider) -> ProviderReply:
    return {
        "provider_id": provider.corp_id,
        "provider_secret": provider.provider_secret,
        "suite_id": provider.suite_id,
        "suite_secret": provider.suite_secret,
        "suite_ticket": tickets.ticket_at(provider, context.now),
    }
