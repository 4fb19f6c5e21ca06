"""`tollbooth act` and `tollbooth phone`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import ask, cells, failure, run
from tests.conftest import Corp, RunningServer
from tests.families.phones.test_phones import show_to
from wecom_tollbooth.cli.errors import NoServer
from wecom_tollbooth.cli.people import phones
from wecom_tollbooth.cli.remote import Remote


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, so that the developer's `.env` is not read."""
    monkeypatch.chdir(tmp_path)


def perform(corp: Corp, *words: str) -> dict[str, Any]:
    return dict(json.loads(ask(corp.server, "act", corp.corpid, *words, "--json")))


def test_acts_are_listed_with_their_fields_and_found_by_a_word(server: RunningServer) -> None:
    everything = ask(server, "act")
    assert cells(everything, "dismiss_group ")[:2] == ["dismiss_group", "chat_id"]
    found = cells(ask(server, "act", "解散客户群"), "dismiss_group")
    assert found[1] == "chat_id"
    assert cells(ask(server, "act", "member_leaves"), "member_leaves_corp")
    assert "[add_way]" in cells(everything, "member_adds_customer")[1]
    assert json.loads(ask(server, "act", "--json")) == server.sim.get("/acts").json()


def test_an_act_prints_what_came_of_it(corp: Corp) -> None:
    printed = ask(corp.server, "act", corp.corpid, "member_adds_customer", "userid=zhangsan", "name=王芳=芳")
    reply = dict(line.split(": ", 1) for line in printed.splitlines())
    assert json.loads(reply["callbacks"])
    detail = corp.client().get("externalcontact/get", external_userid=reply["external_userid"])
    assert detail["external_contact"]["name"] == "王芳=芳"


def test_values_are_texts_numbers_truth_values_and_lists(corp: Corp) -> None:
    added = perform(corp, "member_adds_customer", "userid=zhangsan", "name=42", "gender=2", "add_way=1")
    contact = corp.client().get("externalcontact/get", external_userid=added["external_userid"])
    assert contact["external_contact"]["name"] == "42"
    assert contact["external_contact"]["gender"] == 2
    customer = added["external_userid"]
    group = perform(corp, "member_creates_group", "userid=zhangsan", f"people=lisi,{customer}")
    assert group["chat_id"]
    as_json = f"people={json.dumps(['lisi', customer])}"
    assert perform(corp, "member_creates_group", "userid=zhangsan", as_json)["chat_id"]
    assert perform(corp, "admin_sets_follow_right", "userid=lisi", "may_follow=false")["callbacks"] == []


def test_admins_change_the_directory(corp: Corp) -> None:
    row = {"userid": "xiaomei", "name": "小美", "mobile": "13912340000"}
    perform(corp, "admin_imports_members", f"members={json.dumps([row])}")
    perform(corp, "admin_moves_members", "userid=xiaomei,lisi", "department=2")
    assert corp.client().get("user/get", userid="xiaomei")["department"] == [2]
    perform(corp, "admin_deletes_members", "userid=xiaomei,lisi")
    assert corp.client().get("user/get", userid="lisi")["errcode"] == 60111


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["member_flies", "userid=zhangsan"], 2, "there is no act 'member_flies'"),
        (["member_leaves_corp", "zhangsan"], 2, "'zhangsan' is not FIELD=VALUE"),
        (["member_leaves_corp", "userid=a", "userid=b"], 2, "userid is given twice"),
        (["member_leaves_corp"], 1, "userid: Field required"),
        (["member_leaves_corp", "userid=nobody"], 1, "there is no member 'nobody'"),
        (["member_leaves_corp", "userid=lisi", "soon=1"], 1, "soon"),
        (["member_adds_customer", "userid=zhangsan", "gender=she"], 1, "gender"),
        (["admin_deletes_department", "id=1"], 1, "admin_deletes_department: 60007"),
        (["admin_moves_members", "userid=lisi", "department=99"], 1, "40066 invalid party list: lisi: there"),
    ],
)
def test_a_refused_act_is_one_line(corp: Corp, words: list[str], code: int, said: str) -> None:
    exit_code, line = failure("act", corp.corpid, *words, "--url", corp.server.base_url)
    assert (exit_code, said in line) == (code, True), line


