"""Reading a seed file, YAML or JSON: what it says, and on which line each part of it stands."""

import json
from typing import Any

from pydantic import ValidationError

from wecom_tollbooth.seeds.described.faults import Path, Source, WrongSeed, together
from wecom_tollbooth.seeds.described.places import Step, lines_of_json
from wecom_tollbooth.seeds.described.shapes import SeedFile
from wecom_tollbooth.seeds.described.shapes.corp import MOST
from wecom_tollbooth.seeds.described.shapes.directory import SeedMember
from wecom_tollbooth.seeds.described.values import Unkeepable, refuse_unkeepable
from wecom_tollbooth.seeds.seeding import ADMIN, NAME_OF_ADMIN

LONG_LISTS = ("members", "customers", "groups")
AT_ONCE = 250
"""Of a long list: the validation of a whole file would let nobody else run for a second."""


class _Repeated(ValueError):
    """An object has a field twice."""


def read_text(text: str) -> Source:
    """The file's value and lines. Raises WrongSeed for what is neither JSON nor YAML."""
    text = text.removeprefix("\ufeff")
    try:
        source = _read(text)
        refuse_unkeepable(source.value)
    except Unkeepable as error:
        raise WrongSeed(source.fault(error.path, error.why)) from None
    except RecursionError:
        raise WrongSeed("the file is nested too deeply") from None
    return source


def _read(text: str) -> Source:
    from wecom_tollbooth.seeds.described.yaml_files import read_yaml  # its library takes its time

    if text.lstrip()[:1] not in ("{", "["):
        return Source(*read_yaml(text))
    try:
        value = json.loads(text, object_pairs_hook=_refuse_repeated)
    except _Repeated as error:
        read_yaml(text)  # knows the line
        raise WrongSeed(str(error)) from None
    except json.JSONDecodeError as error:
        try:
            return Source(*read_yaml(text))
        except WrongSeed:
            where = f"line {error.lineno}, column {error.colno}"
            raise WrongSeed(f"{where}: {error.msg}; this is no JSON") from None
    return Source(value, lambda path: lines_of_json(text, path))


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Repeated(f"{twice!r} is twice in one object")
    return value


def described(source: Source) -> SeedFile:
    """The corp that the file describes, checked field by field. Raises WrongSeed.

    A corp without members has the one of an empty corp.
    """
    if not isinstance(source.value, dict):
        raise WrongSeed("a seed file is an object with fields such as members and customers")
    value = {str(name): given for name, given in source.value.items()}
    lists = {name: value.pop(name) for name in LONG_LISTS if isinstance(value.get(name), list)}
    faults: list[tuple[Path, str]] = []
    file = _validated(source, value, (), faults) or SeedFile()
    for name, given in lists.items():
        if len(given) > MOST:
            faults.append(((name,), f"{len(given)} of them; a file has at most {MOST}"))
            continue
        for start in range(0, len(given), AT_ONCE):
            some = _validated(source, {name: given[start : start + AT_ONCE]}, (name, start), faults)
            if some is not None:
                getattr(file, name).extend(getattr(some, name))
    if faults:
        raise WrongSeed(together([source.fault(path, why) for path, why in faults]))
    file.members = file.members or [SeedMember(userid=ADMIN, name=NAME_OF_ADMIN)]
    return file


def _validated(
    source: Source, value: dict[str, Any], part: Path, faults: list[tuple[Path, str]]
) -> SeedFile | None:
    """The file with these fields; None and more faults where they are wrong.

    `part`: the value holds a part of one list, which begins at this index.
    """
    try:
        return SeedFile.model_validate(value)
    except ValidationError as error:
        # A field that may be of two types has an error for each.
        at: dict[Path, list[str]] = {}
        for one in error.errors(include_url=False, include_input=False):
            location = one["loc"]
            if part and len(location) > 1:
                location = (location[0], int(location[1]) + int(part[1]), *location[2:])
            path = _path_in(source.value, location)
            at.setdefault(path, []).append(_why(one, path))
        faults += [(path, ", or ".join(dict.fromkeys(reasons))) for path, reasons in at.items()]
        return None


def _why(error: Any, path: Path) -> str:
    if error["type"] == "extra_forbidden":
        return f"there is no such field{_meant(str(path[-1]))}"
    if error["type"] == "model_type":
        return "write an object"
    return str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "write")


def _meant(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, every_field(), n=2)
    return f"; did you mean {' or '.join(near)}?" if near else "; GET /_sim/seeds/schema lists them"


def every_field() -> list[str]:
    """The names of all fields of a seed file."""
    schema = SeedFile.model_json_schema()
    shapes = [schema, *schema.get("$defs", {}).values()]
    return sorted({name for shape in shapes for name in shape.get("properties", ())})


def _path_in(value: Any, location: tuple[Step, ...]) -> Path:
    """The location without the steps that pydantic adds for the members of a union."""
    path: list[Step] = []
    for place, step in enumerate(location):
        is_last = place == len(location) - 1
        if isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        elif isinstance(step, str) and isinstance(value, dict) and (step in value or is_last):
            value = value.get(step)
        else:
            continue
        path.append(step)
    return tuple(path)
