"""Call: what a handler is given."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Scope

from wecom_tollbooth.billing.budgets import BudgetStatus
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.faults.meeting import Met
from wecom_tollbooth.gateway.errcodes import Code, Refusal
from wecom_tollbooth.gateway.files.answers import FileAnswer
from wecom_tollbooth.gateway.files.uploads import Received
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.gateway.shapes import RequestModel
from wecom_tollbooth.http_protocol.addresses import base_url
from wecom_tollbooth.world.context import Context


@dataclass(slots=True)
class ApiRequest:
    """The HTTP request; `scope` is what ASGI says of it."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    ip: str
    scope: Scope
    body_too_large: bool = False
    received: Received | None = None
    """What the body of an operation that takes a file brought; `body` is then the note for the journal."""
    under_way: tuple[str, str] | None = None
    """Where the request counts as under way; None: nowhere, or not yet."""
    counted: bool = False
    """True once the request was counted against the limits, so that a repeated attempt doesn't count."""
    arrived: float = field(default_factory=time.perf_counter)

    @property
    def base_url(self) -> str:
        """The address that the caller used, for addresses of this server in the answer."""
        return base_url(self.scope)


class Call(Context):
    """One API call on its way through the gateway, inside its one transaction.

    `corp_id`, `agentid` and `app_kind` are set when the token is recognized.
    """

    arguments: RequestModel
    """The request, read into the operation's shape."""
    # Defaults of the class: hardly a call has another value.
    generation: int = 0
    """Of the corp's rows: another one after each restore."""
    faulty_paths: str | None = None
    """The paths of the corp that have a planned fault, see faults/planning.py."""
    fault: Met | None = None
    """The planned fault that the call has met."""
    http_status: int | None = None
    """What a planned fault answers in place of 200."""
    latency_json: str | None = None
    """The corp's latency profile as stored; None: no delay."""
    strict: bool = False
    """Whether the corp wants advice: see gateway/advice."""
    given: dict[str, Any] | None = None
    """The fields as they were sent, once they were read."""

    def __init__(self, gateway: Gateway, db: Transaction, operation: Operation, request: ApiRequest) -> None:
        super().__init__(gateway.server.settings, db, "")
        self.gateway = gateway
        self.operation = operation
        self.request = request
        self.usage_id = self.next_id()
        self.trusted_ips: str | None = None
        """The addresses that the caller must call from, as stored; None: any."""
        self.wait_seconds = 0.0
        """How long the answer waits after the commit; other calls go on."""
        self.has_budget = False
        self.budget_status: BudgetStatus | None = None
        """The status of the corp's budget, if this call had it evaluated."""
        self.reply: dict[str, Any] = {}
        self.file: FileAnswer | None = None
        """What the call is answered with in place of `reply`, if the handler sets it."""
        self.after_refusal: list[Callable[[], object]] = []
        """What is written of a refused call, too, once what its handler did is rolled back."""
        self.after_commit: list[Callable[[], None]] = []
        """What is to be done once the call is committed, quickly."""
        self.contact_limit: int | None = None
        self.warned = False
        """True when part of the body could not be parsed: errmsg then says so."""
        self.notes: list[str] = []
        """Sentences for the journal about how the request was read, in plain English."""

    @property
    def counted_address(self) -> str:
        """The address by which limits count the call, once its time was read.

        A corp with a clock of its own shares no window with others, whose minutes are not its minutes.
        """
        return f"{self.corp_id}/{self.request.ip}" if self.has_own_clock else self.request.ip

    def take_corp(self, corp_id: str, own_shift: int | None, own_frozen_at: int | None) -> None:
        """Makes the call that of a corp with a clock of its own, whose time it takes.

        For operations without a token: a corp that follows the server's clock is not yet known by this.
        """
        if own_shift is not None:
            self.corp_id = corp_id
            self.take_time(0, None, own_shift, own_frozen_at)

    def refusal(self, errcode: int, detail: str) -> Refusal:
        assert isinstance(errcode, Code)
        return Refusal(errcode, detail=detail)

    def warn(self) -> None:
        """Notes that part of the body was not valid JSON and was left out or converted."""
        self.warned = True
