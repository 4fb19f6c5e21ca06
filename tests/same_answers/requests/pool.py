"""Ids from answers, by kind, for later requests."""

import random
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from tests.same_answers.exchanges import Answer, Request

KEPT = 60
"""Values of each name that are remembered, newest last."""
KEPT_TOGETHER = 120

_MEANING = {
    "userid": "user user_list userid_list useridlist admin_list admin_users handover_userid takeover_userid "
    "operator_userid new_owner owner userids sender follow_user creator invitor removed_by direct_leader "
    "person people add_user_list del_user_list priority_userid_list",
    "external_userid": "external_user_list external_userid_list",
    "tag_id": "add_tag remove_tag external_tagid_list",
    "chat_id": "chat_id_list",
    "department": "department_id partyid party department_list main_department parentid departmentid",
    "field_id": "field_ids FIELD_ID",
    "field_title": "field_titles FIELD_TITLE FILED_TITLE",
    "record_id": "record_ids delete",
    "view_id": "view_ids",
    "field_group_id": "field_group_ids",
    "rule_id": "rule_id_list",
    "stage_id": "next_stage_ids move_to",
    "strategy_id": "parent_id",
    "corpid": "auth_corpid",
    "cursor": "next_cursor",
    "mobile": "mobiles remark_mobiles",
    "tmp_external_userid": "tmp_external_userid_list",
    "permanent_code": "secret",
    "agentid": "source_agentid",
}
SAME = {name: meaning for meaning, names in _MEANING.items() for name in names.split()}
IDS = frozenset(_MEANING) | {
    "group_id",
    "docid",
    "sheet_id",
    "config_id",
    "link_id",
    "product_id",
    "follow_up_id",
    "unionid",
    "openid",
    "chat_key",
    "opengid",
    "webhook_id",
    "pending_id",
    "suite_id",
    "suite_secret",
    "suite_ticket",
    "provider_secret",
    "url",
    "version",
}


def meaning(name: str, value: Any = "") -> str:
    """The kind of id in a field of this name; a numeric `id` is of a department, another of a tag."""
    if name == "id":
        return "department" if isinstance(value, int) else "tag_id"
    return SAME.get(name, name)


class Pool:
    def __init__(self) -> None:
        self._values: defaultdict[str, list[Any]] = defaultdict(list)
        self._together: deque[dict[str, Any]] = deque(maxlen=KEPT_TOGETHER)

    def learn(self, request: Request, answer: Answer) -> None:
        """Remembers the ids of a successful request and its reply as belonging together."""
        reply = answer.json()
        if answer.status != 200 or not isinstance(reply, dict) or reply.get("errcode"):
            return
        together: dict[str, Any] = {}
        for name, value in ids_in([dict(parse_qsl(request.target.partition("?")[2])), request.json(), reply]):
            known = self._values[name]
            if value in known:
                known.remove(value)
            known.append(value)
            del known[:-KEPT]
            together.setdefault(name, value)
        if together:
            self._together.append(together)

    def any_together(self, rng: random.Random, wanted: set[str]) -> dict[str, Any]:
        """Ids of one exchange: of a few exchanges, the one with most of the wanted names."""
        if not self._together:
            return {}
        few = [self._together[rng.randrange(len(self._together))] for _ in range(10)]
        return max(few, key=lambda one: len(wanted & one.keys()))

    def pick(self, rng: random.Random, name: str, like: Any = None) -> Any:
        """A value of this name, preferably of the type of `like`; None if none is known."""
        known = self._values.get(name, [])
        fitting = [value for value in known if like is None or isinstance(value, type(like))] or known
        return rng.choice(fitting) if fitting else None


def ids_in(said: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(said, dict):
        for key, value in said.items():
            yield from ids_in(value, key)
    elif isinstance(said, list | tuple):
        for value in said:
            yield from ids_in(value, name)
    elif isinstance(said, str | int) and not isinstance(said, bool) and said != "":
        means = meaning(name, said)
        if means in IDS:
            yield means, said
