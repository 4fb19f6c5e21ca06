"""Broken JSON: what is before the fault counts, the rest does not."""

import gc
import json
import string
import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.savings import examples
from wecom_tollbooth.gateway.reading.lenient_json import (
    BYTES_AT_MOST,
    MEMBERS_AT_MOST,
    NESTED_AT_MOST,
    is_too_deep,
    read_partly,
)
from wecom_tollbooth.gateway.shapes import parse_json

# --- examples --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ('{"userid":"a","remark":"b",}', {"userid": "a", "remark": "b"}),
        ('{"userid":"a","remark":"b"', {"userid": "a", "remark": "b"}),
        ('{"userid":"a","remark":"b', {"userid": "a"}),
        ('{"userid":"a","remark":}', {"userid": "a"}),
        ('{"userid":"a" "remark":"b"}', {"userid": "a"}),
        ('{"userid":"a","remark":"b"}}', {"userid": "a", "remark": "b"}),
        ('{"userid":"a"} trailing', {"userid": "a"}),
        ('{"userid":"a","remark":\'b\'}', {"userid": "a"}),
        ('{"userid":"a",remark:"b"}', {"userid": "a"}),
        ('{"userid":"a","remark":"line\nbreak"}', {"userid": "a"}),
        ('{"userid":"a","remark":"\\ud800"}', {"userid": "a"}),
        ('{"userid":"a", // why\n"remark":"b"}', {"userid": "a"}),
        # Numbers and literals: complete only before a sign that ends them.
        ('{"a":1,"limit":12', {"a": 1}),
        ('{"a":1,"limit":12 ', {"a": 1, "limit": 12}),
        ('{"a":1,"limit":12,', {"a": 1, "limit": 12}),
        ('{"a":1,"limit":012}', {"a": 1}),
        ('{"a":1,"limit":1.}', {"a": 1}),
        ('{"a":1,"limit":NaN}', {"a": 1}),
        ('{"a":1,"limit":1e999}', {"a": 1}),
        ('{"a":1,"b":true', {"a": 1, "b": True}),
        ('{"a":1,"b":truer}', {"a": 1}),
        ('{"a":1,"b":tru', {"a": 1}),
        # A list that is cut is absent, and so is one with a trailing comma.
        ('{"a":1,"list":["x","y"', {"a": 1}),
        ('{"a":1,"list":["x","y",],"b":2}', {"a": 1}),
        ('{"a":1,"list":["x","y"],}', {"a": 1, "list": ["x", "y"]}),
        ('{"a":1,"list":[{"b":2},{"c":', {"a": 1}),
        # An object keeps its own complete members; without any it is absent.
        ('{"a":1,"text":{"content":"x",}}', {"a": 1, "text": {"content": "x"}}),
        ('{"a":1,"text":{"content":"x","more":["y"', {"a": 1, "text": {"content": "x"}}),
        ('{"a":1,"text":{"content":"x"}', {"a": 1, "text": {"content": "x"}}),
        ('{"a":1,"text":{"content":', {"a": 1}),
        ('{"a":1,"text":{', {"a": 1}),
        ('{"a":1,"text":{},', {"a": 1, "text": {}}),
        ('{"a":{"b":{"c":1,"d":[2', {"a": {"b": {"c": 1}}}),
        # Repeated names: the last one that is complete.
        ('{"a":1,"a":2,"a":', {"a": 2}),
        # No object at all.
        ("", {}),
        ("[1,2]", {}),
        ('"text"', {}),
        ("{", {}),
        ("{,}", {}),
        ("a=b&c=d", {}),
        ('\ufeff{"a":1}', {}),
    ],
)
def test_members_before_the_fault_are_read(body: str, read: dict[str, Any]) -> None:
    assert read_partly(body.encode()).members == read


def test_invalid_utf8_is_a_fault() -> None:
    assert read_partly(b'{"a":1,"b":"\xff","c":2}').members == {"a": 1}
    assert read_partly('{"a":1,"b":"中'.encode()[:-1]).members == {"a": 1}


def test_the_position_of_the_fault_is_reported() -> None:
    assert read_partly(b'{"a":1,}').fault_at == 7
    assert read_partly('{"名":"张","b":[1,'.encode()).fault_at == 13
    assert parse_json(b'{"a":1}') == ({"a": 1}, None)
    assert parse_json(b'{"a":1,}') == ({"a": 1}, 7)


def test_too_deep_nesting_is_a_fault_and_members_before_it_count() -> None:
    for opening, closing in (("[", "]"), ('{"b":', "}")):
        for depth in (NESTED_AT_MOST, 5_000, 100_000):
            nest = opening * depth + "1" + closing * depth
            read, fault_at = parse_json(f'{{"a":1,"deep":{nest},"late":2}}'.encode())
            assert fault_at is not None
            assert read["a"] == 1
            assert "late" not in read
            assert not is_too_deep(read)
        nest = opening * (NESTED_AT_MOST - 1) + "1" + closing * (NESTED_AT_MOST - 1)
        assert read_partly(f'{{"a":1,"deep":{nest},'.encode()).members == {"a": 1, "deep": json.loads(nest)}


