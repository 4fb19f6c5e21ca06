"""How a client of each language is led here and told to trust the authority: lines to copy."""

import base64
import hashlib
import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from wecom_tollbooth.tls.authority import Authority
from wecom_tollbooth.tls.hosts import HOSTS
from wecom_tollbooth.tls.trust_files import (
    BUNDLE,
    JAVA_HOSTS,
    NODE_HOOK,
    PHP_INI,
    TRUST_STORE,
    TRUST_STORE_PASSWORD,
)

BROWSER = "chromium"
BROWSER_PROFILE = "chromium-profile"
"""Folder of the browser's profile, in that of the authority."""


@dataclass(frozen=True)
class Recipe:
    """The environment variables that an unmodified program of one kind needs."""

    name: str
    title: str
    variables: dict[str, str]
    note: str = ""

    @property
    def line(self) -> str:
        return " ".join(f"{name}={shlex.quote(value)}" for name, value in self.variables.items())


def recipes(authority: Authority, proxy_port: int) -> list[Recipe]:
    """One for each kind of client; docs/https.md lists the test of each."""
    folder = authority.folder.absolute()
    proxy = f"http://127.0.0.1:{proxy_port}"
    both = {"HTTPS_PROXY": proxy, "https_proxy": proxy}
    bundle = str(folder / BUNDLE)
    return [
        Recipe(
            "python",
            "Python: requests, httpx, urllib, aiohttp",
            {**both, "SSL_CERT_FILE": bundle, "REQUESTS_CA_BUNDLE": bundle},
            "aiohttp 需要 ClientSession(trust_env=True) aiohttp needs ClientSession(trust_env=True)",
        ),
        Recipe(
            "go",
            "Go: net/http",
            {**both, "SSL_CERT_FILE": bundle},
            "自建 Transport 须带 Proxy: http.ProxyFromEnvironment "
            "A Transport of its own needs Proxy: http.ProxyFromEnvironment",
        ),
        Recipe(
            "java",
            "Java: HttpURLConnection, java.net.http, OkHttp, Apache HttpClient",
            {"JAVA_TOOL_OPTIONS": java_options(folder, proxy_port)},
            f"{JAVA_HOSTS} 取代整个 JVM 的 DNS：数据库等其他主机名也要写进去 "
            f"{JAVA_HOSTS} replaces DNS for the whole JVM: add the other hosts that the program needs",
        ),
        Recipe(
            "node",
            "Node.js: https, fetch, axios",
            {
                "NODE_EXTRA_CA_CERTS": str(authority.ca_file.absolute()),
                "NODE_OPTIONS": f"--require {_quoted(folder / NODE_HOOK)}",
            },
        ),
        Recipe("curl", "curl", {**both, "CURL_CA_BUNDLE": bundle}),
        Recipe(
            "php",
            "PHP: curl, Symfony HttpClient, EasyWeChat",
            {**both, "PHP_INI_SCAN_DIR": f":{folder}"},
            f"php-fpm 在 pool 中设 env[HTTPS_PROXY]，并引用 {PHP_INI} "
            f"php-fpm: env[HTTPS_PROXY] in the pool, and {PHP_INI}",
        ),
    ]


def java_options(folder: Path, proxy_port: int) -> str:
    return " ".join(
        (
            f"-Djavax.net.ssl.trustStore={_quoted(folder / TRUST_STORE)}",
            f"-Djavax.net.ssl.trustStorePassword={TRUST_STORE_PASSWORD}",
            "-Dhttps.proxyHost=127.0.0.1",
            f"-Dhttps.proxyPort={proxy_port}",
            f"-Djdk.net.hosts.file={_quoted(folder / JAVA_HOSTS)}",
            "-DsocksProxyHost=127.0.0.1",
            f"-DsocksProxyPort={proxy_port}",
        )
    )


def _quoted(path: Path) -> str:
    """For variables that hold several options: Node and Java both take double quotes around a space."""
    text = str(path)
    return f'"{text}"' if " " in text else text


def browser_options(authority: Authority, proxy_port: int) -> str:
    """Options with which Chromium reaches WeCom's hosts here, and all others as always.

    It trusts the server's certificate alone, in a profile of its own; nothing is installed.
    """
    hosts = json.dumps(list(HOSTS), separators=(",", ":"))
    script = (
        f"function FindProxyForURL(url,host){{return {hosts}.indexOf(host)<0"
        f"?'DIRECT':'PROXY 127.0.0.1:{proxy_port}';}}"
    )
    key = authority.read_certificate().public_key()
    public = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    options = {
        "user-data-dir": str(authority.folder.absolute() / BROWSER_PROFILE),
        "ignore-certificate-errors-spki-list": base64.b64encode(hashlib.sha256(public).digest()).decode(),
        "proxy-pac-url": f"data:application/x-ns-proxy-autoconfig;base64,"
        f"{base64.b64encode(script.encode()).decode()}",
    }
    return " ".join(f"--{name}={shlex.quote(value)}" for name, value in options.items())


def system_lines(authority: Authority) -> list[tuple[str, str]]:
    """How to trust the authority in a whole system: (system, command). Nothing here is run by itself."""
    ca = shlex.quote(str(authority.ca_file.absolute()))
    return [
        (
            "Debian, Ubuntu",
            f"sudo cp {ca} /usr/local/share/ca-certificates/wecom-tollbooth.crt && "
            "sudo update-ca-certificates",
        ),
        ("macOS", f"security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db {ca}"),
        ("Windows", f"certutil -user -addstore Root {ca}"),
    ]
