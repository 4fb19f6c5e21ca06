"""The registry of events: events are sent as declared, byte for byte as version 0.1 sent them."""

import ast
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import wecom_tollbooth
from tests.conftest import Corp
from tests.whole_suite import raised
from wecom_tollbooth.callbacks import outbox
from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.event_xml import to_xml
from wecom_tollbooth.callbacks.events import EVENTS
from wecom_tollbooth.callbacks.events.acquisition_links import BalanceLow, DeleteLink
from wecom_tollbooth.callbacks.events.budgets import BudgetAlert
from wecom_tollbooth.callbacks.events.contacts import AddExternalContact, DelExternalContact, DelFollowUser
from wecom_tollbooth.callbacks.events.directory import DeleteUser
from wecom_tollbooth.callbacks.events.event import MESSAGE, Event, Shape, constant, fields_of
from wecom_tollbooth.callbacks.events.group_chats import CreateExternalChat
from wecom_tollbooth.callbacks.receivers import receivers
from wecom_tollbooth.world.context import Context

GOLDEN = [json.loads(line) for line in Path(__file__).with_name("golden_events.jsonl").open(encoding="utf-8")]
"""Events as 0.1 rendered them, with items in CDATA and genders: one of each kind and set of fields."""


def named(golden: Mapping[str, Any]) -> str:
    return f"{golden['event']}-{golden['change_type']}-{'-'.join(golden['fields'])}"


def build(shape: type[Shape], fields: Mapping[str, Any]) -> Any:
    """An event, or an object in it, from plain JSON."""
    given = dict(fields)
    for field in fields_of(shape):
        value = given.get(field.name)
        if field.shape is not None and value is not None:
            inner = field.shape
            given[field.name] = (
                [build(inner, one) for one in value] if field.kind == "objects" else build(inner, value)
            )
    return shape(**given)


# --- the XML ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("golden", GOLDEN, ids=named)
def test_an_event_is_rendered_as_recorded(golden: Mapping[str, Any]) -> None:
    kind = EVENTS.find(golden["event"], golden["change_type"])
    assert kind is not None
    fields = dict(golden["fields"])
    if any(field.name == "FromUserName" for field in fields_of(kind)):
        fields["FromUserName"] = golden["sender"]
    assert to_xml(golden["corp_id"], golden["at"], build(kind, fields)) == golden["xml"]


def test_every_event_has_a_recording_or_its_own_test() -> None:
    seen = {(golden["event"], golden["change_type"]) for golden in GOLDEN}
    of_0_1 = [event for event in EVENTS if (event.event, event.change_type()) in seen]
    for event in set(EVENTS) - set(of_0_1):
        name = f"test_{event.change_type()}.py"
        if event.event == MESSAGE or not event.change_type():
            name = f"test_{event.__module__.rpartition('.')[2]}.py"
        here = Path(__file__).parent
        found = (here / name).exists() or (here / "pages" / name).exists()
        assert found, f"{event.label()} needs pages/{name}, with the example of its page"
    for event in of_0_1:
        ours = [
            one for one in GOLDEN if (one["event"], one["change_type"]) == (event.event, event.change_type())
        ]
        for field in fields_of(event):
            if field.constant is None and field.name != "FromUserName":
                assert any(field.name in one["fields"] for one in ours), f"{event.label()}: {field.name}"


# --- declarations ----------------------------------------------------------------------------------------


def test_a_field_that_is_not_declared_cannot_be_given() -> None:
    with pytest.raises(TypeError, match="no field Phone"):
        build(DelFollowUser, {"UserID": "zhangsan", "ExternalUserID": "wmAAAA", "Phone": "1"})
    with pytest.raises(TypeError, match="no field ChangeType"):
        build(DelFollowUser, {"UserID": "zhangsan", "ExternalUserID": "wmAAAA", "ChangeType": "x"})


def test_a_field_that_is_always_there_must_be_given() -> None:
    with pytest.raises(TypeError, match="needs ExternalUserID"):
        build(DelFollowUser, {"UserID": "zhangsan"})
    with pytest.raises(TypeError, match="needs ExternalUserID"):
        build(DelFollowUser, {"UserID": "zhangsan", "ExternalUserID": None})


def test_an_event_cannot_be_changed() -> None:
    event = DelFollowUser(UserID="zhangsan", ExternalUserID="wmAAAA")
    with pytest.raises(AttributeError, match="frozen"):
        setattr(event, "UserID", "lisi")  # noqa: B010
    assert event.UserID == "zhangsan"


def test_events_with_the_same_fields_are_equal() -> None:
    event = DelFollowUser(UserID="zhangsan", ExternalUserID="wmAAAA")
    assert event == DelFollowUser(UserID="zhangsan", ExternalUserID="wmAAAA")
    assert event != DelFollowUser(UserID="lisi", ExternalUserID="wmAAAA")
    assert event != DelExternalContact(UserID="zhangsan", ExternalUserID="wmAAAA")
    left_out = DelExternalContact(UserID="zhangsan", ExternalUserID="wmAAAA")
    assert left_out == DelExternalContact(UserID="zhangsan", ExternalUserID="wmAAAA", Source=None)


