"""The calls of recipes.md beside this module, and the examples of the documents: control API and budgets."""

import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from tests.same_answers.recorder import Recorder
from tests.same_answers.requests.reads import read_everything
from tests.same_answers.requests.walker import Walker, requests_of, sections
from tests.same_answers.trees import NotStarted

RECIPES = Path(__file__).with_name("recipes.md")
AN_HOUR = {"advance_seconds": 3600}
_SETTING = re.compile(r"^(TOLLBOOTH_\w+)=(\S+)$", re.MULTILINE)
_TOKEN = "GET /cgi-bin/gettoken?corpid={corpid}&corpsecret={secret}"
REPEATED = 4
"""How often a call is made that a document says is repeated."""


class Recipe(NamedTuple):
    settings: tuple[tuple[str, str], ...]
    requests: list[str]


def record_documents(recorder: Recorder, docs: Path) -> None:
    by_settings = defaultdict(list)
    for recipe in recipes(RECIPES):
        by_settings[recipe.settings].append(recipe.requests)
    for settings, all_requests in sorted(by_settings.items()):
        try:
            recorder.server(dict(settings))
        except NotStarted as reason:
            print(f"left out, because the server does not start with {dict(settings)}: {reason}")
            continue
        corps: list[str] = []
        for requests in all_requests:
            walker = Walker(recorder)
            walker.follow(requests)
            recorder.sim("POST", "/clock", AN_HOUR)
            corps.append(walker.seen["corpid"])
        read_everything(recorder, corps)
    _record_control_api(recorder, docs)
    _record_budgets(recorder, docs)


def recipes(document: Path) -> list[Recipe]:
    """Each recipe with the common first steps, which are those of the first chapter with steps."""
    chapters = [blocks for blocks in sections(document).values() if requests_of(blocks)]
    opening = requests_of(chapters[0])
    return [
        Recipe(
            tuple(found for language, text in blocks if not language for found in _SETTING.findall(text)),
            opening + requests_of(blocks),
        )
        for blocks in chapters[1:]
    ]


def _record_control_api(recorder: Recorder, docs: Path) -> None:
    recorder.server()
    walker = Walker(recorder)
    for blocks in sections(docs / "control-api.md").values():
        walker.follow(requests_of(blocks))
    corps = [corp["corpid"] for corp in recorder.sim("GET", "/corps")["corps"]]
    read_everything(recorder, corps, [walker.seen["provider_id"]])


def _record_budgets(recorder: Recorder, docs: Path) -> None:
    recorder.server()
    walker = Walker(recorder)
    for blocks in sections(docs / "toll.md").values():
        for request in requests_of(blocks):
            for _ in range(REPEATED if request.startswith("GET /cgi-bin/") else 1):
                walker.send(request)
            if request.startswith("POST /_sim/corps\n"):
                walker.send(_TOKEN)
    read_everything(recorder, [walker.seen["corpid"]])
