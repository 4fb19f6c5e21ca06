"""Strict mode of a corp: `tollbooth strict`, `tollbooth advice`."""

from typing import Annotated

import typer

from wecom_tollbooth.cli.corps import CorpId
from wecom_tollbooth.cli.remote import AsJson, Remote, Url
from wecom_tollbooth.cli.tables import console, print_json, shanghai, table


def add_to(app: typer.Typer) -> None:
    app.command("strict")(strict)
    app.command("advice")(advice)


def strict(
    corpid: CorpId,
    off: Annotated[bool, typer.Option("--off", help="关闭 Switch it off")] = False,
    url: Url = None,
) -> None:
    """开启或关闭企业的严格模式。Switch a corp's strict mode on or off."""
    is_on = Remote(url).patch(f"/corps/{corpid}", {"strict": not off})["strict"]
    print(f"严格模式 Strict mode: {'开启 on' if is_on else '关闭 off'}")


def advice(
    corpid: CorpId,
    still_open: Annotated[
        bool, typer.Option("--open", help="也列出尚未到期的 Also what is not due yet")
    ] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="删除，重新开始 Delete it and begin again")
    ] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """列出严格模式的接入建议。List what strict mode has noticed."""
    remote = Remote(url)
    path = f"/corps/{corpid}/advice"
    if delete:
        print(f"已删除 Deleted {remote.delete(path)['deleted']}")
        return
    reply = remote.get(path, open=still_open or None)
    if as_json:
        print_json(reply)
        return
    from rich.markup import escape

    rows = table("建议 Advice", "次数 Count", "最近 Last", "说明 What", right=("次数 Count",))
    for one in reply["advice"]:
        what = f"{one['zh']}\n{one['en']}"
        rows.add_row(one["code"], str(one["count"]), shanghai(one["last_at"]), escape(what))
    console().print(rows)
