"""The examples on the pages about follow-ups work unchanged, in both languages."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunningServer
from tests.families.follow_ups.records import FollowUps

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("follow-ups.md", "follow-ups.zh-CN.md")
OPERATIONS = {
    "stages": "set_pipeline",
    "external_userid": "add",
    "position": "move",
    "items": "batch",
    "kind": "add_log",
    "overdue": "list",
    "cursor": "board",
}
"""By a field that no other example has."""


def examples(page: str) -> dict[str, dict[str, Any]]:
    text = (DOCS / page).read_text(encoding="utf-8")
    before_the_sheet = text.partition("wedoc/smartsheet")[0]
    found = {}
    for block in re.findall(r"^```json\n(.*?)^```$", before_the_sheet, re.MULTILINE | re.DOTALL):
        example = json.loads(block)
        for field, operation in OPERATIONS.items():
            if field in example:
                found[operation] = example
                break
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_work_one_after_the_other(server: RunningServer, page: str) -> None:
    # Of 40 customers, zhangsan would now and then have fewer than the four that the page takes.
    ups = FollowUps(server.make_corp(seed="demo", customers=200).client())
    shown = examples(page)
    assert shown.keys() == set(OPERATIONS.values())
    ups.ok("set_pipeline", **shown["set_pipeline"])
    pair, other = ups.pair("zhangsan"), ups.add("zhangsan", stage_id="talking")
    id_ = ups.ok("add", **{**shown["add"], **pair, "custom": {"cups": 200}})["follow_up_id"]
    assert ups.get(id_)["title"] == shown["add"]["title"]
    ids = {"fu9e3779b97f4a7c15": id_, "fu3c6ef372fe94f82a": other}
    real = json.loads(re.sub("|".join(ids), lambda found: ids[found[0]], json.dumps(shown)))
    ups.ok("move", **real["move"])
    assert ups.board()["talking"] == [other, id_]
    assert ups.listed(**real["list"]) == []
    assert ups.listed(**{**real["list"], "overdue": False}) == [id_]
    ups.ok("add_log", **real["add_log"])
    assert ups.get(id_)["last_time"] > 0
    assert [one["errcode"] for one in ups.ok("batch", **real["batch"])["results"]] == [0, 0]
    assert ups.get(id_)["stage_id"] == "signed"
    last, first = ups.add("zhangsan"), ups.add("zhangsan")
    new = ups.ok("board", stage_id="new", limit=1)["stages"][0]
    assert [card["follow_up_id"] for card in new["cards"]] == [first]
    assert ups.board(**{**real["board"], "cursor": new["next_cursor"]}) == {"new": [last]}


def test_both_pages_show_the_same_requests() -> None:
    english, chinese = (examples(page) for page in PAGES)
    for operation in OPERATIONS.values():
        ours, theirs = english[operation], chinese[operation]
        assert json.dumps(ours, sort_keys=True) == json.dumps(theirs, sort_keys=True), operation
