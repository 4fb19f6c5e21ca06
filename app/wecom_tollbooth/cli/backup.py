"""`tollbooth backup`, `restore` and `check`: the database itself, with or without a running server."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.serve import DatabaseUrl

File = Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 File of the backup")]


def add_to(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)
    app.command()(check)


def backup(
    file: File,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="覆盖已有文件 Replace a file that exists")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """备份 SQLite 数据库，服务可以照常运行。Back up the SQLite database, also while the server runs."""
    from wecom_tollbooth.backup import BackupError, back_up
    from wecom_tollbooth.settings import load_settings

    settings = load_settings(database_url=database_url, host="127.0.0.1", workers=1)
    try:
        revision = back_up(settings, file, overwrite=overwrite)
    except BackupError as error:
        raise CommandError(str(error)) from None
    print(f"已备份 Backed up to {file}  版本 revision {revision}  {file.stat().st_size:,} bytes")


def restore(file: File, database_url: DatabaseUrl = None) -> None:
    """用备份替换 SQLite 数据库，需先停止服务。Restore the SQLite database; stop the server first."""
    from wecom_tollbooth.backup import BackupError
    from wecom_tollbooth.backup import restore as put_back
    from wecom_tollbooth.settings import load_settings

    settings = load_settings(database_url=database_url, host="127.0.0.1", workers=1)
    try:
        done = put_back(settings, file)
    except BackupError as error:
        raise CommandError(str(error)) from None
    print(f"已恢复 Restored {settings.sqlite_file} from {file}  版本 revision {done.revision}")
    if done.aside is not None:
        print(f"原数据库另存为 The database that was there is kept as {done.aside}")


def check(database_url: DatabaseUrl = None) -> None:
    """检查数据库、账本和发件箱，有问题时退出码为 1。Check database, ledger and outbox."""
    from wecom_tollbooth.backup import check as check_database
    from wecom_tollbooth.db import Database
    from wecom_tollbooth.migrate import look_before_opening, newest_revision, told_in_one_line
    from wecom_tollbooth.migrate.inspection import look
    from wecom_tollbooth.settings import load_settings

    settings = load_settings(database_url=database_url, host="127.0.0.1", workers=1)
    look_before_opening(settings)
    database = Database(settings)
    faults = 0
    try:
        found = look(database)
        if not found.is_current:
            raise CommandError(
                f"{settings.named('database_url')}: the database is at revision {found.revision or 'none'}, "
                f"not {newest_revision()}; check it after `tollbooth migrate`, or with the older program"
            )
        with told_in_one_line(settings):
            for part in check_database(database):
                faults += len(part.findings)
                state = f"{len(part.findings)} 处问题 faults" if part.findings else "正常 ok"
                print(f"{part.title}  {state}")
                for finding in part.findings:
                    print(f"  {finding}")
                sys.stdout.flush()
    finally:
        database.close()
    if faults:
        raise CommandError(
            f"{faults} faults; keep a copy of the database, then restore a backup: `tollbooth restore FILE`"
        )
