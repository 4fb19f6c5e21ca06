"""Random scripts of calls, each played twice: again, on other servers, over several workers."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import Databases, RunningServer
from tests.determinism.recording import busy, differences, play, port_of
from tests.same_answers.trees import Tree

TREE = Path(__file__).resolve().parents[2]
SCRIPTS, CALLS = 100, 60


@pytest.fixture(scope="module")
def other(databases: Databases) -> Iterator[int]:
    """The port of a server in a process of its own, which orders sets otherwise."""
    tree = Tree(TREE, sys.executable)
    url = databases.new_url()
    served = tree.serve(url, {"PYTHONHASHSEED": "7", "TOLLBOOTH_UNKNOWN_MEDIA": "accept"})
    yield served.port
    served.stop()
    tree.close()
    databases.remove(url)


def play_twice(first: int, second: int, seed: int) -> int:
    """Plays the script `seed` on the servers at both ports; returns how many exchanges were the same."""
    key = f"scripts/{seed}"
    played = play(first, key=key, seed=seed, fuzzed=CALLS)
    found = list(differences(played, play(second, key=key, seed=seed, fuzzed=CALLS)))
    assert not found, f"script {seed}: {found[0]}"
    return len(played)


@given(seed=st.integers(0, 10**6))
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_a_random_script_gives_the_same_bytes_again(server: RunningServer, seed: int) -> None:
    """On the same server: its corps were deleted, and their keys are free."""
    play_twice(port_of(server), port_of(server), seed)


@pytest.mark.slow
def test_100_of_100_scripts_give_the_same_bytes(server: RunningServer, other: int) -> None:
    exchanges = 0
    with busy(server.base_url), busy(f"http://127.0.0.1:{other}"):
        for seed in range(10**7, 10**7 + SCRIPTS):
            exchanges += play_twice(port_of(server), other, seed)
    print(f"{SCRIPTS} scripts, {exchanges} exchanges, all the same")


@pytest.mark.slow
def test_the_sample_of_each_operation_gives_the_same_bytes(server: RunningServer, other: int) -> None:
    first = play(port_of(server), key="samples", seed=5, fuzzed=500, samples=True)
    second = play(other, key="samples", seed=5, fuzzed=500, samples=True)
    assert not list(differences(first, second))


@pytest.mark.postgresql
def test_several_workers_give_the_same_bytes_as_one(start_server: Any, server: RunningServer) -> None:
    first: RunningServer = start_server()
    second: RunningServer = start_server(database_url=first.server.settings.database_url)
    by_two = play(port_of(first), port_of(second), key="workers", seed=8, fuzzed=CALLS)
    by_one = play(port_of(server), key="workers", seed=8, fuzzed=CALLS)
    # Calls of one second are listed by their numbers, of which each worker has some.
    played = [[one for one in exchanges if "/calls?" not in one.asked] for exchanges in (by_two, by_one)]
    assert not list(differences(*played))
