"""`tollbooth tls check` says of each certificate that a client refuses why, and what to do."""

import datetime
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.tls.conftest import Front
from tests.tls.test_command import wrong
from wecom_tollbooth.settings import WrongSetting
from wecom_tollbooth.tls import authority as module
from wecom_tollbooth.tls.authority import Authority, find_or_make
from wecom_tollbooth.tls.trust_files import write_trust_files

LONG_AGO = datetime.datetime(2019, 1, 1, tzinfo=datetime.UTC)
LATER = datetime.datetime(2090, 1, 1, tzinfo=datetime.UTC)


@contextmanager
def serving(authority: Authority) -> Iterator[int]:
    """The port of a server that shows this certificate and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError):
                        authority.server_context().wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def with_certificate_of(folder: Path, when: datetime.datetime, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority of today that signed the server's certificate at another time."""
    authority = find_or_make(folder)
    with monkeypatch.context() as patch:
        patch.setattr(module, "time_of_this_machine", lambda: when)
        ca = authority.read_ca()
        module._write_certificate(folder, ca, module._read_key(folder / module.CA_KEY_FILE))
    return authority


def test_an_expired_certificate_is_to_be_renewed_by_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = with_certificate_of(tmp_path / "tls", LONG_AGO, monkeypatch)
    with serving(authority) as port:
        found = wrong(authority.folder, port, 1)
    assert "expired on 2020-02-02: restart the server" in found
    assert "2020-02-02 过期" in found


def test_a_certificate_of_the_future_points_to_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = with_certificate_of(tmp_path / "tls", LATER, monkeypatch)
    with serving(authority) as port:
        assert "valid from 2089-12-31: look at this machine's clock" in wrong(authority.folder, port, 1)


def test_a_certificate_of_another_authority_names_its_issuer(tmp_path: Path) -> None:
    ours, theirs = find_or_make(tmp_path / "ours"), find_or_make(tmp_path / "theirs")
    with serving(theirs) as port:
        found = wrong(ours.folder, port, 1)
    assert "another certificate, issued by" in found
    assert "TOLLBOOTH_TLS_FOLDER" in found


def test_a_certificate_without_the_host_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "HOSTS", ("work.weixin.qq.com",))
        authority = find_or_make(tmp_path / "tls")
    with serving(authority) as port:
        assert "is not accepted for qyapi.weixin.qq.com" in wrong(authority.folder, port, 1)
    with pytest.raises(WrongSetting, match=r"may not sign for .*qyapi.*tls remove"):
        find_or_make(tmp_path / "tls")


def test_a_port_that_speaks_plain_http_is_named(front: Front) -> None:
    plain = int(front.server.base_url.rpartition(":")[2])
    for port in (plain, front.proxy_port):
        assert f"port {port} speaks no TLS" in wrong(front.folder, port, front.proxy_port)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
def test_a_shell_that_goes_through_the_proxy_must_trust_the_authority(
    front: Front, tmp_path: Path, name: str
) -> None:
    def found(file: Path, proxy_port: int) -> str:
        environment = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy_port}", name: str(file)}
        return wrong(front.folder, front.tls_port, front.proxy_port, **environment)

    other = find_or_make(tmp_path / "other")
    write_trust_files(other, 8443)
    for file in (other.folder / "bundle.pem", tmp_path / "missing.pem", tmp_path):
        assert f"{name}: {file} doesn't hold this authority" in found(file, front.proxy_port)
        assert found(file, 3128) == ""
    assert found(front.folder / "bundle.pem", front.proxy_port) == ""
