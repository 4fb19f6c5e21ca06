from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import RunningServer
from wecom_tollbooth.settings import Settings
from wecom_tollbooth.tls.authority import Authority
from wecom_tollbooth.tls.doorstep import Doorstep
from wecom_tollbooth.tls.front import HttpsFront
from wecom_tollbooth.tls.proxy import Proxy


@dataclass(frozen=True)
class Front:
    """A server with an HTTPS port and a proxy."""

    server: RunningServer
    folder: Path

    @property
    def authority(self) -> Authority:
        return Authority(self.folder)

    @property
    def tls_port(self) -> int:
        return self.server.settings.tls_port

    @property
    def proxy_port(self) -> int:
        return self.server.settings.proxy_port

    @property
    def doorstep(self) -> Doorstep:
        found = self._https._listener
        assert found is not None
        assert found._doorstep is not None
        return found._doorstep

    @property
    def proxy(self) -> Proxy:
        found = self._https._proxy_server
        assert found is not None
        return found

    def forget_reports(self) -> None:
        """Lets the log have each line again that it has once a minute."""
        self.doorstep._report._logged.clear()

    @property
    def _https(self) -> HttpsFront:
        front: HttpsFront = self.server.app.state.https
        return front


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("https") / "a folder"
    folder.mkdir()
    server = RunningServer(
        Settings(
            database_url=f"sqlite:///{folder}/tollbooth.db",
            tls=True,
            tls_port=0,
            proxy=True,
            proxy_port=0,
            tls_folder=str(folder / "tls"),
        )
    )
    server.app.state.https.write_trust_files()
    yield Front(server, folder / "tls")
    server.stop()
