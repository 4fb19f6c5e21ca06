"""Customer groups and who is in them."""

from collections import Counter

from wecom_tollbooth.families.group_chats.chat_lifecycle import MOST_IN_A_GROUP
from wecom_tollbooth.seeds.described.checks.checking import Checking
from wecom_tollbooth.seeds.described.faults import Path
from wecom_tollbooth.seeds.described.shapes.groups import SeedGroup, SeedPerson


def check_groups(checking: Checking) -> None:
    ids: dict[str, Path] = {}
    for place, group in enumerate(checking.file.groups):
        path = ("groups", place)
        if group.chat_id:
            checking.once(ids, group.chat_id, (*path, "chat_id"), "the chat_id")
        made = checking.time(group.created_at, (*path, "created_at"))
        ended = checking.time(group.dismissed_at, (*path, "dismissed_at"), after=made)
        everyone = _check_people(checking, group, path, made)
        present = {name for is_staff, name in everyone if is_staff}
        if len(everyone) > MOST_IN_A_GROUP:
            checking.say((*path, "people"), f"{len(everyone)} people; a group has at most {MOST_IN_A_GROUP}")
        if checking.a_member(group.owner, (*path, "owner")) and group.owner not in present and ended is None:
            checking.say((*path, "owner"), f"the owner {group.owner!r} is not among the people of the group")
        for number, userid in enumerate(group.admins):
            at = (*path, "admins", number)
            if checking.a_member(userid, at) and userid not in present and ended is None:
                checking.say(at, f"{userid!r} is not among the people of the group")
            if userid == group.owner or userid in group.admins[:number]:
                checking.say(at, f"{userid!r} is the owner, or here twice")


def _check_people(
    checking: Checking, group: SeedGroup, path: Path, made: int | None
) -> set[tuple[bool, str]]:
    """Those who are in the group now: whether they are members, and their name in the file."""
    present: Counter[tuple[bool, str]] = Counter()
    for number, person in enumerate(group.people):
        at = (*path, "people", number)
        _check_person(checking, person, at)
        joined = checking.time(person.joined_at, (*at, "joined_at"), after=made)
        checking.time(person.left_at, (*at, "left_at"), after=joined if joined is not None else made)
        if person.left_at is None:
            one = (person.userid is not None, person.userid or _one(checking, person.customer))
            present[one] += 1
            if present[one] == 2:
                checking.say(at, f"{one[1]!r} is in the group twice")
    return set(present)


def _one(checking: Checking, customer: str | None) -> str:
    """One name of the customer, who may have two."""
    path = checking.customers.get(customer or "")
    if path is None:
        return customer or ""
    one = checking.file.customers[int(path[1])]
    return one.ref or one.external_userid or ""


def _check_person(checking: Checking, person: SeedPerson, path: Path) -> None:
    if (person.userid is None) == (person.customer is None):
        checking.say(path, "name either a userid or a customer")
    if person.userid is not None:
        checking.a_member(person.userid, (*path, "userid"))
        if person.state:
            checking.say((*path, "state"), "only customers come by a code that has a state")
    if person.customer is not None and person.customer not in checking.customers:
        checking.say((*path, "customer"), f"there is no customer {person.customer!r}")
    if person.invitor:
        checking.a_member(person.invitor, (*path, "invitor"))
