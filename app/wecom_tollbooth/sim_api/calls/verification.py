"""Verifying that a program made the calls that its test expects."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from wecom_tollbooth.db import Transaction
from wecom_tollbooth.gateway.near_names import meant
from wecom_tollbooth.gateway.operation import Registry
from wecom_tollbooth.gateway.steps.unknown_paths import documented_titles
from wecom_tollbooth.sim_api.calls.expected import Expected, Failure, Made, check
from wecom_tollbooth.sim_api.calls.journal import all_calls
from wecom_tollbooth.sim_api.dependencies import TheGateway
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, example

router = control_routes()

API = "/cgi-bin/"
MOST_EXPECTED = 1_000


class ExpectedCall(ControlRequest):
    path: str = Field(
        min_length=1,
        max_length=200,
        description="接口的路径或其别名，/cgi-bin/ 可省略 / Path of an operation or an alias, "
        "/cgi-bin/ may be left out",
    )
    at_least: int = Field(default=1, ge=0)
    at_most: int | None = Field(default=None, ge=0, description="null：不限 / null: any number")
    errcode: int | None = Field(default=0, description="null：任意 / null: any")
    body_contains: dict[str, Any] = Field(
        default_factory=dict,
        description="请求体（GET 为查询参数）至少含有的字段；列表中的每个元素都要出现 / "
        "Fields that the body, or the query of a GET, has at least; of a list each element",
    )

    @model_validator(mode="after")
    def _least_is_not_over_most(self) -> Self:
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"at_most {self.at_most} is less than at_least {self.at_least}")
        return self


class VerifyRequest(ControlRequest):
    model_config = example(calls=[{"path": "externalcontact/remark", "at_least": 1}])

    calls: list[ExpectedCall] = Field(min_length=1, max_length=MOST_EXPECTED)
    in_order: bool = Field(
        default=False, description="是否须按此次序 / Whether they must come in this order, others in between"
    )


class FailureReply(TypedDict):
    index: Annotated[int, Field(description="calls 中的位置，从 0 起 / Place in calls, from 0")]
    path: str
    found: int
    reason_zh: str
    reason_en: str


class VerifyReply(TypedDict):
    ok: bool
    failures: list[FailureReply]


@router.post("/corps/{corpid}/calls/verify")
async def verify_calls(corpid: str, body: VerifyRequest, gateway: TheGateway) -> VerifyReply:
    """核对调用 / Verify calls

    核对企业的调用日志里是否有这些调用。不符的每一项都有一句说明，并列出该接口实际的调用。日志保留每个企业最近
    TOLLBOOTH_JOURNAL_CAPACITY 次调用。

    Whether the calls are in the corp's journal, which keeps the last TOLLBOOTH_JOURNAL_CAPACITY of a corp.
    Each that is not has a sentence with what was called instead.
    """
    expected = [_expected(gateway.operations, one) for one in body.calls]
    capacity = gateway.server.settings.journal_capacity

    def work(tx: Transaction) -> list[Made]:
        the_corp(tx, corpid)
        return [Made(entry) for entry in all_calls(tx, capacity, corpid)]

    failures = check(await gateway.server.read(work), expected, in_order=body.in_order)
    return {"ok": not failures, "failures": [_shown(failure) for failure in failures]}


def _shown(failure: Failure) -> FailureReply:
    return {
        "index": failure.index,
        "path": failure.path,
        "found": failure.found,
        "reason_zh": failure.reason_zh,
        "reason_en": failure.reason_en,
    }


def _expected(operations: Registry, one: ExpectedCall) -> Expected:
    path = one.path if one.path.startswith("/") else API + one.path
    operation = operations.find(path)
    if operation is None and path not in documented_titles():
        names = [operation.name for operation in operations]
        hint = meant(path.removeprefix(API), names, "GET /_sim/operations", most=1)
        raise SimError(422, f"body.calls: {one.path!r} is no operation; {hint}")
    paths = frozenset((operation.path, *operation.aliases) if operation else (path,))
    return Expected(one.path, paths, one.at_least, one.at_most, one.errcode, one.body_contains)
