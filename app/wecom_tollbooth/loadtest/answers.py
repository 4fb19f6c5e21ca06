"""What is wrong with an answer, and what is kept of it."""

from random import Random
from typing import Any

from wecom_tollbooth.loadtest.mixes import Mix, Step, pick


def judged(
    mix: Mix, step: Step, status: int, reply: Any, rng: Random, why: object = ""
) -> tuple[str, dict[str, Any]]:
    """The problem with an answer, or "", and the values that the step keeps of it.

    `status` 0 means that no answer came; `why` says the reason.
    """
    problem, accepted = _problem(mix, step, status, reply, why)
    if problem:
        return problem, {}
    kept: dict[str, Any] = {}
    for name, path in step.keep.items():
        found = pick(reply, path.removesuffix("?"), rng)
        if found is not None:
            kept[name] = found
        elif not path.endswith("?") and not accepted:
            # An accepted refusal has nothing to keep; a good answer without it would stop later steps.
            problem = problem or f"keep {name}: the answer has nothing at {path}"
    return problem, kept


def _problem(mix: Mix, step: Step, status: int, reply: Any, why: object) -> tuple[str, bool]:
    """The problem, or "", and whether the answer only passes because the step accepts its code."""
    if not status:
        return f"no answer: {why}", False
    if not 200 <= status < 300:
        accepted = status in step.accept
        return ("" if accepted else f"HTTP {status}"), accepted
    if not mix.errcode:
        return "", False
    errcode = reply.get(mix.errcode) if isinstance(reply, dict) else None
    if errcode == 0 or errcode in step.accept:
        return "", errcode != 0
    if errcode is None:
        return f"no {mix.errcode} in the answer", False
    return f"{mix.errcode} {errcode}: {reply.get('errmsg', '')}".partition(", hint")[0], False


def why_never_run(mix: Mix, step: Step, known: set[str]) -> str:
    """Names a value that the step needs and that isn't known, with the steps that should have kept it."""
    missing = step.needs() - known
    if not missing:
        return f"never run: no user knew {', '.join(sorted(step.needs()))} at the same time"
    name = min(missing)
    keepers = [
        f"{other.name!r} at {other.keep[name]}" for other in (*mix.begin, *mix.step) if name in other.keep
    ]
    return f"never run: {{{name}}} was not found by {' or '.join(keepers)}"