def test_a_word_that_no_act_has_and_an_unknown_corp_are_one_line(server: RunningServer) -> None:
    assert failure("act", "nonsense", "--url", server.base_url)[0] == 2
    code, line = failure("act", "ww0", "member_leaves_corp", "userid=a", "--url", server.base_url)
    assert (code, "there is no corp 'ww0'" in line) == (1, True)


def test_a_phone_is_printed_oldest_first(corp: Corp) -> None:
    show_to(corp, ["lisi"], "[b]第二条", "第一条\n换行", at=[1_700_000_001, 1_700_000_000])
    first, second = ask(corp.server, "phone", corp.corpid, "LISI").strip().splitlines()[-2:]
    assert first.split()[-4:] == ["app_message", "1000002", "delivered", "第一条\\n换行"]
    assert second.endswith("[b]第二条")
    printed = json.loads(ask(corp.server, "phone", corp.corpid, "lisi", "--json"))
    assert printed["items"] == corp.sim("phones/lisi")["items"]


def test_a_phone_of_nobody_is_one_line(corp: Corp) -> None:
    for person in ("nobody", "../statement"):
        code, line = failure("phone", corp.corpid, person, "--url", corp.server.base_url)
        assert (code, line.count("\n")) == (1, 0)


def test_following_a_phone_prints_each_new_item_and_each_new_state_once(
    corp: Corp, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = perform(corp, "member_adds_customer", "userid=zhangsan")["external_userid"]
    show_to(corp, [customer], *(f"消息{number}" for number in range(phones.RECENT + 5)))

    def first() -> None:
        show_to(corp, [customer], "新的")

    def second() -> None:
        newest = corp.sim(f"phones/{customer}")["items"][-1]
        perform(corp, "customer_opens_message", f"external_userid={customer}", f"id={newest['id']}")

    def third() -> None:
        raise KeyboardInterrupt

    looks = iter((first, second, third))
    monkeypatch.setattr(phones, "sleep", lambda _: next(looks)())
    shown = ask(corp.server, "phone", corp.corpid, customer, "--follow", "--json")
    items = [json.loads(line) for line in shown.splitlines()]
    texts = [item["body"]["text"]["content"] for item in items]
    assert texts == [*(f"消息{number}" for number in range(phones.RECENT + 5)), "新的", "新的"]
    assert [item["state"] for item in items[-2:]] == ["delivered", "opened"]


def test_following_waits_for_a_server_that_is_restarted(corp: Corp, monkeypatch: pytest.MonkeyPatch) -> None:
    show_to(corp, ["lisi"], "先")
    get = Remote.get
    looks = iter(["answers", "gone", "gone", "answers"])

    def sometimes(self: Remote, path: str, /, **params: Any) -> dict[str, Any]:
        if next(looks, "stop") == "gone":
            raise NoServer("no server answers")
        return get(self, path, **params)

    def new_item() -> None:
        show_to(corp, ["lisi"], "后")

    def stop() -> None:
        raise KeyboardInterrupt

    sleeps = iter((new_item, lambda: None, lambda: None, stop))
    monkeypatch.setattr(Remote, "get", sometimes)
    monkeypatch.setattr(phones, "sleep", lambda _: next(sleeps)())
    done = run("phone", corp.corpid, "lisi", "--follow", "--url", corp.server.base_url)
    assert done.exit_code == 0
    assert [line.rsplit(" ", 1)[1] for line in done.stdout.splitlines()] == ["先", "后"]
    assert done.stderr.count("waiting") == 1


def test_following_prints_lines_for_people(corp: Corp, monkeypatch: pytest.MonkeyPatch) -> None:
    show_to(corp, ["lisi"], "盘点")

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(phones, "sleep", stop)
    done = run("phone", corp.corpid, "lisi", "--follow", "--url", corp.server.base_url)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].endswith("app_message  1000002  delivered  盘点")


def test_no_message_commands_the_terminal(corp: Corp, monkeypatch: pytest.MonkeyPatch) -> None:
    show_to(corp, ["lisi"], "a\x1b[31m\x1b]0;title\x07\rb\u202ec")

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(phones, "sleep", stop)
    for more in ((), ("--follow",)):
        shown = run("phone", corp.corpid, "lisi", *more, "--url", corp.server.base_url).stdout
        assert "a\\x1b[31m\\x1b]0;title\\x07\\x0db\\u202ec" in shown
        assert "\x1b" not in shown
