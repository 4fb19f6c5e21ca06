"""A whole recording: all requests to a tree, in order."""

import random
import time
from dataclasses import dataclass
from pathlib import Path

from tests.same_answers.exchanges import in_json, write_line, written
from tests.same_answers.recorder import Recorder
from tests.same_answers.requests.documents import record_documents
from tests.same_answers.requests.fuzz import Fuzzer
from tests.same_answers.requests.operations import read_acts, read_operations
from tests.same_answers.requests.reads import read_everything, read_server
from tests.same_answers.requests.samples import record_samples
from tests.same_answers.requests.world import World
from tests.same_answers.stage import stage

FORMAT = 1
CALLS_OF_A_WORLD = 1250
"""The number of fuzzed calls after which a new corp replaces the previous one."""


@dataclass(frozen=True)
class Wanted:
    tree: Path
    python: str
    database: str = "sqlite"
    fuzzed: int = 5000
    seed: int = 1
    samples: bool = True
    documents: bool = True


def record(wanted: Wanted, out: Path) -> int:
    """Writes the recording; returns the number of its calls."""
    begun = time.monotonic()
    with stage(wanted.tree, wanted.python, wanted.database) as played, written(out) as file:
        head = {"format": FORMAT, "database": wanted.database, "seed": wanted.seed, "fuzzed": wanted.fuzzed}
        write_line(file, {"kind": "head", **head})
        recorder = Recorder(played, file)
        if wanted.documents:
            record_documents(recorder, wanted.tree / "docs")
        documented = recorder.calls
        _record_worlds(recorder, wanted)
    print(f"{recorder.calls} calls, {documented} of them from documents, in {time.monotonic() - begun:.0f} s")
    return recorder.calls


def _record_worlds(recorder: Recorder, wanted: Wanted) -> None:
    """On one server: the samples in the first world, then fuzzed calls in one world after the other."""
    recorder.server()
    operations = read_operations(recorder)
    fuzzer = Fuzzer(wanted.seed, operations, read_acts(recorder))
    worlds: list[World] = []
    if wanted.samples:
        read_server(recorder)
        worlds.append(World(recorder, 0))
        record_samples(worlds[0], operations, random.Random(wanted.seed))
        worlds.append(World(recorder, 1))
        worlds[1].destroy_everything()
    for first in range(0, wanted.fuzzed, CALLS_OF_A_WORLD):
        worlds.append(World(recorder, len(worlds)))
        numbers = range(first, min(first + CALLS_OF_A_WORLD, wanted.fuzzed))
        fuzzer.run(worlds[-1], worlds[-2] if len(worlds) > 1 else None, numbers)
    if len(worlds) > 1:
        recorder.send(in_json("DELETE", f"/_sim/corps/{worlds[0].corpid}"))
    corps = [world.corpid for world in worlds]
    read_everything(recorder, corps, [world.provider["provider_id"] for world in worlds])
