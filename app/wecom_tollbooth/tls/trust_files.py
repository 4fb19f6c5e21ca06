"""What clients of each language need to trust the authority and to be led here, as files in its folder."""

import json
import ssl
import warnings
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from wecom_tollbooth.tls.authority import CA_FILE, CA_KEY_FILE, CERTIFICATE_FILE, KEY_FILE, Authority
from wecom_tollbooth.tls.hosts import ADDRESS_FOR_SOCKS, HOSTS, hosts_file_lines

TRUST_STORE_PASSWORD = "changeit"
"""Java's usual one: the store has no secret in it."""

BUNDLE, TRUST_STORE, PHP_INI, NODE_HOOK, JAVA_HOSTS, PORTS = (
    "bundle.pem",
    "trust.p12",
    "php.ini",
    "node-hook.cjs",
    "java-hosts.txt",
    "ports.json",
)
FILES = (
    CA_FILE,
    CA_KEY_FILE,
    CERTIFICATE_FILE,
    KEY_FILE,
    BUNDLE,
    TRUST_STORE,
    PHP_INI,
    NODE_HOOK,
    JAVA_HOSTS,
    PORTS,
)
"""Every file that this program writes into the folder."""

NODE_HOOK_TEXT = """\
// Leads connections to WeCom's hosts to WeCom Tollbooth: node --require {file} app.js
// It covers https, fetch and every library built on them, because it sits below them all.
'use strict';
const net = require('node:net');
const hosts = new Set({hosts});
const target = {{ host: '127.0.0.1', port: {port} }};
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {{
  const given = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (given && typeof given === 'object' && hosts.has(String(given.host).toLowerCase())) {{
    const led = {{ ...given, ...target, lookup: undefined }};
    if (Array.isArray(args[0])) args[0][0] = led;
    else args[0] = led;
  }}
  return connect.apply(this, args);
}};
"""


def write_trust_files(authority: Authority, tls_port: int) -> None:
    """Writes all of them, with the roots that the system has now."""
    ca = authority.read_ca()
    ca_text = ca.public_bytes(serialization.Encoding.PEM).decode()
    system = _system_roots()
    roots = "".join(root.public_bytes(serialization.Encoding.PEM).decode() for root in system)
    folder = authority.folder
    (folder / BUNDLE).write_text(roots + ca_text, encoding="ascii")
    store = pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(root, f"system {place}".encode()) for place, root in enumerate(system)]
        + [pkcs12.PKCS12Certificate(ca, b"wecom tollbooth")],
        serialization.BestAvailableEncryption(TRUST_STORE_PASSWORD.encode()),
    )
    (folder / TRUST_STORE).write_bytes(store)
    bundle = (folder / BUNDLE).absolute()
    (folder / PHP_INI).write_text(
        f'curl.cainfo = "{bundle}"\nopenssl.cafile = "{bundle}"\n', encoding="utf-8"
    )
    (folder / JAVA_HOSTS).write_text(
        "\n".join([*hosts_file_lines(ADDRESS_FOR_SOCKS), "127.0.0.1 localhost", ""]), encoding="ascii"
    )
    hook = NODE_HOOK_TEXT.format(
        file=(folder / NODE_HOOK).absolute(), hosts=json.dumps(list(HOSTS)), port=tls_port
    )
    (folder / NODE_HOOK).write_text(hook, encoding="utf-8")


@dataclass(frozen=True)
class Ports:
    """Where the server that started last in this folder listens; None for a proxy that it lacks."""

    tls_port: int
    proxy_port: int | None


def note_ports(folder: Path, ports: Ports) -> None:
    """Keeps them for `tollbooth tls trust` and `check`, which start without the server's options."""
    (folder / PORTS).write_text(json.dumps(asdict(ports)), encoding="ascii")


def noted_ports(folder: Path) -> Ports | None:
    """What `note_ports` kept; None if nothing can be read."""
    try:
        return Ports(**json.loads((folder / PORTS).read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError):
        return None


def _system_roots() -> list[x509.Certificate]:
    """The roots that this machine trusts: what replaces them would break all other HTTPS of a product."""
    roots = []
    for der in ssl.create_default_context().get_ca_certs(binary_form=True):
        with warnings.catch_warnings(), suppress(ValueError, Warning):
            warnings.simplefilter("error")  # old roots with a serial number that is no longer allowed
            roots.append(x509.load_der_x509_certificate(der))
    return roots or _certifi_roots()


def _certifi_roots() -> list[x509.Certificate]:
    """Those of certifi, which HTTP libraries bring along, where the system's can't be listed."""
    import certifi

    return x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
