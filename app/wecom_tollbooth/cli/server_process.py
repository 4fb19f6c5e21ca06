"""Runs the server until SIGTERM or Ctrl-C: one process, or several workers on PostgreSQL."""

import errno
import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wecom_tollbooth import __version__, logs
from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import reachable
from wecom_tollbooth.counts import FOLDER_VARIABLE
from wecom_tollbooth.http_protocol import BACKLOG, OPTIONS
from wecom_tollbooth.settings import Settings, WrongSetting, environment_name, shown_value

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wecom_tollbooth.db import Database
    from wecom_tollbooth.seeds import NewCorp

SECONDS_TO_FINISH = 5
"""How long running calls may take when the server is asked to stop."""

SECONDS_TO_START_WORKERS = 60

OPEN_FILES = 65_536

UVICORN: dict[str, Any] = {**OPTIONS, "timeout_graceful_shutdown": SECONDS_TO_FINISH}

WantedCorp = Callable[["Database"], "NewCorp"]
"""Tells the corp that is there from the start."""

Announce = Callable[[str], None]
"""Called with the base address once the server listens."""


def run_server(settings: Settings, corp: WantedCorp | None = None, *, on_demand: bool = False) -> None:
    """Serves until asked to stop, with `corp`, if one is wanted.

    `on_demand` makes a quick start, see `create_app`; several workers start as ever.

    Raises CommandError or WrongSetting if it can't start.
    """
    logs.configure(settings)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _allow_many_connections()
        with suppress(KeyboardInterrupt), _bound(settings) as bound:
            settings.port = bound.getsockname()[1]
            if settings.workers > 1:
                if corp is not None:
                    raise CommandError("--seed needs --workers 1; POST /_sim/corps makes corps later", 2)
                _serve_with_workers(settings, bound)
            else:
                _serve_here(settings, bound, corp, on_demand)
    finally:
        signal.signal(signal.SIGTERM, before)


def _allow_many_connections() -> None:
    """Raises the limit of open files as far as this process may: each connection is one."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(most, OPEN_FILES)
        if now != resource.RLIM_INFINITY and now < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _serve_here(settings: Settings, bound: socket.socket, corp: WantedCorp | None, on_demand: bool) -> None:
    import uvicorn

    from wecom_tollbooth.main import create_app

    app = create_app(settings, on_demand=on_demand)
    if app.state.https is not None:
        app.state.https.write_trust_files()
    announce: Announce = _print_address
    if corp is not None:
        from wecom_tollbooth.cli.demo import announcement
        from wecom_tollbooth.migrate import told_in_one_line

        with told_in_one_line(settings):
            database = app.state.server.database
            announce = announcement(database, corp(database))

    class AnnouncingServer(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            gc.freeze()  # everything so far lives as long as the process
            gc.enable()
            announce(_address(bound))
            _print_https(settings)

    _listen(settings, bound)
    AnnouncingServer(uvicorn.Config(app, log_config=None, **UVICORN)).run(sockets=[bound])


def _serve_with_workers(settings: Settings, bound: socket.socket) -> None:
    """Starts workers, which read the settings from the environment and share one socket."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    _try_settings(settings)
    for field in settings.model_fields_set:
        os.environ[environment_name(field)] = shown_value(getattr(settings, field))
    _listen(settings, bound)
    gc.enable()
    config = uvicorn.Config(
        "wecom_tollbooth.cli.server_process:worker_app",
        factory=True,
        workers=settings.workers,
        log_config=logs.configuration(settings),
        **UVICORN,
    )
    answered = threading.Event()
    threading.Thread(
        target=_print_once_answered, args=(settings, _address(bound), answered), daemon=True
    ).start()
    with tempfile.TemporaryDirectory(prefix="tollbooth-") as folder:
        os.environ[FOLDER_VARIABLE] = folder  # where workers add up what they count
        Multiprocess(config, sockets=[bound]).run()
    if not answered.is_set():
        raise CommandError("no worker could start; see its output above")


def _try_settings(settings: Settings) -> None:
    """Reports a wrong setting once, before each worker would, and settles the ports that are picked."""
    from wecom_tollbooth.main import create_app

    state = create_app(settings).state
    state.server.close()
    if state.https is not None:
        state.https.write_trust_files()
        state.https.close()


def worker_app() -> "FastAPI":
    """The application of one worker, which ends with the process that started it, even if that is killed."""
    from wecom_tollbooth.main import create_app

    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        return create_app()
    except WrongSetting as error:
        print(f"tollbooth: {error}", file=sys.stderr)
        sys.exit(2)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker is started by uvicorn's supervisor"
    parent.join()
    signal.raise_signal(signal.SIGTERM)


def end_with_stdin() -> None:
    """Ends the server once its standard input is closed, as it is when its parent has ended in any way."""

    def wait() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=wait, name="stdin", daemon=True).start()


def _print_once_answered(settings: Settings, address: str, answered: threading.Event) -> None:
    deadline = time.monotonic() + SECONDS_TO_START_WORKERS
    health = f"{reachable(address)}/_sim/health"
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(health, timeout=SECONDS_TO_START_WORKERS).close()
        except urllib.error.HTTPError as refused:
            refused.close()  # 401 without the admin token is an answer too
        except OSError:
            time.sleep(0.05)
            continue
        answered.set()
        _print_address(address)
        _print_https(settings)
        return


def _print_address(address: str) -> None:
    print(f"WeCom Tollbooth {__version__}  {address}  文档 docs: {address}/docs", flush=True)


def _print_https(settings: Settings) -> None:
    if not settings.tls:
        return
    proxy = f"  代理 proxy: http://{settings.host}:{settings.proxy_port}" if settings.proxy else ""
    print(
        f"HTTPS: https://qyapi.weixin.qq.com → {settings.host}:{settings.tls_port}{proxy}  "
        "信任 trust: tollbooth tls trust",
        flush=True,
    )


def _bound(settings: Settings) -> socket.socket:
    """A bound socket that doesn't listen yet: a port in use is reported before anything else happens."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        bound = socket.socket(family)
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except (OSError, UnicodeError) as error:
        raise _cannot_listen(settings, error) from None
    return bound


def _listen(settings: Settings, bound: socket.socket) -> None:
    try:
        bound.listen(BACKLOG)
    except OSError as error:
        raise _cannot_listen(settings, error) from None


def _cannot_listen(settings: Settings, error: OSError | UnicodeError) -> CommandError:
    if isinstance(error, socket.gaierror | UnicodeError):
        reason = error.strerror if isinstance(error, OSError) else "no name of a host"
        return CommandError(f"{settings.named('host')}: {settings.host}: {reason}; use 127.0.0.1")
    if error.errno == errno.EADDRNOTAVAIL:
        return CommandError(
            f"{settings.named('host')}: {settings.host}: {error.strerror}; "
            "use an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all"
        )
    return CommandError(
        f"{settings.named('port')}: {settings.host}:{settings.port}: {error.strerror}; "
        "use another port; 0 picks a free one"
    )


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
