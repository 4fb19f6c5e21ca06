"""Acts over HTTP: list and perform."""

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import ConfigDict, Field, ValidationError, WithJsonSchema, with_config
from typing_extensions import TypedDict

from wecom_tollbooth.billing.budgets import BudgetStatus
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.security_logs.recorded_acts import record
from wecom_tollbooth.gateway.errcodes import Refusal
from wecom_tollbooth.http_protocol.addresses import base_url
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.world.acts import ACTS, Act, ActRefused

router = control_routes()


ActBody = Annotated[
    dict[str, Any],
    Body(),
    WithJsonSchema(
        {
            "title": "ActRequest",
            "type": "object",
            "properties": {
                "act": {
                    "title": "Act",
                    "type": "string",
                    "description": "动作的名称，字段与它并列 / Name of the act; its fields stand beside it",
                }
            },
            "required": ["act"],
            "additionalProperties": True,
            "examples": [{"act": "member_adds_customer", "userid": "zhangsan"}],
        }
    ),
]


class ActEntry(TypedDict):
    act: str
    title: str
    fields: Annotated[dict[str, Any], Field(description="字段的 JSON Schema / JSON schema of its fields")]


class ActsReply(TypedDict):
    acts: list[ActEntry]


@with_config(ConfigDict(extra="allow"))
class ActReply(TypedDict):
    """What came of the act, in fields of its own."""

    callbacks: Annotated[
        list[int], Field(description="引发的回调，见 GET …/callbacks / Ids of the callbacks that it raised")
    ]


@router.get("/acts")
async def list_acts() -> ActsReply:
    """列出业务动作 / List the acts

    每个动作及其字段的 JSON Schema。

    Every act, with the JSON schema of its fields.
    """
    return {
        "acts": [
            {"act": kind.name, "title": kind.title, "fields": kind.shape.model_json_schema()} for kind in ACTS
        ]
    }


# Without a response model, which would put `callbacks` before what the act itself answers.
@router.post("/corps/{corpid}/acts", response_model=None, responses={200: {"model": ActReply}})
async def perform_act(corpid: str, body: ActBody, server: TheServer, request: Request) -> dict[str, Any]:
    """执行业务动作 / Perform an act

    客户、成员或管理员在 API 之外所做的事。`act` 是动作的名称，字段与它并列；返回动作的结果与引发的回调。

    What a customer, a member or an admin does outside the API. `act` is the name of the act, its fields stand
    beside it. The reply holds what came of it, and the callbacks that it raised.
    """
    name = body.pop("act", None)
    kind = ACTS.find(name) if isinstance(name, str) else None
    if kind is None:
        names = ", ".join(kind.name for kind in ACTS)
        raise SimError(422, f"act: {name!r} is not one of {names}")
    try:
        shape = kind.shape.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise SimError(422, f"{kind.name}: {place}: {first['msg']}") from None

    def work(tx: Transaction) -> tuple[dict[str, Any], BudgetStatus | None, bool]:
        the_corp(tx, corpid)
        act = Act(server.settings, tx, corpid)
        act.base_url = base_url(request.scope)
        has_budget = server.budgets.lock(act)
        try:
            came = kind.handler(act, shape)
            record(act, kind.name, shape)
        except ActRefused as refusal:
            raise SimError(422, f"{kind.name}: {refusal}") from None
        except Refusal as refusal:  # of code that the API shares
            why = f"{int(refusal.errcode)} {refusal.errmsg.strip()}: {refusal.detail}"
            raise SimError(422, f"{kind.name}: {why}") from None
        tx.flush()
        budget_status = server.budgets.evaluate(act) if has_budget else None
        return {**came, "callbacks": act.callbacks}, budget_status, act.has_due

    reply, budget_status, has_due = await server.run(work)
    server.budgets.notify(budget_status)
    if has_due:
        await server.settle(corpid)
    server.work_waiting.set(corpid)
    return reply
