"""The local certificate authority, and the server's certificate that it signs.

The authority carries critical name constraints: clients trust it for the hosts of hosts.py and
this machine alone. Its key stays in the folder, for this user's eyes only.
"""

import datetime
import ipaddress
import os
import shutil
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wecom_tollbooth.settings import WrongSetting
from wecom_tollbooth.tls.hosts import HOSTS, LOCAL_ADDRESSES, LOCAL_NAMES

AUTHORITY_DAYS, CERTIFICATE_DAYS = 3650, 397
"""Browsers refuse a server's certificate that is valid for longer."""
RENEW_DAYS = 30
"""A certificate that ends sooner is replaced at the start."""

CA_FILE, CA_KEY_FILE, CERTIFICATE_FILE, KEY_FILE = "ca.pem", "ca-key.pem", "server.pem", "server-key.pem"


@dataclass(frozen=True)
class Authority:
    """The folder with the authority and the server's certificate."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        return self.folder / CA_FILE

    @property
    def certificate_file(self) -> Path:
        return self.folder / CERTIFICATE_FILE

    def read_ca(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.ca_file.read_bytes())

    def read_certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate_file.read_bytes())

    def server_context(self) -> ssl.SSLContext:
        """TLS 1.2 and 1.3, HTTP/1.1."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(self.certificate_file, self.folder / KEY_FILE)
        return context


def find(folder: Path) -> Authority | None:
    """The authority in the folder, or None."""
    return Authority(folder) if (folder / CA_FILE).is_file() else None


def find_or_make(folder: Path) -> Authority:
    """The authority in the folder, made at the first use; its server's certificate is renewed in time.

    Raises WrongSetting if the folder can't be written or doesn't hold what it should.
    """
    authority = Authority(folder)
    try:
        if not authority.ca_file.exists():
            _make(folder)
        if not _serves(authority):
            _write_certificate(folder, authority.read_ca(), _read_key(folder / CA_KEY_FILE))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise WrongSetting(
            f"TOLLBOOTH_TLS_FOLDER: {folder}: {reason}; name a folder that can be written, or run "
            "`tollbooth tls remove` to start over"
        ) from None
    return authority


def _make(folder: Path) -> None:
    """Makes the folder whole and in one step: another process may do the same at this moment."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        key = ec.generate_private_key(ec.SECP256R1())
        ca = _new_authority(key)
        _write(made / CA_FILE, ca.public_bytes(serialization.Encoding.PEM))
        _write_key(made / CA_KEY_FILE, key)
        _write_certificate(made, ca, key)
        if folder.is_dir():  # exists without an authority: fill it
            for file in made.iterdir():
                os.replace(file, folder / file.name)
        else:
            os.rename(made, folder)
    except OSError:
        if not (folder / CA_FILE).exists():  # else another process was first
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _new_authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "WeCom Tollbooth"),
            x509.NameAttribute(NameOID.COMMON_NAME, "WeCom Tollbooth local test authority"),
        ]
    )
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in (*HOSTS, *LOCAL_NAMES)]
    permitted += [x509.IPAddress(ipaddress.ip_network(address)) for address in LOCAL_ADDRESSES]
    return (
        _certificate(subject, subject, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _write_certificate(folder: Path, ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in (*HOSTS, *LOCAL_NAMES)]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in LOCAL_ADDRESSES]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS[0])])
    certificate = (
        _certificate(subject, ca.subject, key.public_key(), CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    _write_key(folder / KEY_FILE, key)
    _write(folder / CERTIFICATE_FILE, certificate.public_bytes(serialization.Encoding.PEM))


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = time_of_this_machine()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # clocks of containers differ
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _serves(authority: Authority) -> bool:
    """Whether the server's certificate is of this authority, names every host and stays valid for a while."""
    if not authority.certificate_file.exists() or not (authority.folder / KEY_FILE).exists():
        return False
    ca, certificate = authority.read_ca(), authority.read_certificate()
    if ca.not_valid_after_utc < time_of_this_machine():
        raise ValueError(f"the authority expired on {ca.not_valid_after_utc:%Y-%m-%d}")
    missing = set(HOSTS) - _permitted(ca)
    if missing:
        raise ValueError(f"the authority may not sign for {', '.join(sorted(missing))}")
    try:
        certificate.verify_directly_issued_by(ca)
    except Exception:
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(HOSTS) <= set(
        names.get_values_for_type(x509.DNSName)
    ) and certificate.not_valid_after_utc > time_of_this_machine() + datetime.timedelta(days=RENEW_DAYS)


def _permitted(ca: x509.Certificate) -> set[str]:
    constraints = ca.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = constraints.permitted_subtrees or []
    return {name.value for name in permitted if isinstance(name, x509.DNSName)}


def time_of_this_machine() -> datetime.datetime:
    """The time of this machine: clients compare it with the certificate, whatever the simulator's clock."""
    return datetime.datetime.now(datetime.UTC)


def _read_key(file: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{file.name} is not the key of this authority")
    return key


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(file, text, mode=0o600)


def _write(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Writes the file in one step, so that nobody reads half of it."""
    handle, temporary = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    os.chmod(temporary, mode)
    os.replace(temporary, file)
