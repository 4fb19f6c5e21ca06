"""Small mutations of requests from a seeded generator."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

HOSTILE: tuple[Any, ...] = (
    None, "", "None", "字" * 40, "👩‍👩‍👧‍👦\u202e\x7f", "'; --", "\x00", " ", "0", "-1", "true", "{}",
    0, -1, 1, 2, 101, 1001, 2**31, 2**32, 2**63 - 1, -(2**63), 10**30, 1.5, 1e300, True, False,
    [], [""], [None], [0, -1, 2**31], ["zhangsan"] * 3, [[]], {}, {"a": {"b": [None]}}, [{"a": 1}],
)  # fmt: skip
FOR_DUE_TIMES: tuple[Any, ...] = (None, "", "soon", 1.5, True, [], {}, 10**30, 4070880001)
"""Tasks at a past time would run in the background at an unpredictable moment."""
DUE_TIMES = frozenset({"next_time", "expires_at"})
LONG = (64, 128, 1025, 5000)
MANY = (101, 1001)

Spot = tuple[Any, Any]
"""A dict or list, and the key or place in it."""


def spots(value: Any) -> Iterator[Spot]:
    """Every place of the body with a value."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield value, key
        yield from spots(inner)


def mutated(rng: random.Random, body: dict[str, Any], times: int) -> dict[str, Any]:
    """The body after this number of random changes."""
    whole = copy.deepcopy(body)
    for _ in range(times):
        places = list(spots(whole))
        if not places or rng.random() < 0.08:
            name = rng.choice(("no_such_field", "agent_id", "cursor", "limit"))
            whole[name] = copy.deepcopy(rng.choice(HOSTILE))
            continue
        holder, key = rng.choice(places)
        if key in DUE_TIMES:
            holder[key] = rng.choice(FOR_DUE_TIMES)
        else:
            rng.choice(CHANGES)(rng, holder, key)
    return whole


def _drop(rng: random.Random, holder: Any, key: Any) -> None:
    del holder[key]


def _replace(rng: random.Random, holder: Any, key: Any) -> None:
    holder[key] = copy.deepcopy(rng.choice(HOSTILE))


def _lengthen(rng: random.Random, holder: Any, key: Any) -> None:
    value = holder[key]
    if isinstance(value, list) and value:
        holder[key] = [copy.deepcopy(value[0]) for _ in range(rng.choice(MANY))]
    else:
        holder[key] = rng.choice("a字 ") * rng.choice(LONG)


def _retype(rng: random.Random, holder: Any, key: Any) -> None:
    """The value as another type, which a lenient reader may accept."""
    value = holder[key]
    if isinstance(value, list):
        holder[key] = value[0] if value else {}
    elif isinstance(value, bool):
        holder[key] = int(value)
    elif isinstance(value, int):
        holder[key] = rng.choice((str(value), float(value), value + 1, value - 1, -value))
    elif isinstance(value, str):
        holder[key] = rng.choice(
            ([value], int(value) if value.isdecimal() and len(value) < 10 else value + "x")
        )
    else:
        holder[key] = [value]


def _repeat(rng: random.Random, holder: Any, key: Any) -> None:
    value = holder[key]
    holder[key] = value + copy.deepcopy(value) if isinstance(value, list) else [value, copy.deepcopy(value)]


def _case(rng: random.Random, holder: Any, key: Any) -> None:
    value = holder[key]
    if isinstance(value, str):
        holder[key] = rng.choice((value.upper(), value.lower(), f" {value} ", value[::-1], value + "\n"))


CHANGES: tuple[Callable[[random.Random, Any, Any], None], ...] = (
    _drop, _drop, _replace, _replace, _replace, _lengthen, _retype, _retype, _repeat, _case,
)  # fmt: skip


def broken(rng: random.Random, body: dict[str, Any]) -> bytes:
    """The body as broken, or nearly broken, JSON."""
    text = json.dumps(body, ensure_ascii=False).encode()
    ways: tuple[bytes, ...] = (
        b"", b"null", b"[]", b"0", b'"text"', b"{", b"{}{}", text[:-1], text[: len(text) // 2], text + b",",
        b"\xef\xbb\xbf" + text, b"\xff\xfe" + text, text.replace(b'"', b"'"), text.replace(b":", b"=", 1),
        b"[" + text + b"]", text[:-1] + b', "limit": NaN}', text[:-1] + b', "limit": 1, "limit": 2}',
        text + b"\x00", b" \n" + text + b"\n", b"[" * 2000, json.dumps(body).encode("utf-16"),
    )  # fmt: skip
    return rng.choice(ways)
