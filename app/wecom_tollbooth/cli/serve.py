"""Commands that need no running server: `tollbooth serve`, `demo`, `migrate` and `settings`."""

import sys
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wecom_tollbooth.cli.server_process import WantedCorp
    from wecom_tollbooth.settings import Settings

Host = Annotated[str | None, typer.Option(help="监听地址 Address to listen on [TOLLBOOTH_HOST]")]
Port = Annotated[
    int | None, typer.Option(help="端口，0 为自动选择 Port, 0 picks a free one [TOLLBOOTH_PORT]")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(help="数据库 Database: sqlite:///file.db or postgresql://… [TOLLBOOTH_DATABASE_URL]"),
]
PriceBook = Annotated[
    str | None, typer.Option(help="价目表 Price book: name or TOML file [TOLLBOOTH_PRICE_BOOK]")
]

LogFormat = Annotated[
    str | None, typer.Option(help="日志格式 Form of the log: text or json [TOLLBOOTH_LOG_FORMAT]")
]

LogCalls = Annotated[
    bool | None,
    typer.Option(
        "--log-calls/--no-log-calls", help="每次调用输出一行 A line for each call [TOLLBOOTH_LOG_CALLS]"
    ),
]

Tls = Annotated[
    bool | None,
    typer.Option(
        "--tls/--no-tls", help="以企业微信的域名提供 HTTPS HTTPS under WeCom's names [TOLLBOOTH_TLS]"
    ),
]
TlsPort = Annotated[int | None, typer.Option(help="HTTPS 端口 HTTPS port [TOLLBOOTH_TLS_PORT]")]
Proxy = Annotated[
    int | None,
    typer.Option(
        "--proxy",
        metavar="PORT",
        help="另开代理，把企业微信的域名引到这里 A proxy that leads WeCom's hosts here [TOLLBOOTH_PROXY]",
    ),
]
Hosts = Annotated[
    bool,
    typer.Option("--hosts", help="只打印 hosts 文件的行 Only print the lines for the hosts file"),
]


def add_to(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(demo)
    app.command()(migrate)
    app.command()(settings)


def serve(
    host: Host = None,
    port: Port = None,
    workers: Annotated[
        int | None,
        typer.Option(help="进程数，SQLite 只能为 1 Processes; 1 on SQLite [TOLLBOOTH_WORKERS]"),
    ] = None,
    database_url: DatabaseUrl = None,
    price_book: PriceBook = None,
    log_format: LogFormat = None,
    log_calls: LogCalls = None,
    tls: Tls = None,
    tls_port: TlsPort = None,
    proxy: Proxy = None,
    hosts: Hosts = False,
    ephemeral: Annotated[
        bool,
        typer.Option(
            "--ephemeral",
            help="数据放在临时目录，结束时删除 Keep the data in a temporary folder, deleted at the end",
        ),
    ] = False,
    seed: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="附一个企业，已有同名的则沿用：命名的种子或种子文件 "
            "Serve with a corp, made once and kept: the name of a seed, or a seed file",
        ),
    ] = None,
    until_stdin_closes: Annotated[
        bool,
        typer.Option("--until-stdin-closes", help="标准输入关闭时结束 End when the standard input is closed"),
    ] = False,
) -> None:
    """启动服务。Serve the API, the control API and its documentation."""
    if hosts:
        _print_hosts()
        return
    from wecom_tollbooth.cli.server_process import end_with_stdin, run_server
    from wecom_tollbooth.settings import load_settings

    with _temporary_database(database_url) if ephemeral else nullcontext(database_url) as database:
        settings = load_settings(
            host=host,
            port=port,
            workers=workers,
            database_url=database,
            price_book=price_book,
            log_format=log_format,
            log_calls=log_calls,
            **_https(tls, tls_port, proxy),
        )
        _caution(settings)
        if until_stdin_closes:
            end_with_stdin()
        run_server(settings, _seeded(seed), on_demand=ephemeral)


def _seeded(seed: str | None) -> "WantedCorp | None":
    if seed is None:
        return None
    from wecom_tollbooth.cli.seeded import seeded_corp

    return partial(seeded_corp, seed)


@contextmanager
def _temporary_database(database_url: str | None) -> "Iterator[str]":
    from wecom_tollbooth.cli.errors import CommandError

    if database_url is not None:
        raise CommandError("--ephemeral has a database of its own; leave out one of the two options", 2)
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="tollbooth-") as folder:
        yield f"sqlite:///{Path(folder, 'tollbooth.db').as_posix()}"


