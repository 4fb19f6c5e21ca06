"""What a path names: the corp, the app, the provider. Raises SimError 404 for what does not exist."""

from sqlmodel import select

from wecom_tollbooth.corps.tables import App, Corp, Provider
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.errors import SimError


def the_corp(tx: Transaction, corpid: str) -> Corp:
    corp = tx.session.get(Corp, corpid)
    if corp is None:
        raise SimError(404, f"there is no corp {corpid!r}; GET /_sim/corps lists them")
    return corp


def the_app(tx: Transaction, corpid: str, agentid: int) -> App:
    the_corp(tx, corpid)
    app = tx.session.exec(select(App).where(App.corp_id == corpid, App.agentid == agentid)).first()
    if app is None:
        raise SimError(404, f"corp {corpid!r} has no app {agentid}")
    return app


def the_provider(tx: Transaction, provider_id: str) -> Provider:
    provider = tx.session.get(Provider, provider_id)
    if provider is None:
        raise SimError(404, f"there is no provider {provider_id!r}; POST /_sim/providers makes one")
    return provider
