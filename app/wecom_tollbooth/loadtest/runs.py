"""Runs of a load test: one for each size and latency profile, with Locust as a separate process."""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

SECONDS_TO_START = 30
"""How long users may take to start."""
SECONDS_TO_FINISH = 60
"""How long Locust may take in addition to the run, to start its processes and end its users."""
LOCUSTFILE = Path(__file__).parent / "locustfile.py"
ROOT = Path(__file__).resolve().parents[2]
OURS = "tollbooth"
"""The system of runs against a tollbooth."""
AS_IT_IS = "as it is"
"""The profile of a system with its own data, whose latency isn't ours to choose."""
SURE_P99_CALLS = 1000
"""Fewer calls than this leave fewer than ten above their p99, so chance moves it."""
SECONDS_BETWEEN_LOOKS = 0.2


class RunFailed(Exception):
    """A run failed; the text is for people."""


@dataclass(frozen=True)
class Plan:
    """One run: which users run which mix, against which address, for how long."""

    url: str
    mix: str
    corpid: str
    secret: str
    users: int
    seconds: int
    workers: int = 1
    seed: int = 1


@dataclass
class Timing:
    """The calls of one step or of all, in milliseconds; percentiles are nearest-rank."""

    calls: int
    failures: int
    calls_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def p99_is_rough(self) -> bool:
        """Whether the p99 rests on too few calls."""
        return self.calls < SURE_P99_CALLS

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "p99_is_rough": self.p99_is_rough}


@dataclass
class Run:
    """The result of one run; `contacts` is None where nobody said how many customers a system has."""

    profile: str
    contacts: int | None
    seeding_seconds: float | None
    everything: Timing
    steps: dict[str, Timing]
    system: str = OURS

    def as_json(self) -> dict[str, Any]:
        return {
            "system": self.system,
            "profile": self.profile,
            "contacts": self.contacts,
            "seeding_seconds": self.seeding_seconds,
            "everything": self.everything.as_json(),
            "steps": {name: step.as_json() for name, step in self.steps.items()},
        }


def run_from_json(found: dict[str, Any]) -> Run:
    """The run that `as_json` wrote. Raises KeyError or TypeError for anything else."""
    return Run(
        found["profile"],
        found["contacts"],
        found["seeding_seconds"],
        _timing_from_json(found["everything"]),
        {name: _timing_from_json(step) for name, step in found["steps"].items()},
        found.get("system", OURS),
    )


def _timing_from_json(found: dict[str, Any]) -> Timing:
    return Timing(**{name: value for name, value in found.items() if name != "p99_is_rough"})


@dataclass(frozen=True)
class Progress:
    """What a run has done so far; `seconds` begin with its first call."""

    seconds: float
    calls: int
    failures: int


def drive(
    plan: Plan, folder: Path, on_progress: Callable[[Progress], None] | None = None
) -> tuple[Timing, dict[str, Timing]]:
    """Runs the plan with Locust and returns the timing of all calls and of each step. Raises RunFailed.

    `on_progress` is called several times a second.
    """
    plan_file = folder / "plan.json"
    plan_file.write_text(json.dumps({**asdict(plan), "folder": str(folder)}), encoding="utf-8")
    # The locustfile ends the run in time; this is for users that don't start.
    latest = f"{plan.seconds + SECONDS_TO_START}s"
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), "--headless", "--only-summary"),
        *("--users", str(plan.users), "--spawn-rate", str(plan.users), "--run-time", latest),
        *("--stop-timeout", "10", "--exit-code-on-error", "0", "--loglevel", "WARNING"),
        *(("--processes", str(plan.workers)) if plan.workers > 1 else ()),
    ]
    environment = {
        **os.environ,
        "TOLLBOOTH_LOAD_PLAN": str(plan_file),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }
    log = folder / "locust.log"
    with log.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=written, stderr=subprocess.STDOUT
        )
    try:
        _watch(process, folder, plan.seconds, on_progress)
    finally:
        _stop(process)
    notes = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("notes-*.json"))]
    if not notes:
        said = log.read_text(encoding="utf-8", errors="replace")
        raise RunFailed(f"Locust made no call: {said[-2000:]}")
    everything, steps = summed_up(notes, plan.seconds)
    if all(step.failures >= step.calls for step in (everything, *steps.values())):
        reasons = [why for step in steps.values() if step.calls for why in step.reasons]
        raise RunFailed(f"{plan.url}: every call failed: {reasons[0]}")
    return everything, steps


