"""The local authority: what it may sign, what is on disk, and when certificates are renewed."""

import datetime
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from wecom_tollbooth.settings import WrongSetting
from wecom_tollbooth.tls import authority as module
from wecom_tollbooth.tls.authority import CA_KEY_FILE, KEY_FILE, find, find_or_make
from wecom_tollbooth.tls.hosts import HOSTS
from wecom_tollbooth.tls.trust_files import FILES, PORTS, write_trust_files


def constraints(ca: x509.Certificate) -> x509.Extension[x509.NameConstraints]:
    return ca.extensions.get_extension_for_class(x509.NameConstraints)


def test_the_authority_may_sign_for_the_listed_hosts_alone(tmp_path: Path) -> None:
    ca = find_or_make(tmp_path / "tls").read_ca()
    assert constraints(ca).critical
    permitted = constraints(ca).value.permitted_subtrees or []
    names = {name.value for name in permitted if isinstance(name, x509.DNSName)}
    assert names == {*HOSTS, "localhost"}


def test_keys_are_for_this_user_only(tmp_path: Path) -> None:
    find_or_make(tmp_path / "tls")
    for name in (CA_KEY_FILE, KEY_FILE):
        assert stat.S_IMODE((tmp_path / "tls" / name).stat().st_mode) == 0o600


def test_the_certificate_names_every_host_and_is_verified(tmp_path: Path) -> None:
    authority = find_or_make(tmp_path / "tls")
    certificate = authority.read_certificate()
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(HOSTS) <= set(names.get_values_for_type(x509.DNSName))
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc < datetime.timedelta(days=400)
    certificate.verify_directly_issued_by(authority.read_ca())


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    first = find_or_make(tmp_path / "tls")
    before = [(first.folder / name).read_bytes() for name in ("ca.pem", "server.pem")]
    second = find_or_make(tmp_path / "tls")
    assert [(second.folder / name).read_bytes() for name in ("ca.pem", "server.pem")] == before


def test_a_certificate_that_soon_ends_is_renewed_under_the_same_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = find_or_make(tmp_path / "tls")
    ca, old = authority.ca_file.read_bytes(), authority.certificate_file.read_bytes()
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=380)
    monkeypatch.setattr(module, "time_of_this_machine", lambda: later)
    find_or_make(tmp_path / "tls")
    assert authority.ca_file.read_bytes() == ca
    assert authority.certificate_file.read_bytes() != old


def test_a_certificate_of_another_authority_is_replaced(tmp_path: Path) -> None:
    one, other = find_or_make(tmp_path / "one"), find_or_make(tmp_path / "other")
    one.certificate_file.write_bytes(other.certificate_file.read_bytes())
    find_or_make(tmp_path / "one")
    one.read_certificate().verify_directly_issued_by(one.read_ca())


@pytest.mark.parametrize("name", ["ca.pem", "ca-key.pem"])
def test_a_broken_folder_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    authority = find_or_make(tmp_path / "tls")
    (authority.folder / name).write_text("not a certificate")
    authority.certificate_file.unlink()
    with pytest.raises(WrongSetting) as refused:
        find_or_make(tmp_path / "tls")
    assert "tollbooth tls remove" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_trust_files_keep_the_roots_of_the_system(tmp_path: Path) -> None:
    authority = find_or_make(tmp_path / "tls")
    write_trust_files(authority, 8443)
    bundle = x509.load_pem_x509_certificates((authority.folder / "bundle.pem").read_bytes())
    assert authority.read_ca() in bundle
    assert len(bundle) > 1
    context = ssl.create_default_context(cafile=str(authority.folder / "bundle.pem"))
    assert context.get_ca_certs()
    assert {file.name for file in authority.folder.iterdir()} == set(FILES) - {PORTS}


def test_there_is_none_before_it_is_made(tmp_path: Path) -> None:
    assert find(tmp_path) is None


def test_the_key_is_no_part_of_what_clients_get(tmp_path: Path) -> None:
    authority = find_or_make(tmp_path / "tls")
    write_trust_files(authority, 8443)
    key = serialization.load_pem_private_key((authority.folder / CA_KEY_FILE).read_bytes(), None)
    secret = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for name in ("bundle.pem", "trust.p12", "ca.pem", "server.pem"):
        content = (authority.folder / name).read_bytes()
        assert secret not in content
        assert b"PRIVATE KEY" not in content
