"""`tollbooth phone`: what a person's phone shows."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from time import sleep
from typing import Annotated, Any
from urllib.parse import quote

import typer

from wecom_tollbooth.cli.corps import CorpId
from wecom_tollbooth.cli.errors import NoServer
from wecom_tollbooth.cli.remote import Remote, Url
from wecom_tollbooth.cli.tables import console, print_json, printable, shanghai, table, text_of

SECONDS_BETWEEN_LOOKS = 0.5
PAGE = 1000
RECENT = 50
"""Items that `--follow` reads again: their state may change, and of two workers one may be late."""


def phone(
    corpid: CorpId,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="userid 或 or external_userid")],
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", "-f", help="持续显示新内容，Ctrl-C 结束 Go on with what is new, until Ctrl-C"
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="输出 JSON，--follow 时每行一条 Print JSON, with --follow one item a line"
        ),
    ] = False,
    url: Url = None,
) -> None:
    """查看成员或客户手机上的内容，最早的在前。Show a member's or customer's phone, oldest first."""
    remote = Remote(url)
    path = f"/corps/{corpid}/phones/{quote(person, safe='')}"
    if follow:
        with suppress(KeyboardInterrupt):
            for item in _news(remote, path):
                line = "  ".join(map(printable, _cells(item)))
                print(json.dumps(item, ensure_ascii=False) if as_json else line, flush=True)
        return None
    items = list(_items(remote, path, ""))
    if as_json:
        return print_json({"items": items})
    from rich.markup import escape

    rows = table(
        "时间 At", "编号 Id", "类型 Kind", "来自 From", "状态 State", "内容 Body", right=("编号 Id",)
    )
    for item in items:
        rows.add_row(*map(escape, _cells(item)))
    return console().print(rows)


def _news(remote: Remote, path: str) -> Iterator[dict[str, Any]]:
    """The items of the phone, then each new one and each whose state has changed, without an end.

    A server that is restarted meanwhile is waited for.
    """
    recent: dict[int, dict[str, Any]] = {}
    cursor = ""
    some = list(_items(remote, path, cursor))
    while True:
        for item in some:
            known = recent.get(item["id"])
            recent[item["id"]] = item
            if known != item:
                yield item
        latest = sorted(recent.values(), key=_place)[-RECENT:]
        if len(latest) == RECENT:
            recent = {item["id"]: item for item in latest}
            cursor = "{:010d}{:015d}".format(*_place(latest[0]))
        sleep(SECONDS_BETWEEN_LOOKS)
        some = _next_look(remote, path, cursor)


def _next_look(remote: Remote, path: str, cursor: str) -> list[dict[str, Any]]:
    is_told = False
    while True:
        try:
            return list(_items(remote, path, cursor))
        except NoServer as error:
            if not is_told:
                print(f"tollbooth: {error}; 等待 waiting", file=sys.stderr)
            is_told = True
            sleep(SECONDS_BETWEEN_LOOKS)


def _place(item: dict[str, Any]) -> tuple[int, int]:
    return item["at"], item["id"]


def _items(remote: Remote, path: str, cursor: str) -> Iterator[dict[str, Any]]:
    while True:
        page = remote.get(path, cursor=cursor or None, limit=PAGE)
        yield from page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return


def _cells(item: dict[str, Any]) -> tuple[str, ...]:
    body = dict(item["body"])
    text = body.pop("text", {})
    said = text.get("content", "") if isinstance(text, dict) else text_of(text)
    attached = [_attachment(attachment) for attachment in body.pop("attachments", [])]
    rest = [f"{name}={text_of(value)}" for name, value in body.items()]
    shown = " ".join([said, *attached, *rest]).strip().replace("\n", "\\n")
    return shanghai(item["at"]), str(item["id"]), item["kind"], item["from"], item["state"], shown


def _attachment(attachment: dict[str, Any]) -> str:
    """ "[link 领半价券]": its kind, and its title or what names its file."""
    kind = attachment["msgtype"]
    part = attachment.get(kind, {})
    name = next((part[name] for name in ("title", "media_id", "pic_url") if name in part), "")
    return f"[{kind} {name}]"
