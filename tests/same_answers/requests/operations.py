"""The tree's operations: their samples, parameters and permitted callers."""

from dataclasses import dataclass, field
from typing import Any

from tests.same_answers.exchanges import in_json
from tests.same_answers.recorder import Recorder

TOKENS = ("access_token", "suite_access_token", "provider_access_token", "key")
REFUSED_TO_KIND = frozenset({48002, 48009})


@dataclass
class Operation:
    path: str
    method: str
    token: str
    """The parameter of the caller's token; "" if none is needed."""
    permission: str
    sample: dict[str, Any]
    """The documented body, or the parameters of a GET with invented values."""
    aliases: list[str]
    holders: list[str] = field(default_factory=list)
    """Kinds of app that may call it."""

    @property
    def destroys(self) -> bool:
        return any(word in self.path.rpartition("/")[2] for word in ("del", "resigned", "finish"))


def read_operations(recorder: Recorder) -> list[Operation]:
    paths = recorder.send(in_json("GET", "/openapi.json")).json()["paths"]
    found = []
    for row in recorder.sim("GET", "/operations")["operations"]:
        described = paths[row["path"]][row["method"].lower()]
        names = {one["name"]: "integer" in str(one["schema"]) for one in described.get("parameters", ())}
        token = next((name for name in TOKENS if name in names), "")
        content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
        sample = content.get("example") or {
            name: 1 if is_number else f"{name}_1" for name, is_number in names.items() if name != token
        }
        found.append(Operation(row["path"], row["method"], token, row["permission"], sample, row["aliases"]))
    return found


def read_acts(recorder: Recorder) -> dict[str, dict[str, Any]]:
    """The JSON schema of the fields of each act, by its name."""
    return {act["act"]: act["fields"] for act in recorder.sim("GET", "/acts")["acts"]}
