"""The control API of a server, `/_sim`."""

from typing import Any

import httpx

SECONDS_TO_CONNECT = 5
SECONDS_TO_ANSWER = 600
"""Seeds of many customers and moves of the clock by months take a while."""


UNNOTICED = {"Tollbooth-Advice": "off"}


class Refused(Exception):
    """The control API refused a request; the text is the sentence that says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{sentence} (HTTP {status})")
        self.status = status


class Control:
    """Calls the control API; what it refuses is raised as Refused."""

    def __init__(self, base_url: str, admin_token: str | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {admin_token}"} if admin_token else {},
            timeout=httpx.Timeout(SECONDS_TO_ANSWER, connect=SECONDS_TO_CONNECT),
            verify=self.base_url.startswith("https:"),  # reading certificates takes a while
            trust_env=False,  # the server is not behind a proxy
        )

    def get(self, path: str, /, **query: Any) -> dict[str, Any]:
        """The answer of GET /_sim{path}; what is None in `query` is left out."""
        given = {name: value for name, value in query.items() if value is not None}
        return self._answer("GET", f"/_sim{path}", params=given)

    def send(self, method: str, path: str, /, **body: Any) -> dict[str, Any]:
        """The answer of POST, PUT, PATCH or DELETE with `body` as JSON."""
        return self._answer(method, f"/_sim{path}", json=body if body or method != "DELETE" else None)

    def call(self, method: str, path: str, query: dict[str, Any], body: dict[str, Any] | None) -> Any:
        """The answer of a call of the API, as parsed JSON. Strict mode doesn't look at it."""
        response = self._http.request(method, path, params=query, json=body, headers=UNNOTICED)
        try:
            return response.json()
        except ValueError:
            raise Refused(response.status_code, f"{path} answered no JSON: {response.text[:200]!r}") from None

    def close(self) -> None:
        self._http.close()

    def _answer(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise ConnectionError(f"the server at {self.base_url} does not answer: {error}") from error
        try:
            answer = response.json()
        except ValueError:
            answer = {"error": f"{path} answered no JSON; is {self.base_url} a WeCom Tollbooth?"}
        if response.is_error or not isinstance(answer, dict):
            sentence = answer.get("error") if isinstance(answer, dict) else None
            raise Refused(response.status_code, str(sentence or response.text[:200]))
        return answer
