"""What Locust runs: users who do the steps of a mix. TOLLBOOTH_LOAD_PLAN is the path of the plan.

Durations are recorded here to the microsecond, because Locust's own statistics round them to milliseconds.
Each process writes one file into the plan's folder when the test ends.
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

from wecom_tollbooth.loadtest.mixes import Mix, Step, fill, pick, read_mix

PLAN = json.loads(Path(os.environ["TOLLBOOTH_LOAD_PLAN"]).read_text(encoding="utf-8"))
MIX: Mix = read_mix(PLAN["mix"])

_numbers = itertools.count()
durations: defaultdict[str, list[float]] = defaultdict(list)
failures: defaultdict[str, dict[str, int]] = defaultdict(dict)


def note(name: str, response_time: float, exception: Exception | None, **_: Any) -> None:
    """Records one call: its milliseconds, and why it failed if it did."""
    durations[name].append(response_time)
    if exception is not None:
        why = str(exception)[:200]
        failures[name][why] = failures[name].get(why, 0) + 1


def write_notes(**_: Any) -> None:
    if durations:
        begin = [step.name for step in MIX.begin]
        notes = {"begin": begin, "durations": durations, "failures": failures}
        Path(PLAN["folder"], f"notes-{os.getpid()}.json").write_text(json.dumps(notes), encoding="utf-8")


def update_clock(**_: Any) -> None:
    """Updates gevent's clock, which stops during imports; the run's time would start there otherwise."""
    gevent.get_hub().loop.update_now()


events.init.add_listener(update_clock)
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
        ready = [step for step in MIX.step if step.weight and step.needs() <= self.known.keys()]
        if ready:
            self.do(self.rng.choices(ready, [step.weight for step in ready])[0])

    def do(self, step: Step) -> None:
        body = fill(step.body, self.known)
        with self.client.request(
            step.method,
            fill(step.path, self.known),
            name=step.name,
            json=body,
            headers=fill(step.headers, self.known),
            catch_response=True,
        ) as answer:
            reply = _read(answer)
            problem = _problem(step, answer, reply)
            if problem:
                answer.failure(problem)
                return
            answer.success()
        for name, path in step.keep.items():
            found = pick(reply, path, self.rng)
            if found is not None:
                self.known[name] = found


def _read(answer: Any) -> Any:
    try:
        return json.loads(answer.text or "null")
    except ValueError:
        return None


def _problem(step: Step, answer: Any, reply: Any) -> str:
    """What is wrong with an answer, or ""."""
    if not answer.status_code:
        return f"no answer: {answer.error}"
    if not 200 <= answer.status_code < 300:
        return f"HTTP {answer.status_code}"
    if not MIX.errcode:
        return ""
    errcode = reply.get(MIX.errcode) if isinstance(reply, dict) else None
    if errcode == 0 or errcode in step.accept:
        return ""
    if errcode is None:
        return f"no {MIX.errcode} in the answer"
    return f"{MIX.errcode} {errcode}: {reply.get('errmsg', '')}".partition(", hint")[0]
