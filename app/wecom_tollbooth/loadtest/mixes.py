"""Mixes: what the users of a load test do, as TOML files.

A step is one call. `{name}` in its path or body is a value kept from an earlier answer (`keep`) or given by
the plan; a text that is only a placeholder becomes the value itself, of any type.
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
    """A mix can't be used; the text is one sentence with the file, the key and the fix."""


class NotFound(Exception):
    """A placeholder has no value; the text says which."""


class Step(BaseModel):
    """One call, chosen by its `weight`.

    `keep` names values of the answer by path, such as "stages.*.cards.*": one of the matches at random. An
    answer with nothing there is a failure, unless the path ends with "?". `accept` lists errcodes and HTTP
    statuses that don't count as failures.
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
        """The names that must be known before the step can run."""
        found: set[str] = set()
        _placeholders([self.path, self.body, self.headers], found)
        return {name.partition(".")[0] for name in found}


class Mix(BaseModel):
    """Each user runs `begin` once in order, then one `step` after the other with a pause between them.

    `errcode` is the field of an answer that is 0 on success; if empty, only the HTTP status counts.
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

    def titles_zh(self) -> dict[str, str]:
        """The Chinese title of each step that has one."""
        return {step.name: step.title_zh for step in (*self.begin, *self.step) if step.title_zh}


def shipped() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read_mix(name_or_path: str) -> Mix:
    """A shipped mix by its name, or a file. Raises WrongMix."""
    path = SHIPPED / f"{name_or_path}.toml" if name_or_path in shipped() else Path(name_or_path)
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        mix = Mix.model_validate(found)
    except OSError:
        raise WrongMix(f"{name_or_path}: no such file or shipped mix ({', '.join(shipped())})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongMix(f"{path.name}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WrongMix(f"{path.name}: {where}: {first['msg']}") from None
    if mix.think_seconds[0] < 0 or mix.think_seconds[1] < mix.think_seconds[0]:
        raise WrongMix(f"{path.name}: think_seconds: write the shortest pause, then the longest")
    if not any(step.weight for step in mix.step):
        raise WrongMix(f"{path.name}: step: at least one needs a weight above 0")
    twice = {step.name for step in mix.begin} & {step.name for step in mix.step}
    if twice:
        raise WrongMix(f"{path.name}: begin {min(twice)!r}: a step has the same name; rename one of them")
    _refuse_unknown_names(path.name, mix)
    return mix


GIVEN = frozenset({"corpid", "secret", "now", "text", "number"})
"""The names known from the start: the plan's corp, the time, one of the mix's texts, a random number."""


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
    """`template` with its placeholders replaced by `values`. Raises NotFound."""
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
    """The value at `path`, where `*` is any element of a list; None without one."""
    head, _, rest = path.partition(".")
    if head == "*":
        if not isinstance(answer, list) or not answer:
            return None
        # An element that has the rest of the path: an empty column of a board has no card.
        for place in rng.sample(range(len(answer)), len(answer)):
            found = pick(answer[place], rest, rng) if rest else answer[place]
            if found is not None:
                return found
        return None
    if not isinstance(answer, dict) or head not in answer:
        return None
    return pick(answer[head], rest, rng) if rest else answer[head]


def _value(name: str, values: dict[str, Any]) -> Any:
    value: Any = values
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            raise NotFound(f"{{{name}}}: what was kept has no {part!r}")
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