def _watch(
    process: subprocess.Popen[bytes],
    folder: Path,
    seconds: int,
    on_progress: Callable[[Progress], None] | None,
) -> None:
    """Waits for the end of the process and passes its progress on. Raises RunFailed if it takes too long."""
    latest = time.monotonic() + seconds + SECONDS_TO_FINISH
    first_call: float | None = None
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_BETWEEN_LOOKS)
            return
        now = time.monotonic()
        if now > latest:
            raise RunFailed(f"Locust didn't end {SECONDS_TO_FINISH} s after the run")
        calls, failures = _done_so_far(folder)
        if calls and first_call is None:
            first_call = now
        if on_progress is not None:
            on_progress(Progress(0.0 if first_call is None else now - first_call, calls, failures))


def _done_so_far(folder: Path) -> tuple[int, int]:
    """Calls and failures of all processes of a run."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("progress-*.json")]
    return sum(one["calls"] for one in found), sum(one["failures"] for one in found)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def summed_up(notes: list[dict[str, Any]], seconds: float) -> tuple[Timing, dict[str, Timing]]:
    """The timing of all steps together and of each step, from the notes of all processes.

    Steps of `begin` are shown separately and not included in the total: all users run them at the same
    moment, which no real team does. A step that could never run has no call and one failure.
    """
    begin = {step for note in notes for step in note["begin"]}
    durations: defaultdict[str, list[float]] = defaultdict(list)
    reasons: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for note in notes:
        for step, some in note["durations"].items():
            durations[step] += some
        for step, counted in note["failures"].items():
            for why, count in counted.items():
                reasons[step][why] = reasons[step].get(why, 0) + count
    for step, why in _never_run(notes).items():
        durations[step] = []
        reasons[step][why] = 1
    for step in reasons:
        durations.setdefault(step, [])  # a step of which no call was made has a row too
    every: dict[str, int] = {}
    for step, counted in reasons.items():
        for why, count in counted.items() if step not in begin else ():
            every[why] = every.get(why, 0) + count
    steps = {step: _timing(some, reasons[step], seconds) for step, some in sorted(durations.items())}
    together = [one for step, some in durations.items() if step not in begin for one in some]
    return _timing(together, every, seconds), steps


def _never_run(notes: list[dict[str, Any]]) -> dict[str, str]:
    """The steps that no process could run, and why."""
    first, *rest = (note.get("never", {}) for note in notes)
    return {step: why for step, why in first.items() if all(step in other for other in rest)}


def percentile(ordered: list[float], percent: int) -> float:
    """The nearest-rank percentile of durations in rising order."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def _timing(durations: list[float], reasons: dict[str, int], seconds: float) -> Timing:
    ordered = sorted(durations) or [0.0]
    return Timing(
        calls=len(durations),
        failures=sum(reasons.values()),
        calls_per_second=round(len(durations) / seconds, 2),
        p50_ms=round(percentile(ordered, 50), 3),
        p95_ms=round(percentile(ordered, 95), 3),
        p99_ms=round(percentile(ordered, 99), 3),
        max_ms=round(ordered[-1], 3),
        reasons=reasons,
    )


@contextmanager
def own_server(folder: Path, database_url: str | None) -> Iterator[str]:
    """A temporary tollbooth on a free port of loopback, without rate limits; yields its address."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOLLBOOTH_")} | {
        "TOLLBOOTH_DATABASE_URL": database_url or f"sqlite:///{folder / 'load.db'}",
        "TOLLBOOTH_RATE_LIMITS": "off",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }
    log = folder / "server.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "wecom_tollbooth", "serve", "--host", "127.0.0.1", "--port", "0"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        address = next((word for word in line.split() if word.startswith("http://")), None)
        if address is None:
            raise RunFailed(f"the server did not start: {log.read_text()[-2000:]}")
        yield address
    finally:
        process.terminate()
        process.stdout.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
