"""YAML as a seed file has it: YAML 1.2's plain types, no repeated fields, and the line of each part."""

import re
from collections.abc import Callable
from typing import Any, ClassVar

import yaml

from wecom_tollbooth.seeds.described.faults import Path, WrongSeed

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Of unquoted words, only true, false, null and numbers are not text.

    YAML 1.1, which the library reads, also takes yes and no for truth values, 10:30 for a number of seconds
    and 2026-08-01 for a date.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))


def read_yaml(text: str) -> tuple[Any, Callable[[Path], int | None]]:
    """The value of the only document in it, and what finds lines. Raises WrongSeed."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return {}, lambda _: None
        _refuse_repeated(root)
        return loader.construct_document(root), lambda path: _line(root, path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise WrongSeed(f"{where}{error.problem or error.context}; this is no YAML") from None
    except yaml.YAMLError as error:
        raise WrongSeed(f"this is no YAML: {' '.join(str(error).split())}") from None
    except WrongSeed:
        raise
    except (ValueError, TypeError) as error:
        raise WrongSeed(f"this is no YAML: {error}") from None
    finally:
        loader.dispose()


def _refuse_repeated(root: Any) -> None:
    """Of two fields of one name, YAML's library would take the last one."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            names = set()
            for key, value in node.value:
                if key.value != "<<" and isinstance(key, yaml.ScalarNode):
                    if key.value in names:
                        raise WrongSeed(f"line {key.start_mark.line + 1}: {key.value!r} is here twice")
                    names.add(key.value)
                waiting.append(value)


def _line(node: Any, path: Path) -> int:
    """The line of the last part of the path that is there; the line of a field is that of its name."""
    line: int = node.start_mark.line
    for step in path:
        found = None
        if isinstance(step, int) and isinstance(node, yaml.SequenceNode) and step < len(node.value):
            found = node.value[step]
            line = found.start_mark.line
        elif isinstance(step, str) and isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == step:
                    found, line = value, key.start_mark.line
        if found is None:
            break
        node = found
    return line + 1
