"""Snapshots and files of corps: `tollbooth corp snapshot`, `restore`, `reset`, `export`, `import`."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from wecom_tollbooth.cli.corps import CorpId, corp_commands, print_corp
from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import AsJson, Remote, Url
from wecom_tollbooth.cli.tables import console, print_json, shanghai, table

Named = Annotated[str, typer.Argument(metavar="NAME", help="快照名称 Name of the snapshot")]
ENDING = ".tollbooth"


def add_to(_app: typer.Typer) -> None:
    corp_commands.command("snapshot")(take)
    corp_commands.command("snapshots")(list_snapshots)
    corp_commands.command("restore")(restore)
    corp_commands.command("reset")(reset)
    corp_commands.command("export")(export)
    corp_commands.command("import")(import_corp)


def take(
    corpid: CorpId,
    name: Named,
    delete: Annotated[bool, typer.Option("--delete", help="删除它 Delete it instead")] = False,
    url: Url = None,
) -> None:
    """拍摄或删除快照。Take a snapshot of a corp, or delete it."""
    remote = Remote(url)
    if delete:
        remote.delete(f"/corps/{corpid}/snapshots/{quote(name, safe='')}")
        return print(f"已删除 Deleted {name}")
    taken = remote.post(f"/corps/{corpid}/snapshots", {"name": name})
    return print(f"已拍摄 Taken {taken['name']}: {taken['rows']} 行 rows, {taken['bytes']} 字节 bytes")


def list_snapshots(corpid: CorpId, as_json: AsJson = False, url: Url = None) -> None:
    """列出快照。List the snapshots of a corp, oldest first."""
    reply = Remote(url).get(f"/corps/{corpid}/snapshots")
    if as_json:
        return print_json(reply)
    rows = table("名称 Name", "时刻 Taken at", "行数 Rows", "字节 Bytes")
    for one in reply["snapshots"]:
        rows.add_row(one["name"], shanghai(one["taken_at"]), str(one["rows"]), str(one["bytes"]))
    return console().print(rows)


def restore(corpid: CorpId, name: Named, url: Url = None) -> None:
    """恢复快照。Bring a corp back to a snapshot."""
    done = Remote(url).post(f"/corps/{corpid}/snapshots/{quote(name, safe='')}/restore", {})
    print(f"已恢复 Restored {name}; 被取代的记录 superseded records: {done['superseded']}")


def reset(corpid: CorpId, url: Url = None) -> None:
    """重置为初始数据。Bring a corp back to its seed."""
    done = Remote(url).post(f"/corps/{corpid}/reset", {})
    print(f"已重置 Reset {corpid}; 被取代的记录 superseded records: {done['superseded']}")


def export(
    corpid: CorpId,
    target: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="文件，默认 CORPID.tollbooth File [default: CORPID.tollbooth]"),
    ] = None,
    url: Url = None,
) -> None:
    """导出到文件。Export a corp to a file."""
    path = target or Path(f"{corpid}{ENDING}")
    content = Remote(url).file(f"/corps/{corpid}/export")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}; name a file that can be written") from None
    print(f"已导出 Exported {path}, {len(content)} 字节 bytes")


def import_corp(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="导出的文件 The exported file")],
    new_id: Annotated[bool, typer.Option("--new-id", help="换一个 corpid Give it a new corpid")] = False,
    name: Annotated[str | None, typer.Option(help="换一个名称 Give it another name")] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """从文件导入。Import a corp from a file."""
    try:
        content = source.read_bytes()
    except OSError as error:
        raise CommandError(f"{source}: {error.strerror}; name a file of `tollbooth corp export`") from None
    print_corp(Remote(url).send_file("/corps/import", content, new_id=new_id or None, name=name), as_json)
