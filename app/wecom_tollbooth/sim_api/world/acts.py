"""Acts over HTTP: POST /_sim/corps/{corpid}/acts, and the list of what can be done."""

from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError

from wecom_tollbooth.billing.budgets import BudgetStatus
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.world.acts import ACTS, Act, ActRefused

router = APIRouter()


@router.get("/acts")
async def list_acts() -> dict[str, Any]:
    """{"acts": [{"act", "title", "fields"}]}: every act, with the JSON schema of its fields."""
    return {
        "acts": [
            {"act": kind.name, "title": kind.title, "fields": kind.shape.model_json_schema()} for kind in ACTS
        ]
    }


@router.post("/corps/{corpid}/acts")
async def do_act(corpid: str, body: dict[str, Any], server: TheServer) -> dict[str, Any]:
    """One act: {"act": NAME, …}. The reply holds what came of it, and `callbacks`, the ids raised."""
    name = body.pop("act", None)
    kind = ACTS.find(name) if isinstance(name, str) else None
    if kind is None:
        names = ", ".join(kind.name for kind in ACTS)
        raise SimError(422, f"act: {name!r} is none; there are {names}")
    try:
        shape = kind.shape.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise SimError(422, f"{kind.name}: {place}: {first['msg']}") from None

    def work(tx: Transaction) -> tuple[dict[str, Any], BudgetStatus | None]:
        the_corp(tx, corpid)
        act = Act(server.settings, tx, corpid)
        has_budget = server.budgets.lock(act)
        try:
            came = kind.handler(act, shape)
        except ActRefused as refusal:
            raise SimError(422, f"{kind.name}: {refusal}") from None
        tx.flush()
        budget_status = server.budgets.evaluate(act) if has_budget else None
        return {**came, "callbacks": act.callbacks}, budget_status

    reply, budget_status = await server.run(work)
    server.budgets.notify(budget_status)
    server.work_waiting.set()
    return reply
