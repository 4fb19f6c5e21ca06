"""Finds out why a client doesn't get through: the authority, the HTTPS port, the proxy, the surroundings."""

import http.client
import os
import socket
import ssl
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from wecom_tollbooth.tls.authority import CA_KEY_FILE, KEY_FILE, Authority, find, time_of_this_machine
from wecom_tollbooth.tls.hosts import API_HOST, HOSTS

SECONDS = 5
FOREIGN_HOST = "example.com"
SPEAKS_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE")
TRUST_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
HOSTS_FILE = Path(r"C:\Windows\System32\drivers\etc\hosts" if os.name == "nt" else "/etc/hosts")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; without `ok`, `text` says what to do."""

    ok: bool
    text: str


def look(folder: Path, tls_port: int, proxy_port: int, environment: Mapping[str, str]) -> Iterator[Finding]:
    """What was found, one after the other; only ports of this machine are connected to."""
    authority = find(folder)
    if authority is None:
        yield Finding(
            False,
            f"没有证书机构 no authority in {folder}: start `tollbooth serve --tls` once, in this folder",
        )
        return
    yield _of_authority(authority)
    yield from _of_keys(authority)
    port = _of_port(authority, tls_port)
    yield port
    if port.ok:
        yield _of_proxy(authority, proxy_port)
    yield _of_hosts_file()
    yield from _of_environment(environment)
    yield from _of_trust(authority, proxy_port, environment)


def _of_authority(authority: Authority) -> Finding:
    try:
        ca = authority.read_ca()
    except ValueError as error:
        return Finding(
            False, f"证书机构无法读取 the authority can't be read: {error}; `tollbooth tls remove`"
        )
    ends = ca.not_valid_after_utc
    if ends < time_of_this_machine():
        return Finding(
            False, f"证书机构已过期 the authority expired on {ends:%Y-%m-%d}: `tollbooth tls remove`"
        )
    return Finding(True, f"证书机构 authority {authority.ca_file.absolute()}, {ends:%Y-%m-%d}")


def _of_keys(authority: Authority) -> Iterator[Finding]:
    if os.name != "posix":
        return
    for name in (CA_KEY_FILE, KEY_FILE):
        file = authority.folder / name
        if not file.exists():
            yield Finding(False, f"缺少私钥 {file} is missing: `tollbooth tls remove`, then start again")
        elif stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield Finding(False, f"私钥可被他人读取 others can read {file}: chmod 600 {file}")


def _of_port(authority: Authority, port: int) -> Finding:
    try:
        answer = _ask(authority, socket.create_connection(("127.0.0.1", port), SECONDS))
    except ssl.SSLCertVerificationError as error:
        return Finding(False, _what_is_wrong(authority, port, error))
    except ssl.SSLError as error:
        if error.reason in SPEAKS_PLAIN:
            return Finding(
                False,
                f"端口 {port} 不是 HTTPS port {port} speaks no TLS: name the port of --tls-port, "
                f"not that of plain HTTP or the proxy",
            )
        return Finding(False, f"端口 {port} 握手失败 the TLS handshake on port {port} failed: {error.reason}")
    except OSError as error:
        return Finding(
            False,
            f"HTTPS 端口 {port} 无人应答 nothing answers on port {port}: {error.strerror or error}; "
            f"tollbooth serve --tls --tls-port {port}",
        )
    return Finding("errcode" in answer, f"https://{API_HOST} → 127.0.0.1:{port}: {answer}")


def _what_is_wrong(authority: Authority, port: int, error: ssl.SSLCertVerificationError) -> str:
    """Why a client refuses the certificate that the port shows, with what it shows."""
    shown = _shown_certificate(port)
    if shown is None:
        return f"端口 {port} 的证书不可信 the certificate of port {port} is refused: {error.verify_message}"
    since, until, now = shown.not_valid_before_utc, shown.not_valid_after_utc, time_of_this_machine()
    if until < now:
        return (
            f"端口 {port} 的证书已于 {until:%Y-%m-%d} 过期，重启服务即可更换 "
            f"the certificate of port {port} expired on {until:%Y-%m-%d}: restart the server, which renews it"
        )
    if since > now:
        return (
            f"端口 {port} 的证书要到 {since:%Y-%m-%d} 才生效，请检查本机时间 "
            f"the certificate of port {port} is valid from {since:%Y-%m-%d}: look at this machine's clock"
        )
    try:
        shown.verify_directly_issued_by(authority.read_ca())
    except (ValueError, TypeError, InvalidSignature):
        return (
            f"端口 {port} 的证书由另一个机构签发 port {port} answers with another certificate, "
            f"issued by {shown.issuer.rfc4514_string()!a}: another server has the port, or the running one "
            f"uses another folder than {authority.folder}; restart it with TOLLBOOTH_TLS_FOLDER"
        )
    return (
        f"端口 {port} 的证书不含 {API_HOST} the certificate of port {port} is not accepted for {API_HOST} "
        f"({error.verify_message}): restart the server"
    )


def _shown_certificate(port: int) -> x509.Certificate | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # only to look at it
    try:
        with (
            socket.create_connection(("127.0.0.1", port), SECONDS) as connection,
            context.wrap_socket(connection, server_hostname=API_HOST) as secure,
        ):
            return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError):
        return None


def _of_proxy(authority: Authority, port: int) -> Finding:
    try:
        tunnel, status = _tunnel(port, API_HOST)
        if status != 200:
            tunnel.close()
            return Finding(False, f"代理端口 {port} 不是本程序 port {port} is not this proxy: HTTP {status}")
        _ask(authority, tunnel)
        foreign, status = _tunnel(port, FOREIGN_HOST)
        foreign.close()
    except OSError as error:
        return Finding(
            False,
            f"代理端口 {port} 无人应答 no proxy on port {port}: {error.strerror or error}; "
            f"tollbooth serve --tls --proxy {port}",
        )
    if status == 200:
        return Finding(
            False, f"代理端口 {port} 还通往别处 port {port} also leads elsewhere: it is another proxy"
        )
    return Finding(True, f"代理 proxy 127.0.0.1:{port} → {API_HOST}, 其他主机 others: HTTP {status}")


def _ask(authority: Authority, connection: socket.socket) -> str:
    """The first characters of what gettoken answers over TLS, as a client sees it."""
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    with connection, context.wrap_socket(connection, server_hostname=API_HOST) as secure:
        client = http.client.HTTPConnection(API_HOST)
        client.sock = secure
        client.request("GET", "/cgi-bin/gettoken")
        return client.getresponse().read(60).decode("utf-8", "replace")


def _tunnel(port: int, host: str) -> tuple[socket.socket, int]:
    connection = socket.create_connection(("127.0.0.1", port), SECONDS)
    connection.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    answer = http.client.HTTPResponse(connection, method="CONNECT")
    answer.begin()
    return connection, answer.status


def _of_hosts_file() -> Finding:
    try:
        lines = HOSTS_FILE.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = {name for line in lines for name in line.partition("#")[0].split()[1:]} & set(HOSTS)
    if named:
        return Finding(True, f"{HOSTS_FILE}: {', '.join(sorted(named))}")
    return Finding(
        True,
        f"{HOSTS_FILE} 中没有企业微信的域名，客户端须走代理 names no host of WeCom: clients need the proxy",
    )


def _of_environment(environment: Mapping[str, str]) -> Iterator[Finding]:
    for name in ("NO_PROXY", "no_proxy"):
        entries = [entry.strip().lstrip("*.") for entry in environment.get(name, "").split(",")]
        left_out = [entry for entry in entries if _covers(entry, API_HOST)]
        if left_out or "*" in environment.get(name, "").split(","):
            yield Finding(
                False,
                f"{name} 使 {API_HOST} 绕过代理 {name} leaves {API_HOST} out: "
                f"remove {', '.join(left_out) or '*'}",
            )


def _of_trust(authority: Authority, proxy_port: int, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Whether what this shell trusts has the authority, if it is set to go through the proxy."""
    proxy = environment.get("HTTPS_PROXY") or environment.get("https_proxy") or ""
    if not proxy.rstrip("/").endswith(f":{proxy_port}"):
        return
    for name in TRUST_VARIABLES:
        file = Path(environment.get(name, ""))
        if name in environment and not _holds(file, authority):
            yield Finding(
                False,
                f"{name} 指向的 {file} 不含本机证书机构 {name}: {file} doesn't hold this authority: "
                f"tollbooth tls trust",
            )


def _holds(file: Path, authority: Authority) -> bool:
    try:
        return authority.read_ca() in x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        return False


def _covers(entry: str, host: str) -> bool:
    return bool(entry) and (host == entry or host.endswith(f".{entry}"))
