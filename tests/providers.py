"""A provider (服务商) for tests."""

from typing import Any

from tests.conftest import Corp, RunningServer, WeCom


class Provider:
    """A provider of the server: its tokens, and its apps in corps."""

    def __init__(self, server: RunningServer, **wanted: Any) -> None:
        answer = server.sim.post("/providers", json=wanted)
        assert answer.status_code == 200, answer.text
        self.server = server
        self.made: dict[str, str] = answer.json()
        self.id = self.made["provider_id"]

    def call(self, operation: str, /, token: Any = None, **body: Any) -> dict[str, Any]:
        return dict(self.server.api.post(operation, params=token, json=body).json())

    def ticket(self) -> str:
        return str(self.server.sim.get(f"/providers/{self.id}").json()["suite_ticket"])

    def suite_token(self) -> dict[str, str]:
        keys = {name: self.made[name] for name in ("suite_id", "suite_secret")}
        reply = self.call("service/get_suite_token", **keys, suite_ticket=self.ticket())
        return {"suite_access_token": reply["suite_access_token"]}

    def provider_token(self) -> dict[str, str]:
        secret = self.made["provider_secret"]
        reply = self.call("service/get_provider_token", corpid=self.id, provider_secret=secret)
        return {"provider_access_token": reply["provider_access_token"]}

    def app_in(self, corp: Corp, kind: str = "third_party", **wanted: Any) -> WeCom:
        """A client of a new app of the provider in the corp."""
        return self.client(corp, corp.new_app(kind=kind, provider_id=self.id, **wanted))

    def client(self, corp: Corp, app: dict[str, Any]) -> WeCom:
        """A client with a token of this app of the provider."""
        if app["kind"] == "provider_developed":
            return corp.client(app)
        reply = self.call(
            "service/get_corp_token",
            token=self.suite_token(),
            auth_corpid=corp.corpid,
            permanent_code=app["secret"],
        )
        client = WeCom.__new__(WeCom)
        client.corp, client.agentid, client.token = corp, app["agentid"], reply["access_token"]
        return client
