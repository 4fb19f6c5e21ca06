"""What a path names: the corp, the app, the provider. Raises SimError 404 for what does not exist."""

from sqlmodel import select

from wecom_tollbooth.corps.tables import App, Corp, Provider
from wecom_tollbooth.corps.unfinished import is_being_restored
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.errors import SimError


def the_corp(tx: Transaction, corpid: str) -> Corp:
    corp = tx.session.get(Corp, corpid)
    if corp is None:
        refuse_while_restored(tx, corpid)
        raise SimError(404, f"there is no corp {corpid!r}; GET /_sim/corps lists them")
    return corp


def refuse_while_restored(tx: Transaction, corpid: str) -> None:
    """Raises SimError 409 for a corp of which no row can be found until its restore is done."""
    if is_being_restored(tx, corpid):
        raise SimError(409, f"the corp {corpid!r} is being restored from a snapshot; ask again soon")


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