# --- properties ------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(texts, values, max_size=6)
blanks = st.sampled_from([None, 1, "\t"])
relaxed = settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def is_part_of(part: Any, whole: Any) -> bool:
    """Whether `part` has a beginning of the members of each object of `whole`, and nothing else."""
    if not isinstance(part, dict) or not isinstance(whole, dict):
        return type(part) is type(whole) and bool(part == whole)
    names = list(whole)[: len(part)]
    return list(part) == names and all(
        part[name] == whole[name] if place < len(names) - 1 else is_part_of(part[name], whole[name])
        for place, name in enumerate(names)
    )


@relaxed
@given(objects, blanks, st.booleans())
def test_a_truncated_object_is_read_as_a_part_of_the_whole(
    whole: dict[str, Any], indent: int | str | None, ascii_only: bool
) -> None:
    body = json.dumps(whole, indent=indent, ensure_ascii=ascii_only).encode()
    whole = orjson.loads(body)
    before: dict[str, Any] = {}
    for cut in range(len(body)):
        read = read_partly(body[:cut]).members
        assert is_part_of(read, whole), (cut, read)
        assert is_part_of(before, read), "a longer piece never says less"
        before = read
    assert read_partly(body).members == whole


@relaxed
@given(objects)
def test_a_trailing_comma_loses_nothing(whole: dict[str, Any]) -> None:
    body = json.dumps(whole)
    read, fault_at = parse_json(f"{body[:-1]},}}".encode())
    assert fault_at == len(body) - 1 + bool(whole)
    assert read == orjson.loads(body)


signs = st.text(alphabet='{}[]",:\\ \n-+.eE0123456789tfnrulasxd\x00é', max_size=60)
noise = st.binary(max_size=80) | signs.map(str.encode)


@relaxed
@given(noise, objects, st.integers(0, 200), st.integers(0, 5))
def test_any_input_is_read_without_an_error(
    junk: bytes, whole: dict[str, Any], at: int, removed: int
) -> None:
    body = json.dumps(whole).encode()
    for broken in (junk, b'{"a":1,' + junk, body[:at] + junk + body[at + removed :]):
        partial = read_partly(broken)
        assert 0 <= partial.fault_at <= len(broken)
        assert orjson.loads(orjson.dumps(partial.members)) == partial.members


LONG: dict[str, Callable[[int], str]] = {
    "many members": lambda size: '{"a":1' + ',"b":2' * (size // 6),
    "one long text": lambda size: '{"a":"' + "x" * size,
    "escapes": lambda size: '{"a":"' + '\\"' * (size // 2),
    "a long list": lambda size: '{"a":[' + "1," * (size // 2),
    "lists of lists": lambda size: '{"a":[' + "[]," * (size // 3),
    "many lists": lambda size: '{"a":[]' + ',"b":[1,2,3,4,5,6]' * (size // 18),
    "a long number": lambda size: '{"a":' + "9" * size,
    "a long fraction": lambda size: '{"a":0.' + "9" * size + ",",
    "blanks": lambda size: '{"a":1,' + " " * size,
    "deep objects": lambda size: '{"a":' * (size // 5),
    "deep lists": lambda size: '{"a":' + "[" * size,
    "deep and long": lambda size: '{"a":' * 90 + '{"b":"' + "x" * size,
    "names": lambda size: "{" + "".join(f'"{number:07}":1,' for number in range(size // 12)),
}


def seconds(body: bytes) -> float:
    """CPU seconds of this thread, the least of three, without the garbage of the whole test session."""
    runs = []
    gc.disable()
    for _ in range(3):
        began = time.thread_time()
        read_partly(body)
        runs.append(time.thread_time() - began)
    gc.enable()
    return min(runs)


@pytest.mark.parametrize("shape", LONG)
def test_parsing_time_is_bounded(shape: str) -> None:
    """Ten times the body takes less than forty times as long, and beyond the bound nothing is added."""
    short, long, longest = (
        max(seconds(LONG[shape](size).encode()), 0.0005)
        for size in (BYTES_AT_MOST // 10, BYTES_AT_MOST, 2_000_000)
    )
    assert long < 40 * short
    assert longest < 4 * long


def test_members_beyond_the_bound_are_not_read() -> None:
    names = string.ascii_lowercase
    body = "{" + "".join(f'"{names[number % 26]}{number}":1,' for number in range(MEMBERS_AT_MOST + 500))
    assert len(read_partly(body.encode()).members) == MEMBERS_AT_MOST
