"""How commands talk to a running server: through its control API, with the admin token if one is set."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wecom_tollbooth.cli.errors import CommandError, NoServer

if TYPE_CHECKING:
    import httpx

Url = Annotated[str | None, typer.Option(help="服务地址 Address of the server [TOLLBOOTH_URL]")]
AsJson = Annotated[bool, typer.Option("--json", help="输出服务返回的 JSON Print the server's JSON")]

SECONDS_TO_CONNECT = 5
SECONDS_TO_ANSWER = 3600
"""Seeding a million customers or advancing the clock by a year takes a while."""


class Remote:
    """A running server. Raises CommandError where it refuses a call or doesn't answer."""

    def __init__(self, url: str | None) -> None:
        import httpx

        from wecom_tollbooth.settings import read_settings

        settings = read_settings(url=url)
        self.url = settings.url.rstrip("/")
        headers = {"Authorization": f"Bearer {settings.admin_token}"} if settings.admin_token else {}
        try:
            self._http = httpx.Client(
                base_url=f"{self.url}/_sim",
                headers=headers,
                timeout=httpx.Timeout(SECONDS_TO_ANSWER, connect=SECONDS_TO_CONNECT),
                verify=self.url.startswith("https:"),  # certificates take a while to read
                trust_env=False,  # the server is on this machine or in this network, not behind a proxy
            )
        except httpx.InvalidURL as error:
            raise CommandError(
                f"{settings.named('url')}: {self.url!r}: {error}; write http://host:port", 2
            ) from None

    def get(self, path: str, /, **params: Any) -> dict[str, Any]:
        """GET /_sim{path}; parameters that are None are omitted."""
        given = {key: value for key, value in params.items() if value is not None}
        return self._call("GET", path, params=given)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", path, json=body)

    def send_file(self, path: str, /, content: bytes, **params: Any) -> dict[str, Any]:
        """POST with a file as the body; parameters that are None are omitted."""
        given = {key: value for key, value in params.items() if value is not None}
        return self._call("POST", path, params=given, content=content)

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call("PUT", path, json=body)

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call("PATCH", path, json=body)

    def delete(self, path: str) -> dict[str, Any]:
        return self._call("DELETE", path)

    def file(self, path: str, /, body: dict[str, Any] | None = None, **params: Any) -> bytes:
        """The bytes of an answer that isn't JSON, such as a page: GET, or POST if there is a body."""
        method = "GET" if body is None else "POST"
        given = {key: value for key, value in params.items() if value is not None}
        answer = self._answer(method, path, params=given, json=body)
        if answer.status_code != 200:
            raise _refusal(answer, f"{self.url}: {method} /_sim{path}")
        return answer.content

    def _call(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        answer = self._answer(method, path, **what)
        reply = _json(answer)
        if answer.status_code == 200 and isinstance(reply, dict):
            return reply
        raise _refusal(answer, f"{self.url}: {method} /_sim{path}")

    def _answer(self, method: str, path: str, **what: Any) -> "httpx.Response":
        import httpx

        try:
            return self._http.request(method, path, **what)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NoServer(
                f"{self.url}: no server answers ({str(error) or type(error).__name__}); "
                "start one with `tollbooth serve`, or set --url"
            ) from None


def _json(answer: "httpx.Response") -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _refusal(answer: "httpx.Response", asked: str) -> CommandError:
    """The server's own error sentence if it has one."""
    reply = _json(answer)
    if isinstance(reply, dict) and isinstance(reply.get("error"), str):
        return CommandError(reply["error"])
    return CommandError(f"{asked} answered HTTP {answer.status_code}; is it a tollbooth of this version?")


def reachable(address: str) -> str:
    """The address for a client on this machine, also where the server listens on all addresses."""
    return address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
