"""Sites of products that are served with the bridge in their pages."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.client.pages import Page, parts
from tests.conftest import Corp, RunningServer
from wecom_tollbooth.client.page_proxy import cookies_in_frames, with_bridge


class Product(BaseHTTPRequestHandler):
    """Answers what it was asked, with headers that forbid frames."""

    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", f"http://{self.headers['Host']}/here")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        is_page = self.path.startswith("/page")
        asked = f"{self.command} {self.path} {self.headers['Host']} {self.headers.get('Origin')} "
        asked += f"{self.headers['User-Agent']} {self.headers.get('Cookie')}"
        length = int(self.headers.get("Content-Length", 0))
        text = f"<html><head><title>x</title></head>{asked} {self.rfile.read(length).decode()}</html>"
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if is_page else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("Set-Cookie", "a=1; Path=/; HttpOnly; SameSite=Lax")
        self.send_header("Set-Cookie", "b=2; Domain=crm.example.test")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def product() -> Iterator[str]:
    """The origin of the product's site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Product)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def framed(corp: Corp, url: str, **body: str) -> str:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/framed_pages", json={"url": url, **body})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["address"])


def ask(server: RunningServer, address: str, method: str = "GET", **options: Any) -> httpx.Response:
    """As a browser does, which leads names below localhost to this machine."""
    parts = urlsplit(address)
    headers = {"Host": parts.netloc, **options.pop("headers", {})}
    target = f"{server.base_url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    return httpx.request(method, target, headers=headers, **options)


def test_a_page_comes_with_the_bridge_and_may_be_framed(
    server: RunningServer, corp: Corp, product: str
) -> None:
    address = framed(corp, f"{product}/page?a=1&b=%E4%BD%A0#/top")
    shown = urlsplit(address)
    assert (shown.path, shown.query, shown.fragment) == ("/page", "a=1&b=%E4%BD%A0", "/top")
    assert shown.hostname is not None
    assert shown.hostname.endswith(f".{corp.corpid}.localhost")
    assert shown.port == urlsplit(server.base_url).port
    page = ask(server, address, headers={"Origin": f"{shown.scheme}://{shown.netloc}"})
    assert '<head><script src="/.tollbooth/bridge.js"></script><title>' in page.text
    host = urlsplit(product).netloc
    assert f"GET /page?a=1&b=%E4%BD%A0 {host} {product} Mozilla" in page.text
    assert "wxwork/" in page.text
    assert [name for name in ("x-frame-options", "content-security-policy") if name in page.headers] == []
    assert page.headers.get_list("set-cookie") == [
        "a=1; Path=/; HttpOnly; SameSite=None; Secure; Partitioned",
        "b=2; SameSite=None; Secure; Partitioned",
    ]
    bridge = ask(server, f"http://{shown.netloc}/.tollbooth/bridge.js")
    assert "WeixinJSBridge" in bridge.text
    assert "wxwork/" in bridge.text


def test_everything_else_is_passed_on_as_it_is(server: RunningServer, corp: Corp, product: str) -> None:
    address = framed(corp, f"{product}/data", device="mobile")
    answer = ask(server, address, "POST", content=b"hello", headers={"Cookie": "a=1"})
    assert "POST /data" in answer.text
    assert answer.text.endswith("a=1 hello</html>")
    assert "iPhone" in answer.text
    assert "bridge.js" not in answer.text
    away = ask(server, address.replace("/data", "/away"))
    assert away.headers["location"] == address.replace("/data", "/here")
    assert ask(server, address, "HEAD").status_code == 200


def test_the_same_site_keeps_its_name(corp: Corp, product: str) -> None:
    first, second = framed(corp, f"{product}/a"), framed(corp, f"{product}/b")
    assert urlsplit(first).netloc == urlsplit(second).netloc
    assert urlsplit(framed(corp, f"{product}/a", device="mobile")).netloc != urlsplit(first).netloc


def test_nothing_of_ours_is_served_under_such_a_name(server: RunningServer, corp: Corp, product: str) -> None:
    origin = framed(corp, f"{product}/").rstrip("/")
    for path in ("/_sim/corps", "/_sim/health", "/cgi-bin/gettoken", "/docs", "/openapi.json"):
        assert f"GET {path} " in ask(server, origin + path).text
    for address in (
        origin.replace("http://page-", "http://page-x"),
        origin.replace("http://page-", "http://PAGE-x"),
        "http://page-aaaaaaaaaaaaaaaa.nobody.localhost",
        "http://page-.localhost",
    ):
        assert ask(server, f"{address}/_sim/corps").status_code == 404


def test_the_control_api_refuses_these_pages(server: RunningServer, corp: Corp, product: str) -> None:
    origin = framed(corp, f"{product}/").rstrip("/")
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    assert httpx.get(f"{server.base_url}/_sim/corps", headers=headers).status_code == 403
    assert httpx.post(f"{server.base_url}/_sim/corps", headers=headers, json={}).status_code == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_frame_of_the_simulator_itself_leads_to_no_control_call(
    server: RunningServer, corp: Corp, name: str
) -> None:
    address = framed(corp, f"http://{name}:{server.base_url.rpartition(':')[2]}/_sim/corps")
    origin = "http://" + urlsplit(address).netloc
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    assert ask(server, address).status_code == 403
    assert ask(server, address, "POST", headers=headers, json={}).status_code == 403


@pytest.mark.parametrize(
    "url", ["", "ftp://a.test", "javascript:alert(1)", "https://u:p@a.test/", "http://[::"]
)
def test_only_web_addresses_are_framed(corp: Corp, url: str) -> None:
    answer = corp.server.sim.post(f"/corps/{corp.corpid}/framed_pages", json={"url": url})
    assert answer.status_code == 422


def test_a_site_that_does_not_answer_says_so(server: RunningServer, corp: Corp) -> None:
    answer = ask(server, framed(corp, "http://127.0.0.1:9/"))
    assert (answer.status_code, "cannot be reached" in answer.text) == (502, True)


def test_the_products_own_host_counts_for_trusted_domains(corp: Corp) -> None:
    app = corp.new_app(trusted_domains=["crm.example.test"])
    page = Page(corp, app)
    assert (
        page.agent_config(framed(corp, "https://a.crm.example.test/x"))["reply"]["err_msg"]
        == "agentConfig:ok"
    )
    assert parts(page.agent_config(framed(corp, "https://evil.test/x"))) == ["domain"]


def test_the_bridge_comes_before_the_pages_own_scripts() -> None:
    tag = b'<script src="/.tollbooth/bridge.js"></script>'
    assert with_bridge(b'<!DOCTYPE html><HEAD lang="x"><script>') == (
        b'<!DOCTYPE html><HEAD lang="x">' + tag + b"<script>"
    )
    assert with_bridge(b"<!doctype html><script>") == b"<!doctype html>" + tag + b"<script>"
    assert with_bridge(b"<header>") == tag + b"<header>"


def test_cookies_are_those_of_a_frame() -> None:
    assert list(cookies_in_frames([""])) == []
    assert list(cookies_in_frames(["a=b=c; Max-Age=1; secure"])) == [
        "a=b=c; Max-Age=1; SameSite=None; Secure; Partitioned"
    ]
