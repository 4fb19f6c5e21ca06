"""Intended differences, each named in a small TOML file.

[[allowed]]
name = "toll beside price"
path = "^/_sim/operations$"   # a regular expression, searched for in the path of the request
what = "added"                # added, removed, changed, order, text, status or header; any if left out
where = "\\\\.toll$"             # the same for the place in the answer or the name of the header
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.same_answers.differences import Difference

KEYS = frozenset({"name", "path", "what", "where"})


@dataclass(frozen=True)
class Allowed:
    name: str
    path: str = ""
    what: str = ""
    where: str = ""

    def allows(self, path: str, difference: Difference) -> bool:
        return bool(
            re.search(self.path, path)
            and self.what in ("", difference.what)
            and re.search(self.where, difference.where)
        )


def read_allowed(file: Path | None) -> list[Allowed]:
    """Raises ValueError for an entry without a name or with a key that says nothing."""
    if file is None:
        return []
    entries = tomllib.loads(file.read_text(encoding="utf-8")).get("allowed", [])
    for entry in entries:
        if "name" not in entry or not entry.keys() <= KEYS:
            raise ValueError(f"{file}: an entry has a name and of {sorted(KEYS)} what it needs: {entry}")
    return [Allowed(**entry) for entry in entries]
