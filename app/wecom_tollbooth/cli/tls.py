"""The HTTPS front: `tollbooth tls trust`, `check` and `remove`."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wecom_tollbooth.cli.errors import CommandError

if TYPE_CHECKING:
    from wecom_tollbooth.settings import Settings

Folder = Annotated[
    Path | None, typer.Option("--folder", help="目录 Folder of the authority [TOLLBOOTH_TLS_FOLDER]")
]
TlsPort = Annotated[int | None, typer.Option(help="HTTPS 端口 HTTPS port [TOLLBOOTH_TLS_PORT]")]
ProxyPort = Annotated[int | None, typer.Option(help="代理端口 Port of the proxy [TOLLBOOTH_PROXY_PORT]")]


def add_to(app: typer.Typer) -> None:
    tls = typer.Typer(
        no_args_is_help=True,
        help="HTTPS：信任本地证书机构、检查、删除。HTTPS: trust the local authority, check, remove.",
    )
    tls.command("trust")(trust)
    tls.command("check")(check)
    tls.command("remove")(remove)
    app.add_typer(tls, name="tls")


def _settings(folder: Path | None, tls_port: int | None, proxy_port: int | None) -> "Settings":
    """The settings; ports that nobody set are those of the server that started last in the folder."""
    from wecom_tollbooth.settings import load_settings
    from wecom_tollbooth.tls.trust_files import noted_ports

    given = {"tls_folder": str(folder) if folder else None, "tls_port": tls_port, "proxy_port": proxy_port}
    settings = load_settings(**given)
    ports = noted_ports(Path(settings.tls_folder))
    if ports is not None and "tls_port" not in settings.model_fields_set:
        settings.tls_port = ports.tls_port
    if ports is not None and ports.proxy_port and "proxy_port" not in settings.model_fields_set:
        settings.proxy_port = ports.proxy_port
    return settings


def trust(
    only: Annotated[
        str | None,
        typer.Argument(
            metavar="[python|go|java|node|curl|php|chromium]",
            help="只要一种，可直接用于 shell One of them, as a line for the shell",
        ),
    ] = None,
    folder: Folder = None,
    proxy_port: ProxyPort = None,
) -> None:
    """各语言、各系统如何信任本地证书机构。How each language and system trusts the local authority."""
    from wecom_tollbooth.tls.authority import find_or_make
    from wecom_tollbooth.tls.recipes import BROWSER, browser_options, recipes, system_lines
    from wecom_tollbooth.tls.trust_files import write_trust_files

    settings = _settings(folder, None, proxy_port)
    authority = find_or_make(Path(settings.tls_folder))
    write_trust_files(authority, settings.tls_port)
    found = {recipe.name: recipe for recipe in recipes(authority, settings.proxy_port)}
    browser = browser_options(authority, settings.proxy_port)
    if only is not None:
        lines = {**{name: recipe.line for name, recipe in found.items()}, BROWSER: browser}
        if only not in lines:
            raise CommandError(f"tls trust: {only!r} is not one of {', '.join(lines)}", 2)
        print(lines[only])
        return
    print(f"证书机构 authority  {authority.ca_file.absolute()}")
    print(f"前提 needs  tollbooth serve --tls --proxy {settings.proxy_port}")
    for recipe in found.values():
        print(f"\n# {recipe.title}\n{recipe.line}")
        if recipe.note:
            print(f"# {recipe.note}")
    print(f"\n# 浏览器 Browser\nchromium {browser}")
    print("\n# 整个系统 The whole system")
    for system, command in system_lines(authority):
        print(f"# {system}\n{command}")


def check(folder: Folder = None, tls_port: TlsPort = None, proxy_port: ProxyPort = None) -> None:
    """以客户端的眼光检查证书机构、端口与代理。Check authority and ports as a client sees them."""
    from wecom_tollbooth.tls.check import look

    settings = _settings(folder, tls_port, proxy_port)
    failed = 0
    for finding in look(Path(settings.tls_folder), settings.tls_port, settings.proxy_port, os.environ):
        print(f"{'✓' if finding.ok else '✗'} {finding.text}")
        failed += not finding.ok
    if failed:
        raise typer.Exit(1)


def remove(
    folder: Folder = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不询问 Don't ask")] = False,
) -> None:
    """删除本地证书机构与信任文件。Delete the local authority and the files to trust it."""
    from wecom_tollbooth.settings import load_settings
    from wecom_tollbooth.tls.authority import CA_KEY_FILE, find
    from wecom_tollbooth.tls.recipes import BROWSER_PROFILE
    from wecom_tollbooth.tls.trust_files import FILES

    settings = load_settings(tls_folder=str(folder) if folder else None)
    place = Path(settings.tls_folder)
    if find(place) is None and not (place / CA_KEY_FILE).exists():
        raise CommandError(f"no authority in {place}; nothing was removed")
    if not yes:
        typer.confirm(f"删除 Delete {place.absolute()}?", abort=True)
    for name in FILES:
        (place / name).unlink(missing_ok=True)
    shutil.rmtree(place / BROWSER_PROFILE, ignore_errors=True)
    if not any(place.iterdir()):
        shutil.rmtree(place)
    print(
        f"已删除 removed {place}\n"
        "若曾加入系统信任，请一并移除 If the system was told to trust it, remove it there too:\n"
        "  Debian, Ubuntu  sudo rm /usr/local/share/ca-certificates/wecom-tollbooth.crt && "
        "sudo update-ca-certificates --fresh\n"
        "  macOS           security delete-certificate -c 'WeCom Tollbooth local test authority'\n"
        '  Windows         certutil -user -delstore Root "WeCom Tollbooth local test authority"'
    )
