"""Many threads on one corp: every call is answered, and the ledger has each answer once."""

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Corp, WeCom

THREADS = 32
ROUNDS = 2

TOKEN = "gettoken"
LIST, GET = "externalcontact/list", "externalcontact/get"
REMARK, MARK = "externalcontact/remark", "externalcontact/mark_tag"
TAGS, NEW_TAG = "externalcontact/get_corp_tag_list", "externalcontact/add_corp_tag"
BATCH = "externalcontact/batch/get_by_user"

UNKNOWN_CUSTOMER, CONFLICT = 40096, 45035
"""The deliberate refusals, and the conflict of two calls on the same member and customer."""

Answered = Counter[tuple[str, bool]]
"""The number of answers of each operation, by whether they were charged."""


@pytest.fixture
def crowded_corp(start_server: Any) -> Corp:
    """A corp on a server without a concurrency limit."""
    corp: Corp = start_server(limit_concurrency=1_000).make_corp(seed="demo")
    return corp


def test_the_ledger_has_every_answer_of_many_threads_once(crowded_corp: Corp) -> None:
    callers = [crowded_corp.client() for _ in range(THREADS)]
    customers = callers[0].get(LIST, userid="zhangsan")["external_userid"]
    tag_id = callers[0].post(TAGS)["tag_group"][0]["tag"][0]["id"]
    answered: Answered = Counter({(TOKEN, True): THREADS, (LIST, True): 1, (TAGS, True): 1})
    errcodes: Counter[int] = Counter()
    lock = threading.Lock()

    def run(place: int, wecom: WeCom) -> None:
        for operation, fields in mixed_calls(place, customers, tag_id):
            ask = wecom.get if operation in (LIST, GET) else wecom.post
            errcode = ask(operation, **fields)["errcode"]
            with lock:
                answered[operation, errcode == 0] += 1
                errcodes[errcode] += 1

    threads = [threading.Thread(target=run, args=started) for started in enumerate(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    calls_of_a_thread = len(list(mixed_calls(0, customers, tag_id)))
    assert errcodes.total() == THREADS * calls_of_a_thread
    assert set(errcodes) <= {0, UNKNOWN_CUSTOMER, CONFLICT}
    assert errcodes[UNKNOWN_CUSTOMER] == THREADS * ROUNDS
    assert ledger_of(crowded_corp) == answered


def mixed_calls(place: int, customers: list[str], tag_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Reads, writes and a refused call in turn, on customers that all threads share."""
    for number in range(ROUNDS):
        customer = customers[(place + number) % len(customers)]
        pair = {"userid": "zhangsan", "external_userid": customer}
        text = f"{place}/{number}"
        yield LIST, {"userid": "zhangsan"}
        yield GET, {"external_userid": customer}
        yield REMARK, {**pair, "remark": text}
        yield MARK, {**pair, "remove_tag" if number % 2 else "add_tag": [tag_id]}
        yield REMARK, {**pair, "external_userid": "wm" + "0" * 30, "remark": "lost"}
        yield NEW_TAG, {"group_name": "共用", "tag": [{"name": text}]}
        yield TAGS, {}
        yield BATCH, {"userid_list": ["zhangsan"], "limit": 10}


def ledger_of(corp: Corp) -> Answered:
    """The calls in the corp's usage."""
    counted: Answered = Counter()
    for path, calls in corp.sim("usage")["calls"]["by_operation"].items():
        operation = path.removeprefix("/cgi-bin/")
        counted[operation, True] += calls["charged"]
        counted[operation, False] += calls["refused"]
    return +counted
