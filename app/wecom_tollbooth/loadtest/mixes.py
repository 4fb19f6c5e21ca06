"""Mixes: what the users of a load test do, as TOML files.

A step is one call. `{name}` in its path or body stands for a value that an earlier answer left (`keep`) or
that the plan gives; a text that is nothing but one placeholder becomes the value itself, whatever its type.
"""

import re
import tomllib
from pathlib import Path
from random import Random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SHIPPED = Path(__file__).parent / "mixes"
_PLACEHOLDER = re.compile(r"\{([a-z_][a-z_0-9.]*)\}")


class WrongMix(Exception):
    """A mix cannot be used. Its text is one sentence that names the file, the key and what would be right."""


class Step(BaseModel):
    """One call, chosen by its `weight`. `keep` names values of the answer, such as "stages.*.cards.*": of
    several that match, one at random. `accept` lists errcodes that are no failure.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    title_zh: str = ""
    weight: int = Field(default=1, ge=0)
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: str = Field(pattern="^/")
    body: dict[str, Any] | None = None
    headers: dict[str, str] = {}
    keep: dict[str, str] = {}
    accept: list[int] = []

    def needs(self) -> set[str]:
        """The names that must be known before the step can be done."""
        found: set[str] = set()
        _placeholders([self.path, self.body, self.headers], found)
        return {name.partition(".")[0] for name in found}


class Mix(BaseModel):
    """`begin` is done once by each user, in order; then `step` after `step`, with a pause to think between.

    `errcode` is the field of an answer that is 0 when all is well; empty: the HTTP status alone decides.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    title_zh: str = ""
    title_en: str = ""
    think_seconds: tuple[float, float] = (0.2, 0.8)
    errcode: str = "errcode"
    texts: list[str] = ["跟进"]
    begin: list[Step] = []
    step: list[Step] = Field(min_length=1)

    def shown(self) -> dict[str, str]:
        """What each step is called where a person reads it, in both languages, and all of them."""
        steps = (*self.begin, *self.step)
        return {step.name: f"{step.title_zh} {step.name}".strip() for step in steps} | {"all": "全部 all"}


def shipped() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read_mix(name_or_path: str) -> Mix:
    """A shipped mix by its name, or a file. Raises WrongMix."""
    path = SHIPPED / f"{name_or_path}.toml" if name_or_path in shipped() else Path(name_or_path)
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        mix = Mix.model_validate(found)
    except OSError:
        raise WrongMix(f"{name_or_path}: no such file, and no mix of ours ({', '.join(shipped())})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongMix(f"{path.name}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WrongMix(f"{path.name}: {where}: {first['msg']}") from None
    if mix.think_seconds[0] < 0 or mix.think_seconds[1] < mix.think_seconds[0]:
        raise WrongMix(f"{path.name}: think_seconds: write the shortest pause, then the longest")
    if not any(step.weight for step in mix.step):
        raise WrongMix(f"{path.name}: step: one at least needs a weight over 0")
    twice = {step.name for step in mix.begin} & {step.name for step in mix.step}
    if twice:
        raise WrongMix(
            f"{path.name}: begin {min(twice)!r}: a step has the same name; call one of them otherwise"
        )
    _refuse_unknown_names(path.name, mix)
    return mix


GIVEN = frozenset({"corpid", "secret", "now", "text", "number"})
"""What a run knows from the start: the plan's corp, the time, one of the mix's texts, a random number."""


def _refuse_unknown_names(file: str, mix: Mix) -> None:
    known = set(GIVEN)
    for step in mix.begin:
        missing = step.needs() - known
        if missing:
            raise WrongMix(f"{file}: begin {step.name!r}: nothing before it keeps {sorted(missing)[0]!r}")
        known |= step.keep.keys()
    for step in mix.step:
        known |= step.keep.keys()
    for step in mix.step:
        missing = step.needs() - known
        if missing:
            raise WrongMix(f"{file}: step {step.name!r}: no step keeps {sorted(missing)[0]!r}")


def fill(template: Any, values: dict[str, Any]) -> Any:
    """`template` with each placeholder replaced from `values`; raises KeyError for one that is missing."""
    if isinstance(template, dict):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values) for value in template]
    if not isinstance(template, str):
        return template
    whole = _PLACEHOLDER.fullmatch(template)
    if whole:
        return _value(whole[1], values)
    return _PLACEHOLDER.sub(lambda found: str(_value(found[1], values)), template)


def pick(answer: Any, path: str, rng: Random) -> Any:
    """The value at `path`, where `*` is any one of a list; None where there is none."""
    head, _, rest = path.partition(".")
    if head == "*":
        if not isinstance(answer, list) or not answer:
            return None
        # One that has what the rest asks for: an empty column of a board has no card.
        for place in rng.sample(range(len(answer)), len(answer)):
            found = pick(answer[place], rest, rng) if rest else answer[place]
            if found is not None:
                return found
        return None
    if not isinstance(answer, dict) or head not in answer:
        return None
    return pick(answer[head], rest, rng) if rest else answer[head]


def _value(name: str, values: dict[str, Any]) -> Any:
    head, *rest = name.split(".")
    value = values[head]
    for part in rest:
        value = value[part]
    return value


def _placeholders(template: Any, found: set[str]) -> None:
    if isinstance(template, str):
        found.update(_PLACEHOLDER.findall(template))
    elif isinstance(template, dict):
        _placeholders([*template.values()], found)
    elif isinstance(template, list):
        for value in template:
            _placeholders(value, found)
