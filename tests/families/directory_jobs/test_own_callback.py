"""The callback that an import names gets batch_job_result, with the keys that came along."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.callbacks.receiver import Receiver
from tests.families.directory_jobs.jobs import DEPARTMENTS, Directory
from wecom_tollbooth.callbacks import crypto

TOKEN, KEY = "ownToken1", "IJUiXNpvGbODwKEBSEsAeOAPAhkqHqNCF6g19t9wfg2"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver(lambda query: b"")
    yield receiver
    receiver.close()


def test_the_event_goes_to_the_named_address_and_not_to_the_app(
    start_server: Any, receiver: Receiver
) -> None:
    directory = Directory(start_server())
    address = {"url": receiver.url, "token": TOKEN, "encodingaeskey": KEY}
    jobid = directory.submit("replaceparty", DEPARTMENTS, "研发,2,1,", callback=address)
    directory.pass_time()
    [(query, body)] = receiver.wait_for(1)
    encrypted = re.search(rb"<Encrypt><!\[CDATA\[(.*?)\]\]>", body)
    assert encrypted
    sealed = encrypted[1].decode()
    assert crypto.signature(TOKEN, query["timestamp"], query["nonce"], sealed) == query["msg_signature"]
    xml = crypto.decrypt(KEY, sealed, directory.corp.corpid).decode()
    assert f"<JobId><![CDATA[{jobid}]]>" in xml
    [shown] = directory.corp.sim("callbacks", event="batch_job_result")["callbacks"]
    assert shown["agentid"] == directory.sync.agentid
    place = f"/corps/{directory.corp.corpid}/callbacks/{shown['id']}/replay"
    assert directory.server.sim.post(place).json()["state"] == "waiting"
    assert len(receiver.wait_for(2)) == 2


def test_an_address_that_is_wrong_fails_and_is_named_in_the_attempt(start_server: Any) -> None:
    server = start_server(callback_retries=0)
    directory = Directory(server)
    for address in ({"url": "xxx", "token": "x", "encodingaeskey": "x"}, {"url": "http://127.0.0.1:1/x"}):
        directory.submit("replaceparty", DEPARTMENTS, "研发,2,1,", callback=address)
        directory.pass_time()
    directory.submit("replaceparty", DEPARTMENTS, "研发,2,1,", callback={"token": "x"})
    directory.pass_time()
    states = wait_until_tried(directory, 2)
    assert states == ["failed", "failed", "kept"]


def wait_until_tried(directory: Directory, count: int) -> list[str]:
    import time

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = directory.corp.sim("callbacks", event="batch_job_result")["callbacks"]
        if sum(bool(one["attempts"]) for one in found) == count:
            return [one["state"] for one in found]
        time.sleep(0.02)
    raise AssertionError("the attempts were not made")
