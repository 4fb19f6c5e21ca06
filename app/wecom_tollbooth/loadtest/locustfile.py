"""What Locust runs: users who do the steps of a mix. TOLLBOOTH_LOAD_PLAN is the path of the plan.

Durations are recorded here to the microsecond, because Locust's own statistics round them to milliseconds.
Each process writes one file into the plan's folder when the test ends, and its progress meanwhile.
"""

import itertools
import json
import os
import random
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, events, task
from locust.env import Environment
from locust.runners import WorkerRunner

from wecom_tollbooth.loadtest.answers import judged, why_never_run
from wecom_tollbooth.loadtest.mixes import Mix, NotFound, Step, fill, read_mix

PLAN = json.loads(Path(os.environ["TOLLBOOTH_LOAD_PLAN"]).read_text(encoding="utf-8"))
MIX: Mix = read_mix(PLAN["mix"])

_numbers = itertools.count()
durations: defaultdict[str, list[float]] = defaultdict(list)
failures: defaultdict[str, dict[str, int]] = defaultdict(dict)
possible: set[str] = set()
"""The names of the steps whose values some user knew."""
known_names: set[str] = set()
"""The names of the values that some user knew."""
SECONDS_BETWEEN_PROGRESS = 0.5


def note(name: str, response_time: float, exception: Exception | None, **_: Any) -> None:
    """Records one call: its milliseconds, and why it failed if it did."""
    durations[name].append(response_time)
    if exception is not None:
        note_failure(name, str(exception)[:200])


def note_failure(name: str, why: str) -> None:
    failures[name][why] = failures[name].get(why, 0) + 1


def write_notes(**_: Any) -> None:
    if durations:
        steps = MIX.step if known_names else []
        never = [step for step in steps if step.weight and step.name not in possible]
        notes = {
            "begin": [step.name for step in MIX.begin],
            "durations": durations,
            "failures": failures,
            "never": {step.name: why_never_run(MIX, step, known_names) for step in never},
        }
        Path(PLAN["folder"], f"notes-{os.getpid()}.json").write_text(json.dumps(notes), encoding="utf-8")


def tell_progress(**_: Any) -> None:
    gevent.spawn(_tell_progress)


def _tell_progress() -> None:
    shown = Path(PLAN["folder"], f"progress-{os.getpid()}.json")
    while True:
        calls = sum(map(len, durations.values()))
        failed = sum(count for reasons in failures.values() for count in reasons.values())
        fresh = shown.with_suffix(".new")
        fresh.write_text(json.dumps({"calls": calls, "failures": failed}), encoding="utf-8")
        fresh.replace(shown)
        gevent.sleep(SECONDS_BETWEEN_PROGRESS)


def end_in_time(environment: Environment, **_: Any) -> None:
    """Ends the run its seconds after all users have started.

    Locust's own run time begins earlier, and on a busy machine its processes take a second to start users.
    """

    def begin(**_: Any) -> None:
        runner = environment.runner
        if runner is not None and not isinstance(runner, WorkerRunner):
            # gevent's clock stops during imports; the seconds would begin there otherwise.
            gevent.get_hub().loop.update_now()
            gevent.spawn_later(PLAN["seconds"], runner.quit)

    environment.events.spawning_complete.add_listener(begin)


events.init.add_listener(end_in_time)
events.test_start.add_listener(tell_progress)
events.request.add_listener(note)
events.test_stop.add_listener(write_notes)


class Salesman(FastHttpUser):
    """One member of the team."""

    host = PLAN["url"]

    def wait_time(self) -> float:
        return self.rng.uniform(*MIX.think_seconds)

    def on_start(self) -> None:
        process = getattr(self.environment.runner, "worker_index", 0)
        self.rng = random.Random(f"{PLAN['seed']}/{process}/{next(_numbers)}")
        self.known: dict[str, Any] = {"corpid": PLAN["corpid"], "secret": PLAN["secret"]}
        for step in MIX.begin:
            self.do(step)

    @task
    def next_step(self) -> None:
        """One of the steps whose values are known, by weight."""
        self.known |= {
            "now": int(time.time()),
            "text": self.rng.choice(MIX.texts),
            "number": self.rng.randrange(2**31),
        }
        known_names.update(self.known)
        ready = [step for step in MIX.step if step.weight and step.needs() <= self.known.keys()]
        possible.update(step.name for step in ready)
        if ready:
            self.do(self.rng.choices(ready, [step.weight for step in ready])[0])

    def do(self, step: Step) -> None:
        if not step.needs() <= self.known.keys():
            note_failure(step.name, why_never_run(MIX, step, set(self.known)))
            return
        try:
            path, body, headers = fill([step.path, step.body, step.headers], self.known)
        except NotFound as missing:
            note_failure(step.name, str(missing))
            return
        with self.client.request(
            step.method, path, name=step.name, json=body, headers=headers, catch_response=True
        ) as answer:
            status, why = answer.status_code or 0, getattr(answer, "error", "")
            problem, kept = judged(MIX, step, status, _read(answer), self.rng, why)
            if problem:
                answer.failure(problem)
            else:
                answer.success()
        self.known |= kept


def _read(answer: Any) -> Any:
    try:
        return json.loads(answer.text or "null")
    except ValueError:
        return None
