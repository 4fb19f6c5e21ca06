"""All settings in one class."""

import ipaddress
from pathlib import Path

from pydantic import PrivateAttr
from pydantic_settings import SettingsConfigDict

from wecom_tollbooth.settings.connections import ConnectionSettings
from wecom_tollbooth.settings.corps import CorpSettings
from wecom_tollbooth.settings.logs import LogSettings
from wecom_tollbooth.settings.retention import RetentionSettings
from wecom_tollbooth.settings.server import ServerSettings
from wecom_tollbooth.settings.sources import ENV_FILE, PREFIX, named
from wecom_tollbooth.settings.tls import TlsSettings
from wecom_tollbooth.settings.traffic import TrafficSettings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Settings(
    CorpSettings,
    LogSettings,
    RetentionSettings,
    TrafficSettings,
    ConnectionSettings,
    TlsSettings,
    ServerSettings,
):
    """Every setting. Its fields are listed from the last base to the first."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore")

    _given: frozenset[str] = PrivateAttr(default=frozenset())

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def sqlite_file(self) -> Path | None:
        """The file of an SQLite database; None for one in memory, and for PostgreSQL."""
        name = self.database_url.removeprefix("sqlite:///").partition("?")[0]
        return Path(name) if self.is_sqlite and name not in ("", ":memory:") else None

    @property
    def files_folder(self) -> Path | None:
        """The folder of uploaded files; None for a database in memory, whose files go with the process."""
        if self.is_sqlite and self.sqlite_file is None:
            return None
        if self.files:
            return Path(self.files)
        if self.sqlite_file is not None:
            real = self.sqlite_file.resolve()
            return real.with_name(f"{real.name}.files")
        return Path("tollbooth.files")

    @property
    def listens_on_loopback(self) -> bool:
        return self.host in LOOPBACK

    @property
    def proxy_networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks of trusted_proxies."""
        return tuple(
            ipaddress.ip_network(entry, strict=False) for entry in self.trusted_proxies.split(",") if entry
        )

    @property
    def sim_host_names(self) -> tuple[str, ...]:
        """The names of sim_hosts; one that begins with "*." stands for all names below it."""
        return tuple(name for name in self.sim_hosts.split(",") if name)

    def named(self, field: str) -> str:
        """Where `field` was set and what it is called there, such as "environment: TOLLBOOTH_PORT"."""
        return named(field, self._given)
