"""What `tls` and `proxy` add to one server: an HTTPS port and a proxy port."""

import errno
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from wecom_tollbooth.settings import Settings, WrongSetting
from wecom_tollbooth.tls.authority import find_or_make
from wecom_tollbooth.tls.listener import TlsListener
from wecom_tollbooth.tls.proxy import Proxy
from wecom_tollbooth.tls.trust_files import Ports, note_ports, write_trust_files


class HttpsFront:
    """Binds its ports at once, so that one in use is reported before anything else happens.

    A port 0 in the settings is replaced by the one that was picked.
    Raises WrongSetting for a port in use or a folder that can't be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.authority = find_or_make(Path(settings.tls_folder))
        self._tls = _bound(settings, "tls_port")
        try:
            self._proxy = _bound(settings, "proxy_port") if settings.proxy else None
        except WrongSetting:
            self._tls.close()
            raise
        settings.tls_port = self._tls.getsockname()[1]
        if self._proxy is not None:
            settings.proxy_port = self._proxy.getsockname()[1]
        self._listener: TlsListener | None = None
        self._proxy_server: Proxy | None = None

    def write_trust_files(self) -> None:
        """What clients need; once for all workers, because it reads all roots of the system."""
        settings = self._settings
        write_trust_files(self.authority, settings.tls_port)
        proxy_port = settings.proxy_port if self._proxy is not None else None
        note_ports(self.authority.folder, Ports(settings.tls_port, proxy_port))

    async def start(self, app: ASGIApp, app_state: dict[str, Any]) -> None:
        """Serves `app`; `app_state` is what uvicorn's own server has as the state of the application."""
        self._listener = TlsListener(app, self._tls, self.authority.server_context())
        await self._listener.start(app_state, self._settings.port)
        if self._proxy is not None:
            settings = self._settings
            plain = (settings.host, settings.port) if settings.port else None
            self._proxy_server = Proxy((settings.host, settings.tls_port), plain)
            await self._proxy_server.start(self._proxy)

    async def stop(self) -> None:
        if self._proxy_server is not None:
            await self._proxy_server.stop()
        if self._listener is not None:
            await self._listener.stop()
        self.close()

    def close(self) -> None:
        """Gives the ports back."""
        self._tls.close()
        if self._proxy is not None:
            self._proxy.close()


def _bound(settings: Settings, field: str) -> socket.socket:
    port: int = getattr(settings, field)
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family)
        with suppress(AttributeError, OSError):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if settings.workers > 1:  # each worker has a socket of its own
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no name of a host"
        fix = (
            "a port above 1023, or allow it" if getattr(error, "errno", 0) == errno.EACCES else "another port"
        )
        raise WrongSetting(
            f"{settings.named(field)}: {settings.host}:{port}: {reason}; use {fix}; 0 picks a free one"
        ) from None
    bound.setblocking(False)
    return bound