def demo(
    host: Host = None,
    port: Port = None,
    database_url: DatabaseUrl = None,
    price_book: PriceBook = None,
    log_format: LogFormat = None,
    log_calls: LogCalls = None,
    tls: Tls = None,
    tls_port: TlsPort = None,
    proxy: Proxy = None,
    hosts: Hosts = False,
    members: Annotated[int, typer.Option(min=1, max=20_000, help="成员数 Members of the demo corp")] = 5,
    customers: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="客户数 Customers of the demo corp")
    ] = 400,
) -> None:
    """启动服务，附演示企业。Serve with a demo corp, which is created once and kept."""
    if hosts:
        _print_hosts()
        return
    from wecom_tollbooth.cli.server_process import run_server
    from wecom_tollbooth.settings import load_settings

    settings = load_settings(
        host=host,
        port=port,
        workers=1,
        database_url=database_url,
        price_book=price_book,
        log_format=log_format,
        log_calls=log_calls,
        **_https(tls, tls_port, proxy),
    )
    if "log_calls" not in settings.model_fields_set:
        settings.log_calls = is_terminal()
    _caution(settings)
    from wecom_tollbooth.cli.demo import demo_corp

    run_server(settings, lambda _: demo_corp(members, customers))


def migrate(database_url: DatabaseUrl = None) -> None:
    """升级数据库结构。Upgrade the database's schema; PostgreSQL needs it before `serve`."""
    from wecom_tollbooth import file_lock
    from wecom_tollbooth.db import Database
    from wecom_tollbooth.migrate import look_before_opening
    from wecom_tollbooth.migrate import migrate as run_migrations
    from wecom_tollbooth.settings import load_settings

    wanted = load_settings(database_url=database_url, host="127.0.0.1", workers=1)
    _caution(wanted)
    look_before_opening(wanted)
    held = file_lock.hold(wanted)
    database = Database(wanted)
    try:
        revision = run_migrations(database)
    finally:
        database.close()
        if held is not None:
            held.close()
    print(f"数据库已是版本 The database is at revision {revision}")


def _https(tls: bool | None, tls_port: int | None, proxy: int | None) -> dict[str, object]:
    """The settings of these options: a proxy or a port of its own asks for HTTPS too."""
    wanted = True if tls is None and (proxy is not None or tls_port is not None) else tls
    return {
        "tls": wanted,
        "tls_port": tls_port,
        "proxy": None if proxy is None else True,
        "proxy_port": proxy,
    }


def _print_hosts() -> None:
    from wecom_tollbooth.tls.hosts import hosts_file_lines

    print("\n".join(hosts_file_lines()))


def is_terminal() -> bool:
    """Whether somebody is looking."""
    return sys.stdout.isatty()


def _caution(settings: "Settings") -> None:
    """Says on stderr what does not stop the start, but should be known."""
    from wecom_tollbooth.migrate import about_foreign_tables
    from wecom_tollbooth.settings import about_what_is_not_read

    for about in (about_what_is_not_read, about_foreign_tables):
        line = about(settings)
        if line is not None:
            print(f"tollbooth: {line}", file=sys.stderr)


def settings() -> None:
    """列出全部设置。List all settings with value, default and meaning."""
    import os

    from wecom_tollbooth.cli.tables import console, table
    from wecom_tollbooth.settings import (
        Settings,
        env_file,
        environment_name,
        load_settings,
        place_of,
        shown_value,
    )

    written = {name.upper(): value for name, value in {**env_file(), **os.environ}.items()}
    rows = table("设置 Setting", "值 Value", "默认 Default", "含义与单位 Meaning and unit")
    for field, about in Settings.model_fields.items():
        name = environment_name(field)
        default = shown_value(about.default)
        value = written.get(name)
        shown = default if value is None else f"{_without_secrets(field, value)}  ({place_of(field)})"
        rows.add_row(name, shown, default, about.description, style=None if value is None else "bold")
    console().print(rows)
    load_settings()


def _without_secrets(field: str, value: str) -> str:
    """The value with the admin token, or the password in an address, hidden."""
    if field == "admin_token":
        return "•••" if value else ""
    head, at, tail = value.rpartition("@")
    scheme, slashes, user = head.partition("://")
    if field == "database_url" and at and ":" in user:
        return f"{scheme}{slashes}{user.split(':')[0]}:•••@{tail}"
    return value
