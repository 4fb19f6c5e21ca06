"""Checks of every operation, generated from the registry, so that a new one is covered at once."""

import functools
import itertools
import json
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, Corp, Databases, RunningServer
from tests.gateway.bodies import (
    WARNING,
    Place,
    base,
    model_of,
    places,
    smallest,
    valid_value,
    with_value,
    without,
)
from tests.gateway.operation_calls import (
    OPERATIONS,
    POSTED,
    WITH_TOKEN,
    World,
    depends_on_the_reading_alone,
    each,
    each_with_places,
    fits,
    reading_of,
)
from tests.savings import EXAMPLES
from wecom_tollbooth.billing.price_books import check_meters, load_price_book
from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.gateway.permissions import HOLDERS, Permission
from wecom_tollbooth.gateway.shapes import without_nulls
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.tables import metadata

FIDELITY = Path(__file__).parents[2] / "docs" / "fidelity.md"


@pytest.fixture(scope="module")
def server(databases: Databases) -> Iterator[RunningServer]:
    """A server as it is without settings: it knows the files that were uploaded, and refuses others."""
    running = RunningServer(Settings(database_url=databases.new_url()))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def world(server: RunningServer) -> Iterator[World]:
    world = World(server)
    yield world
    world.api.close()


# --- who may call ----------------------------------------------------------------------------------------


@each(WITH_TOKEN)
def test_a_bad_token_is_refused_before_anything_else(world: World, operation: Operation) -> None:
    body = base(operation)
    unknown_key = {"wedoc/smartsheet/webhook": 840001, "webhook/upload_media": 40058}
    missing, invalid, expired = {
        "suite_access_token": (41022, 40082, 42009),
        "key": (unknown_key.get(operation.name, 93000),) * 3,
    }.get(operation.token or "", (41001, 40014, 42001))
    assert world.call(operation, body, token="")["errcode"] == missing
    assert world.call(operation, body, token="nonsense")["errcode"] == invalid
    assert operation.token is not None
    assert world.call(operation, body, token=world.expired[operation.token])["errcode"] == expired
    assert world.call(operation, b"{bad", token="nonsense")["errcode"] == invalid
    for kind, of_another_kind in world.expired.items():
        if kind != operation.token:
            assert world.call(operation, body, token=of_another_kind)["errcode"] == invalid


@each([operation for operation in WITH_TOKEN if operation.token == "access_token"])
def test_only_the_kinds_of_app_that_have_the_right_may_call(world: World, operation: Operation) -> None:
    for kind, token in world.tokens.items():
        errcode = world.call(operation, {}, token=token)["errcode"]
        if kind in HOLDERS[operation.permission]:
            assert errcode not in (48002, 48009), kind
        elif operation.permission == Permission.DIRECTORY_READ and kind == AppKind.CONTACTS_SYNC:
            assert errcode == 48009, kind
        else:
            assert errcode == 48002, kind


# --- what is asked ---------------------------------------------------------------------------------------


@each([operation for operation in POSTED if not operation.also_get])
def test_get_instead_of_post_is_refused(world: World, operation: Operation) -> None:
    errcode = world.call(operation, base(operation), method="GET")["errcode"]
    required = [place for place in places(operation.request_model) if place.required and not place.models]
    assert errcode == (required[0].missing if required else 40063)


@each(OPERATIONS)
def test_an_empty_request_lacks_its_first_required_field(world: World, operation: Operation) -> None:
    nothing: list[Any] = [b"", {}]
    for body in nothing:
        reply = world.call(operation, body)
        assert WARNING not in reply["errmsg"]
        required = [place for place in places(operation.request_model) if place.required and not place.models]
        if required:
            assert reply["errcode"] == required[0].missing


@each_with_places(OPERATIONS, lambda place: place.required)
def test_a_missing_required_field_answers_its_errcode(
    world: World, operation: Operation, places_in_it: list[Place]
) -> None:
    body = base(operation)
    for place in places_in_it:
        assert not operation.fields_in_address or not place.models, "a query has no objects in it"
        for lacking in (without(body, place), with_value(body, place, None)):
            lacking = without_nulls(lacking) if operation.fields_in_address else lacking
            assert world.call(operation, lacking)["errcode"] == place.missing, place.name
        if place.min_length:
            empty: Any = [] if typing.get_origin(place.inner) is list else ""
            if not operation.fields_in_address or empty == "":
                reply = world.call(operation, with_value(body, place, empty))
                assert reply["errcode"] == place.empty, place.name


@each_with_places(OPERATIONS, lambda place: place.max_length)
def test_too_long_values_answer_40058_or_their_own_errcode(
    world: World, operation: Operation, places_in_it: list[Place]
) -> None:
    body = base(operation)
    for place in places_in_it:
        limit = place.max_length
        assert limit is not None
        over = world.call(operation, with_value(body, place, _of_size(place, limit + 1)))
        fitting = world.call(operation, with_value(body, place, _of_size(place, limit)))
        assert over["errcode"] == place.too_long, place.name
        message = re.compile(re.escape(f"{place.name} exceed max ") + r"(utf8 words|size) " + str(limit))
        if place.too_long == 40058:
            assert message.match(over["errmsg"]), over
        assert not message.match(fitting["errmsg"]), fitting


