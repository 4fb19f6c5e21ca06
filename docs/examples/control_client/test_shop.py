"""A test in which the control API is called through a client that was generated from its OpenAPI document.

Generate the client first, from a server that runs:

    python -m pip install openapi-python-client
    openapi-python-client generate --url http://127.0.0.1:8800/_sim/openapi.json --meta none \
        --config config.yml --output-path tollbooth_control
"""

import os
import time
from collections.abc import Iterator
from typing import TypeVar

import httpx
import pytest
from tollbooth_control import AuthenticatedClient
from tollbooth_control.api.sim_callbacks import wait_for_callbacks
from tollbooth_control.api.sim_calls import plan_fault, verify_calls
from tollbooth_control.api.sim_corps import create_corp, delete_corp
from tollbooth_control.api.sim_world import perform_act, set_corp_clock
from tollbooth_control.models import (
    CorpClockRequest,
    CorpReply,
    CorpRequest,
    ErrorReply,
    ExpectedCall,
    FaultRequest,
    PerformActBody,
    SeedCustomer,
    SeedFile,
    SeedFollower,
    SeedMember,
    Then,
    VerifyRequest,
)

URL = os.environ.get("TOLLBOOTH_URL", "http://127.0.0.1:8800")
control = AuthenticatedClient(base_url=URL, token=os.environ.get("TOLLBOOTH_ADMIN_TOKEN", "none"))

T = TypeVar("T")


def answered(kind: type[T], reply: object) -> T:
    """The reply, if it is not a refusal."""
    assert isinstance(reply, kind), reply.error if isinstance(reply, ErrorReply) else reply
    return reply


@pytest.fixture
def corp() -> Iterator[CorpReply]:
    """A corp with exactly what the test needs."""
    seed = SeedFile(
        members=[SeedMember(userid="zhangsan")],
        customers=[SeedCustomer(external_userid="wmAlice", followers=[SeedFollower(userid="zhangsan")])],
    )
    made = answered(CorpReply, create_corp.sync(client=control, body=CorpRequest(name="奶茶店", seed=seed)))
    yield made
    delete_corp.sync(made.corpid, client=control)


def remark(corp: CorpReply, external_userid: str, text: str) -> None:
    """The code under test: asks again when the platform is busy, after a minute."""
    app = corp.apps[0]
    keys = {"corpid": corp.corpid, "corpsecret": app.secret}
    token = httpx.get(f"{URL}/cgi-bin/gettoken", params=keys).json()["access_token"]
    body = {"userid": "zhangsan", "external_userid": external_userid, "remark": text}
    for _ in range(3):
        reply = httpx.post(
            f"{URL}/cgi-bin/externalcontact/remark", params={"access_token": token}, json=body
        ).json()
        if reply["errcode"] != -1:
            break
        set_corp_clock.sync(corp.corpid, client=control, body=CorpClockRequest(advance_seconds=60))
    assert reply["errcode"] == 0, reply


def test_a_busy_platform_is_asked_again(corp: CorpReply) -> None:
    busy = FaultRequest(path="externalcontact/remark", times=1, then=Then(errcode=-1))
    plan_fault.sync(corp.corpid, client=control, body=busy)
    remark(corp, "wmAlice", "爱丽丝")
    expected = VerifyRequest(
        calls=[
            ExpectedCall(path="externalcontact/remark", errcode=-1, at_most=1),
            ExpectedCall(path="externalcontact/remark", errcode=0, at_most=1),
        ],
        in_order=True,
    )
    verified = verify_calls.sync(corp.corpid, client=control, body=expected)
    assert verified is not None
    assert verified.to_dict() == {"ok": True, "failures": []}


def test_a_new_customer_is_told_to_the_app(corp: CorpReply) -> None:
    act = PerformActBody(act="customer_adds_member")
    act["userid"] = "zhangsan"
    perform_act.sync(corp.corpid, client=control, body=act)
    begun = time.monotonic()
    told = wait_for_callbacks.sync(
        corp.corpid, client=control, change_type="add_external_contact", timeout_seconds=5
    )
    assert told is not None
    assert len(told.to_dict()["callbacks"]) == 1
    assert time.monotonic() - begun < 5


def test_a_refusal_says_what_would_be_right() -> None:
    seed = SeedFile(customers=[SeedCustomer(followers=[SeedFollower(userid="nobody")])])
    refused = answered(ErrorReply, create_corp.sync(client=control, body=CorpRequest(seed=seed)))
    assert refused.error == "seed: customers[0].followers[0].userid: there is no member 'nobody'"