def test_an_event_is_declared_once() -> None:
    with pytest.raises(ValueError, match="change_external_contact del_follow_user is declared twice"):

        class Again(DelFollowUser):
            ChangeType: str = constant("del_follow_user")


@pytest.mark.parametrize("event", list(EVENTS), ids=lambda event: event.label())
def test_every_event_has_a_title_in_both_languages(event: type[Event]) -> None:
    assert all(event.titles()), "the first line of the docstring is 中文 / English"
    assert all((event.receivers.en, event.receivers.zh))
    assert re.fullmatch(r"\d+", event.page) if event.page else event.checked is None
    for field in fields_of(event):
        assert field.constant is not None or all(field.doc), field.name
    assert not event.not_sent.keys() & {field.name for field in fields_of(event)}


# --- the one way into the outbox -------------------------------------------------------------------------


def test_only_emit_puts_events_into_the_outbox() -> None:
    """A replay (put_again) repeats what was raised before."""
    root = Path(wecom_tollbooth.__file__).parent
    callers = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="outbox"), attr="put")):
                    callers.add(path.relative_to(root).as_posix())
                case ast.ImportFrom(module="wecom_tollbooth.callbacks.outbox", names=names):
                    callers.update(path.name for name in names if name.name == "put")
    assert callers == {"callbacks/emit.py"}


class Undone(Exception):
    pass


def in_corp(corp: Corp, work: Callable[[Context], Any]) -> Any:
    """The result of `work` in a transaction of the corp that is rolled back."""
    server = corp.server.server
    try:
        with server.database.transaction() as tx:
            found = work(Context(server.settings, tx, corp.corpid))
            raise Undone
    except Undone:
        return found


def test_the_rule_of_an_event_finds_its_receivers(corp: Corp) -> None:
    listed = [app["agentid"] for app in corp.apps if app["kind"] == "self_built"]
    narrow = corp.new_app(name="只看李四", visible={"userid": ["lisi"]})["agentid"]

    def agentids(event: type[Event], **about: Any) -> list[int]:
        return list(
            in_corp(corp, lambda context: [app.agentid for app in receivers(context, event, **about)])
        )

    assert agentids(BalanceLow) == [*listed, narrow]
    assert agentids(AddExternalContact, member="lisi") == [*listed, narrow]
    assert agentids(AddExternalContact, member="zhangsan") == listed
    assert agentids(CreateExternalChat, member="zhangsan") == listed
    assert agentids(DeleteLink, agentid=narrow) == [narrow]
    assert agentids(DeleteLink, agentid=1) == []
    assert agentids(DeleteUser) == [corp.app_of_kind("contacts_sync")["agentid"]]
    assert agentids(BudgetAlert) == []


def test_an_event_goes_to_its_own_member_unless_another_is_named(corp: Corp) -> None:
    corp.new_app(name="只看李四", visible={"userid": ["lisi"]})

    def raised_by(**about: Any) -> int:
        def work(context: Context) -> int:
            emit(context, DelFollowUser(UserID="zhangsan", ExternalUserID="wmAAAA"), **about)
            return len(context.callbacks)

        return int(in_corp(corp, work))

    assert raised_by(member="lisi") == raised_by() + 1


@pytest.mark.parametrize(
    ("event", "about", "says"),
    [
        (AddExternalContact, {}, "give member="),
        (BalanceLow, {"member": "zhangsan"}, "give member="),
        (DeleteLink, {}, "give agentid="),
        (BalanceLow, {"agentid": 1}, "give agentid="),
    ],
)
def test_a_receiver_rule_needs_its_arguments(
    corp: Corp, event: type[Event], about: dict[str, Any], says: str
) -> None:
    with pytest.raises(TypeError, match=says):
        in_corp(corp, lambda context: list(receivers(context, event, **about)))


# --- the check at the end of the whole suite -------------------------------------------------------------


def test_an_event_or_field_that_no_test_raises_is_named() -> None:
    every = {(event.label(), field) for event in EVENTS for field in raised.declared_fields(event)}
    assert list(raised.unraised(every)) == []
    label = AddExternalContact.label()
    (line,) = raised.unraised(every - {(label, "State")})
    assert line.startswith("change_external_contact add_external_contact declares State")
    (line,) = raised.unraised({one for one in every if one[0] != label})
    assert line == "change_external_contact add_external_contact is declared, and no test raises it"


def test_raised_events_are_noted_with_their_fields(corp: Corp) -> None:
    before = raised.RAISED - {(BalanceLow.label(), "ChangeType")}
    raised.RAISED.clear()
    in_corp(corp, lambda context: emit(context, BalanceLow()))
    assert {(BalanceLow.label(), "ChangeType")} == raised.RAISED
    raised.RAISED.update(before)
    assert outbox.put.__name__ == "noted"
