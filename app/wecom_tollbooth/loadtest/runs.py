"""Runs of a load test: one for each size and latency profile, with Locust as a separate process."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

SECONDS_TO_FINISH = 60
"""How long Locust may take in addition to the run, to start its processes and end its users."""
LOCUSTFILE = Path(__file__).parent / "locustfile.py"
ROOT = Path(__file__).resolve().parents[2]


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


@dataclass
class Run:
    """The result of one run; `contacts` is None for a system with its own data."""

    profile: str
    contacts: int | None
    seeding_seconds: float | None
    everything: Timing
    steps: dict[str, Timing]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def drive(plan: Plan, folder: Path) -> tuple[Timing, dict[str, Timing]]:
    """Runs the plan with Locust and returns the timing of all calls and of each step. Raises RunFailed."""
    plan_file = folder / "plan.json"
    plan_file.write_text(json.dumps({**asdict(plan), "folder": str(folder)}), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), "--headless", "--only-summary"),
        *("--users", str(plan.users), "--spawn-rate", str(plan.users), "--run-time", f"{plan.seconds}s"),
        *("--stop-timeout", "10", "--exit-code-on-error", "0", "--loglevel", "WARNING"),
        *(("--processes", str(plan.workers)) if plan.workers > 1 else ()),
    ]
    environment = {
        **os.environ,
        "TOLLBOOTH_LOAD_PLAN": str(plan_file),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=plan.seconds + SECONDS_TO_FINISH,
        )
    except subprocess.TimeoutExpired:
        raise RunFailed(f"Locust didn't end {SECONDS_TO_FINISH} s after the run") from None
    notes = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("notes-*.json"))]
    if not notes:
        raise RunFailed(f"Locust made no call: {(ended.stderr or ended.stdout)[-2000:]}")
    everything, steps = summed_up(notes, plan.seconds)
    if all(step.failures == step.calls for step in (everything, *steps.values())):
        reasons = [why for step in steps.values() for why in step.reasons]
        raise RunFailed(f"{plan.url}: every call failed: {reasons[0]}")
    return everything, steps


def summed_up(notes: list[dict[str, Any]], seconds: float) -> tuple[Timing, dict[str, Timing]]:
    """The timing of all steps together and of each step, from the notes of all processes.

    Steps of `begin` are shown separately and not included in the total: all users run them at the same
    moment, which no real team does.
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
    every: dict[str, int] = {}
    for step, counted in reasons.items():
        for why, count in counted.items() if step not in begin else ():
            every[why] = every.get(why, 0) + count
    steps = {step: _timing(some, reasons[step], seconds) for step, some in sorted(durations.items())}
    together = [one for step, some in durations.items() if step not in begin for one in some]
    return _timing(together, every, seconds), steps


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
