"""A corp with an app and a token of each kind, and ids of everything that requests need."""

from pathlib import Path
from typing import Any

from tests.same_answers.exchanges import Answer, Request, in_json
from tests.same_answers.recorder import Recorder
from tests.same_answers.requests.operations import Operation
from tests.same_answers.requests.pool import Pool
from tests.same_answers.requests.walker import Walker

HERE = Path(__file__).parent
CALLS, MORE_CALLS = HERE / "world.http", HERE / "thorough.http"
TWO_HOURS = 7200
OF_PROVIDERS = ("third_party", "third_party_unlisted", "marketing", "provider_developed")
OTHERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("customer_contact_legacy", {"kind": "customer_contact_legacy"}),
    ("sees_one", {"kind": "self_built", "visible": {"userid": ["lisi"], "partyid": []}}),
    ("old", {"kind": "self_built", "created_at": 1600000000}),
    *((kind, {"kind": kind}) for kind in OF_PROVIDERS),
)


class World:
    def __init__(self, recorder: Recorder, number: int) -> None:
        self.recorder = recorder
        self.pool = Pool()
        self.tokens: dict[str, str] = {}
        """By kind of app; the provider's tokens by parameter."""
        corp = self._sim("POST", "/corps", {"seed": "demo", "members": 6, "customers": 30, "follow_ups": 8})
        self.corpid: str = corp["corpid"]
        self.provider = self._sim("POST", "/providers", {"name": f"服务商{number}"})
        self.expired = self._expired()
        apps = {app["kind"]: app for app in reversed(corp["apps"])}
        for name, wanted in OTHERS:
            of_provider = {"provider_id": self.provider["provider_id"]} if name in OF_PROVIDERS else {}
            apps[name] = self._sim("POST", f"/corps/{self.corpid}/apps", {**wanted, **of_provider})
        self._take_tokens_of_provider()
        self.tokens |= {name: self._token(app) for name, app in apps.items()}
        self._walker = Walker(recorder, self.pool.learn)
        self._walker.seen = {"corpid": self.corpid, "access_token": self.tokens["self_built"], **self.tokens}
        for name, app in apps.items():
            self._walker.seen |= {f"{name}_secret": app["secret"], f"{name}_agentid": app["agentid"]}
        self._follow(CALLS)
        self.tokens["key"] = str(self._walker.seen["key"])
        recorder.settle()

    def send(self, request: Request) -> Answer:
        """Sends a request and remembers the ids if it succeeds."""
        answer = self.recorder.send(request)
        self.pool.learn(request, answer)
        return answer

    def destroy_everything(self) -> None:
        """Calls that change and delete everything; each succeeds."""
        self._follow(MORE_CALLS)

    def token_for(self, operation: Operation) -> str:
        """A token that is valid for the operation."""
        if operation.token != "access_token":
            return self.tokens.get(operation.token, "")
        return self.tokens[operation.holders[0] if operation.holders else "self_built"]

    def _sim(self, method: str, path: str, body: Any = None) -> Any:
        return self.send(in_json(method, f"/_sim{path}", body)).json()

    def _expired(self) -> str:
        """A token of a separate app that has expired because the clock was advanced."""
        token = self._token(self._sim("POST", f"/corps/{self.corpid}/apps", {}))
        self.recorder.sim("POST", "/clock", {"advance_seconds": TWO_HOURS + 60})
        return token

    def _take_tokens_of_provider(self) -> None:
        known = self._sim("GET", f"/providers/{self.provider['provider_id']}")
        suite = {name: known[name] for name in ("suite_id", "suite_secret", "suite_ticket")}
        provider = {"corpid": known["provider_id"], "provider_secret": known["provider_secret"]}
        for name, body in (("suite", suite), ("provider", provider)):
            reply = self.recorder.post(f"service/get_{name}_token", body)
            self.tokens[f"{name}_access_token"] = reply[f"{name}_access_token"]

    def _token(self, app: dict[str, Any]) -> str:
        if app["kind"] in OF_PROVIDERS[:3]:
            body = {"auth_corpid": self.corpid, "permanent_code": app["secret"]}
            suite = self.tokens["suite_access_token"]
            reply = self.recorder.post("service/get_corp_token", body, suite_access_token=suite)
        else:
            reply = self.recorder.get("gettoken", corpid=self.corpid, corpsecret=app["secret"])
        return str(reply["access_token"])

    def _follow(self, calls: Path) -> None:
        self._walker.follow(calls.read_text(encoding="utf-8").strip().split("\n\n"))