def _of_size(place: Place, size: int) -> Any:
    if typing.get_origin(place.inner) is list:
        (of_item,) = typing.get_args(place.inner)
        return [valid_value(of_item)] * size
    return "字" * size


@each_with_places(OPERATIONS, lambda place: place.ge is not None or place.le is not None)
def test_values_out_of_range_are_refused(
    world: World, operation: Operation, places_in_it: list[Place]
) -> None:
    body = base(operation)
    for place in places_in_it:
        for outside in (
            None if place.ge is None else place.ge - 1,
            None if place.le is None else place.le + 1,
        ):
            if outside is not None:
                reply = world.call(operation, with_value(body, place, outside))
                assert reply["errcode"] == (place.invalid or 40058), place.name
                if reply["errcode"] == 40058:
                    assert reply["errmsg"].startswith(f"{place.name} invalid"), reply


# --- leniency --------------------------------------------------------------------------------------------


def of_a_wrong_type(place: Place) -> list[Any]:
    inner = place.inner
    if typing.get_origin(inner) is list:
        return [{"a": 1}]
    if model_of(inner) is not None:
        return [5, "text", ["x"]]
    wrong: dict[Any, list[Any]] = {
        int: ["many", {}, [], 1.5],
        float: ["many", {}],
        bool: ["perhaps", {}, 7],
        str: [{}, [], True],
    }
    return wrong.get(inner, [])


@each_with_places(POSTED, of_a_wrong_type)
def test_a_wrong_type_raises_a_warning(world: World, operation: Operation, places_in_it: list[Place]) -> None:
    body = base(operation)
    for place, wrong in [(one, wrong) for one in places_in_it for wrong in of_a_wrong_type(one)]:
        reply = world.call(operation, with_value(body, place, wrong))
        assert WARNING in reply["errmsg"], (place.name, wrong, reply)
        if reply["errcode"] == 0:
            assert reply["errmsg"].endswith(". " + WARNING)
        else:
            assert reply["errmsg"].startswith(WARNING)
        if place.invalid is not None:
            assert reply["errcode"] == place.invalid, (place.name, wrong)
        elif place.required:
            assert reply["errcode"] == place.missing, (place.name, wrong)


@each(POSTED)
def test_numbers_as_text_nulls_and_unknown_fields_raise_no_warning(
    world: World, operation: Operation
) -> None:
    body = base(operation)
    for lenient in (
        _with_numbers_as_text(body),
        {
            **dict.fromkeys(operation.request_model.model_fields),
            **smallest(operation.request_model),
        },
        {**body, "no_such_field": {"a": [1]}, "agent_id": ""},
    ):
        assert WARNING not in world.call(operation, lenient)["errmsg"]


