"""The tag library compared with a model: both agree after any sequence of operations."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.conftest import RunningServer, WeCom
from tests.families.factories import follow, new_contact, new_member
from tests.families.tag_groups import ADD, DELETE, EDIT, GET, MARK, TAG_LIST
from tests.savings import examples

NAMES = st.sampled_from(["金", "银", "Gold", "gold", "💎"])
GROUPS = st.sampled_from(["等级", "意向", "口味"])
PLACES = st.integers(0, 30)
UNKNOWN = "etNobody"


class Library:
    """The expected tag library of one app: groups and tags by id, in order of creation."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, Any]] = {}
        self.all_ids: list[str] = [UNKNOWN]
        self.marked: set[str] = set()

    def group_named(self, name: str) -> str | None:
        return next((id_ for id_, group in self.groups.items() if group["name"] == name), None)

    def names_in(self, group_id: str) -> list[str]:
        return [tag["name"] for tag in self.tags.values() if tag["group_id"] == group_id]

    def delete(self, tag_ids: set[str], group_ids: set[str]) -> None:
        touched = group_ids | {self.tags[tag_id]["group_id"] for tag_id in tag_ids}
        self.tags = {
            tag_id: tag
            for tag_id, tag in self.tags.items()
            if tag_id not in tag_ids and tag["group_id"] not in group_ids
        }
        for group_id in touched:
            if not self.names_in(group_id):
                del self.groups[group_id]
        self.marked &= self.tags.keys()

    def listing(self) -> list[tuple[str, str, int, list[tuple[str, str, int]]]]:
        def larger_first(item: tuple[str, dict[str, Any]]) -> int:
            return -int(item[1]["order"])

        return [
            (
                group_id,
                group["name"],
                group["order"],
                [
                    (tag_id, tag["name"], tag["order"])
                    for tag_id, tag in sorted(self.tags.items(), key=larger_first)
                    if tag["group_id"] == group_id
                ],
            )
            for group_id, group in sorted(self.groups.items(), key=larger_first)
        ]


def machine(server: RunningServer) -> type[RuleBasedStateMachine]:
    class TagLibrary(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            corp = server.make_corp()
            new_member(corp, "zhangsan")
            follow(corp, new_contact(corp, "wmA"))
            self.wecom: WeCom = corp.client()
            self.model = Library()

        def id_at(self, place: int) -> str:
            """Returns an id that exists, existed, or never existed."""
            return self.model.all_ids[place % len(self.model.all_ids)]

        def post(self, operation: str, **fields: Any) -> int:
            self.reply = self.wecom.post(operation, **fields)
            return int(self.reply["errcode"])

        @rule(group=GROUPS, names=st.lists(NAMES, min_size=1, max_size=3), order=st.integers(0, 2))
        def add_by_name(self, group: str, names: list[str], order: int) -> None:
            tags = [{"name": name, "order": order} for name in names]
            code = self.post(ADD, group_name=group, order=order, tag=tags)
            self.added(self.model.group_named(group), group, names, order, code)

        @rule(place=PLACES, names=st.lists(NAMES, min_size=1, max_size=2))
        def add_by_id(self, place: int, names: list[str]) -> None:
            group_id = self.id_at(place)
            code = self.post(ADD, group_id=group_id, group_name="?", tag=[{"name": name} for name in names])
            if group_id not in self.model.groups:
                assert code == 40068
            else:
                self.added(group_id, "", names, 0, code)

        def added(self, group_id: str | None, name: str, names: list[str], order: int, code: int) -> None:
            if group_id is not None and set(names) & set(self.model.names_in(group_id)):
                assert code == 40071
                return
            assert code == 0
            created = self.reply["tag_group"]
            if group_id is None:
                self.model.groups[created["group_id"]] = {"name": name, "order": order}
                self.model.all_ids.append(created["group_id"])
            assert created["group_id"] == (group_id or created["group_id"])
            assert [tag["name"] for tag in created["tag"]] == list(dict.fromkeys(names))
            for tag in created["tag"]:
                self.model.tags[tag["id"]] = {
                    "name": tag["name"],
                    "order": order,
                    "group_id": created["group_id"],
                }
                self.model.all_ids.append(tag["id"])

        @rule(place=PLACES, name=st.none() | NAMES | GROUPS, order=st.none() | st.integers(0, 2))
        def edit(self, place: int, name: str | None, order: int | None) -> None:
            id_, model = self.id_at(place), self.model
            code = self.post(EDIT, id=id_, name=name, order=order)
            row = model.tags.get(id_) or model.groups.get(id_)
            if row is None:
                assert code == 40068
                return
            if id_ in model.tags:
                taken = model.names_in(row["group_id"])
            else:
                taken = [group["name"] for group in model.groups.values()]
            if name and name != row["name"] and name in taken:
                assert code == 40071
                return
            assert code == 0
            row["name"] = name or row["name"]
            row["order"] = row["order"] if order is None else order

        @rule(tag_places=st.lists(PLACES, max_size=3), group_places=st.lists(PLACES, max_size=2))
        def delete(self, tag_places: list[int], group_places: list[int]) -> None:
            tag_ids = [self.id_at(place) for place in tag_places]
            group_ids = [self.id_at(place) for place in group_places]
            code = self.post(DELETE, tag_id=tag_ids, group_id=group_ids)
            if not tag_ids and not group_ids:
                assert code == 41017
            elif set(tag_ids) <= self.model.tags.keys() and set(group_ids) <= self.model.groups.keys():
                assert code == 0
                self.model.delete(set(tag_ids), set(group_ids))
            else:
                assert code == 40068

        @rule(on=st.lists(PLACES, max_size=3), off=st.lists(PLACES, max_size=2))
        def mark(self, on: list[int], off: list[int]) -> None:
            add, remove = [self.id_at(place) for place in on], [self.id_at(place) for place in off]
            code = self.post(MARK, userid="zhangsan", external_userid="wmA", add_tag=add, remove_tag=remove)
            if not add and not remove:
                assert code == 41017
            elif {*add, *remove} <= self.model.tags.keys():
                assert code == 0
                self.model.marked = (self.model.marked - set(remove)) | set(add)
            else:
                assert code == 40068

        @invariant()
        def the_list_matches_the_model(self) -> None:
            shown = self.wecom.post(TAG_LIST)["tag_group"]
            assert [
                (
                    group["group_id"],
                    group["group_name"],
                    group["order"],
                    [(tag["id"], tag["name"], tag["order"]) for tag in group["tag"]],
                )
                for group in shown
            ] == self.model.listing()

        @invariant()
        def the_customers_tags_match_the_model(self) -> None:
            (follower,) = self.wecom.get(GET, external_userid="wmA")["follow_user"]
            shown = {tag["tag_id"]: (tag["group_name"], tag["tag_name"]) for tag in follower["tags"]}
            assert shown == {
                tag_id: (
                    self.model.groups[self.model.tags[tag_id]["group_id"]]["name"],
                    self.model.tags[tag_id]["name"],
                )
                for tag_id in self.model.marked
            }

    return TagLibrary


def test_the_tag_library_matches_its_model(server: RunningServer) -> None:
    run_state_machine_as_test(
        machine(server),
        settings=settings(
            max_examples=examples(8),
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
