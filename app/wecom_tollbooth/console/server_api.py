"""The console's way to the server: /_sim and /cgi-bin over HTTP, as anybody would."""

from typing import Any
from urllib.parse import quote

import httpx

SECONDS = 120
SECONDS_TO_CONNECT = 20
TOKEN_IS_OVER = frozenset({40014, 42001})


class ServerRefusal(Exception):
    """What the control API answered instead of a result: a sentence for people, and the HTTP status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class ServerApi:
    """One server. Answers are read whole; `request` returns them as they are, the others their JSON."""

    def __init__(self, url: str, admin_token: str = "") -> None:
        self.url = url.rstrip("/")
        self.has_token = bool(admin_token)
        self._http = httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {admin_token}"} if admin_token else {},
            timeout=httpx.Timeout(SECONDS, connect=SECONDS_TO_CONNECT),
            verify=self.url.startswith("https:"),
            trust_env=False,  # the server is on this machine or in this network, not behind a proxy
        )
        self._access_tokens: dict[tuple[str, int | None], str] = {}

    async def request(self, method: str, path: str, **what: Any) -> httpx.Response:
        """The server's answer. Raises ServerRefusal 502 if there is none."""
        try:
            return await self._http.request(method, path, **what)
        except httpx.HTTPError as error:
            sentence = f"the server at {self.url} does not answer: {error or type(error).__name__}"
            raise ServerRefusal(502, sentence) from None

    async def control(self, method: str, path: str, **what: Any) -> Any:
        """The JSON that /_sim{path} answers. Raises ServerRefusal."""
        return _json(await self.request(method, f"/_sim{path}", **what))

    async def call(
        self, corpid: str, operation: str, *, method: str = "POST", agentid: int | None = None, **what: Any
    ) -> httpx.Response:
        """A call of WeCom's API by one of the corp's apps, the first one without `agentid`.

        It is metered, charged and in the journal, as any call is.
        """
        params = dict(what.pop("params", ()))
        for renewed in (False, True):
            params["access_token"] = await self._access_token(corpid, agentid, renew=renewed)
            answer = await self.request(method, f"/cgi-bin/{operation}", params=params, **what)
            if answer.headers.get("Error-Code") not in map(str, TOKEN_IS_OVER):
                break
        return answer

    async def _access_token(self, corpid: str, agentid: int | None, *, renew: bool) -> str:
        known = self._access_tokens.get((corpid, agentid))
        if known is not None and not renew:
            return known
        corp = await self.control("GET", f"/corps/{segment(corpid)}")
        apps = [app for app in corp["apps"] if app.get("secret") and agentid in (None, app["agentid"])]
        if not apps:
            raise ServerRefusal(404, f"the corp {corpid} has no app {agentid}")
        asked = {"corpid": corpid, "corpsecret": apps[0]["secret"]}
        reply = _json(await self.request("GET", "/cgi-bin/gettoken", params=asked))
        if reply["errcode"]:
            raise ServerRefusal(502, f"gettoken: {reply['errcode']} {reply['errmsg']}")
        token: str = reply["access_token"]
        self._access_tokens[corpid, agentid] = token
        return token

    async def close(self) -> None:
        await self._http.aclose()


def segment(text: str) -> str:
    """`text` as one segment of a path."""
    return quote(text, safe="")


def _json(answer: httpx.Response) -> Any:
    try:
        reply = answer.json()
    except ValueError:
        raise ServerRefusal(502, f"HTTP {answer.status_code} without JSON") from None
    if answer.is_success:
        return reply
    raise ServerRefusal(answer.status_code, reply.get("error", f"HTTP {answer.status_code}"))