def _with_numbers_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_numbers_as_text(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_numbers_as_text(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


HOSTILE_TO_DATABASES: list[Any] = [
    "字" * 5_000,
    "👩‍👩‍👧‍👦\u202e\x7f",
    "'; --",
    "\x00",
    2**31,
    2**63 - 1,
    -(2**63),
    [0, -1, 2**31, 2**63 - 1],
    ["zhangsan"] * 2_000,
]
"""Values that databases treat differently: sent on PostgreSQL, and in `make test-all` on SQLite too."""
HOSTILE_TO_SQLITE: list[Any] = HOSTILE_TO_DATABASES if EXAMPLES else ["\x00", "'; --", 2**63 - 1]
HOSTILE_TO_SHAPES: list[Any] = ["", "None", 0, -1, 2**32, 10**30, [], [""], {}, {"a": {"b": [None]}}]
HOSTILE = HOSTILE_TO_DATABASES if ON_POSTGRESQL else [*HOSTILE_TO_SQLITE, *HOSTILE_TO_SHAPES]


@each_with_places(OPERATIONS, lambda _: True)
def test_no_value_in_any_field_causes_a_system_error(
    world: World, operation: Operation, places_in_it: list[Place]
) -> None:
    """`checked` fails on errcode -1. Existing ids let the call get as far as possible.

    Values that read alike, such as all of a wrong type, are read one by one and sent once.
    """
    real = world.real(operation, base(operation))
    seen: set[object] = set()
    for place, value in itertools.product(places_in_it, HOSTILE):
        if not operation.fields_in_address or not isinstance(value, dict):
            body = with_value(real, place, value)
            if depends_on_the_reading_alone(operation):
                reading = reading_of(operation, body, place.name)
                if reading in seen:
                    continue
                seen.add(reading)
            world.call(operation, body)


# --- what is answered ------------------------------------------------------------------------------------


@each(OPERATIONS)
def test_the_documented_sample_is_answered_in_the_declared_shape(world: World, operation: Operation) -> None:
    assert operation.sample is not None or not operation.request_model.model_fields
    sample = dict(operation.sample or {})
    for body in (sample, world.real(operation, sample)):
        reply = world.call(operation, body)
        assert WARNING not in reply["errmsg"], "the sample does not fit the request's shape"
        if reply["errcode"] == 0:
            fits(reply, operation.reply_type)


@each(OPERATIONS)
def test_an_alias_is_the_same_operation(world: World, operation: Operation) -> None:
    for alias in operation.aliases:
        params = {str(operation.token): world.token_for(operation)} if operation.token else {}
        answers = [world.api.request("POST", path, params).json() for path in (operation.path, alias)]
        assert answers[0]["errcode"] == answers[1]["errcode"]
        assert list(answers[0]) == list(answers[1])


@each(OPERATIONS)
def test_no_answer_has_the_servers_own_address_in_place_of_the_callers(
    world: World, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = world.api.caller.removeprefix("http://")
    monkeypatch.setattr(world.api, "caller", "https://caller.test:8443")
    reply = json.dumps(world.call(operation, world.real(operation, dict(operation.sample or {}))))
    assert own not in reply
    assert "http://caller.test" not in reply


# --- other corps -----------------------------------------------------------------------------------------


class Strangers(NamedTuple):
    """Two corps; `there` has a member whose userid `here` doesn't have. `rows` are those of `there`."""

    there: World
    here: World
    rows: dict[str, list[Any]]


@pytest.fixture(scope="module")
def strangers(server: RunningServer) -> Iterator[Strangers]:
    there, here = World(server, members=8), World(server)
    yield Strangers(there, here, rows_of(there.corp))
    there.api.close()
    here.api.close()


ADDED_BY_EACH_CALL = ("usage_record", "usage_total", "call_journal", "access_token")


@functools.cache
def rows_by_corp() -> dict[str, sa.Select[Any]]:
    """The query for a corp's rows of each table."""
    return {
        table.name: sa.select(table)
        .where(table.c.corp_id == sa.bindparam("corpid"))
        .order_by(*table.primary_key.columns)
        for table in metadata().sorted_tables
        if "corp_id" in table.c and table.name not in ADDED_BY_EACH_CALL
    }


def rows_of(corp: Corp) -> dict[str, list[Any]]:
    """All stored rows of the corp, without those that each call adds."""
    with corp.server.server.database.transaction() as tx:
        return {
            name: list(tx.execute(query, {"corpid": corp.corpid})) for name, query in rows_by_corp().items()
        }


@each(WITH_TOKEN)
def test_the_ids_of_another_corp_find_nothing_and_change_nothing(
    strangers: Strangers, operation: Operation
) -> None:
    foreign = strangers.there.real(operation, base(operation))
    reply = strangers.here.call(operation, foreign)
    assert rows_of(strangers.there.corp) == strangers.rows
    sent, answered = json.dumps(foreign), json.dumps(reply)
    for value in (*strangers.there.ids.values(), *_ids_in(strangers.rows)):
        assert value in sent or value not in answered


def _ids_in(rows: dict[str, list[Any]]) -> Iterator[str]:
    """Ids of a corp that no caller sent: all its customers, tags, tag groups and customer groups."""
    for name in ("external_contact", "tag", "tag_group", "group_chat"):
        for row in rows[name]:
            yield row[1]


# --- documentation ---------------------------------------------------------------------------------------


@each(OPERATIONS)
def test_it_has_a_page_and_a_chinese_title(operation: Operation) -> None:
    assert re.fullmatch(r"\d{5,6}", operation.doc) or operation.family.extension
    assert re.search(r"[\u4e00-\u9fff]", operation.title)
    assert operation.checked is None or re.fullmatch(r"20\d\d-\d\d", operation.checked)


@each([operation for operation in OPERATIONS if operation.checked is None])
def test_an_unchecked_operation_is_listed_in_fidelity_md(operation: Operation) -> None:
    assert operation.name.rsplit("/", 1)[-1] in FIDELITY.read_text(encoding="utf-8")


@each(OPERATIONS)
def test_it_declares_the_errcodes_that_its_fields_answer(operation: Operation) -> None:
    """Request parsing answers 40058 and 40063; the other errcodes are the family's own."""
    of_fields = {place.missing for place in places(operation.request_model) if place.required}
    of_fields |= {place.too_long for place in places(operation.request_model) if place.max_length}
    assert of_fields - {40058, 40063} <= {int(code) for code in operation.errors}


def test_every_meter_has_a_price_in_the_shipped_book() -> None:
    book = check_meters(load_price_book("article-toll"), {operation.meter for operation in OPERATIONS})
    assert book.missing == ()
    for operation in OPERATIONS:
        assert book.price_for(operation.meter).unit_price >= 0


def test_the_control_api_lists_every_operation(server: RunningServer) -> None:
    listed = server.sim.get("/operations").json()["operations"]
    assert {one["path"] for one in listed} == {operation.path for operation in OPERATIONS}
