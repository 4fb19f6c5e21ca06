"""A corp as tests use it: its API, the acts of its people, its clock, calls, callbacks, phones and bill."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pytest_tollbooth.callbacks import Callbacks
from pytest_tollbooth.calls import Calls, full_path
from pytest_tollbooth.control import Control
from pytest_tollbooth.receiver import Receiver
from pytest_tollbooth.snapshot import Snapshot

TOKEN_IS_GONE = frozenset({40014, 42001})


class CallFailed(AssertionError):
    """A call was not answered with errcode 0; `reply` holds the answer."""

    def __init__(self, path: str, reply: dict[str, Any], detail: str) -> None:
        super().__init__(f"{path} answered {reply.get('errcode')} {reply.get('errmsg')}: {detail}")
        self.reply = reply


class Corp:
    """One corp of a server. `secret` and `agentid` are those of its first app, which may call everything."""

    def __init__(self, control: Control, made: dict[str, Any]) -> None:
        self._control = control
        self.corpid: str = made["corpid"]
        self.name: str = made["name"]
        self.apps: list[dict[str, Any]] = made["apps"]
        """agentid, name, kind, secret, callback_token and encoding_aes_key of each."""
        self._path = f"/corps/{self.corpid}"
        self._tokens: dict[int, str] = {}
        self._snapshots = 0

    @property
    def base_url(self) -> str:
        return self._control.base_url

    @property
    def agentid(self) -> int:
        return int(self.apps[0]["agentid"])

    @property
    def secret(self) -> str:
        return str(self.apps[0]["secret"])

    @cached_property
    def calls(self) -> Calls:
        return Calls(self._control, self._path)

    @cached_property
    def callbacks(self) -> Callbacks:
        return Callbacks(self._control, self._path)

    # Calls of the API, for what a test prepares or looks at by itself.

    def get(self, path: str, /, **query: Any) -> dict[str, Any]:
        """The reply of a GET call, `corp.get("user/get", userid="lisi")`. Raises CallFailed."""
        return self._call("GET", path, query, None)

    def post(self, path: str, /, **body: Any) -> dict[str, Any]:
        """The reply of a POST call. Raises CallFailed."""
        return self._call("POST", path, {}, body)

    def token(self, agentid: int | None = None) -> str:
        """An access_token of the app."""
        app = self._app(agentid)
        query = {"corpid": self.corpid, "corpsecret": app["secret"]}
        reply = self._control.call("GET", "/cgi-bin/gettoken", query, None)
        self._check("gettoken", reply)
        self._tokens[int(app["agentid"])] = reply["access_token"]
        return str(reply["access_token"])

    # What happens to the corp.

    def act(self, name: str, /, **fields: Any) -> dict[str, Any]:
        """Performs an act, `corp.act("member_adds_customer", userid="lisi")`. Raises Refused.

        `sender=` stands for the field `from`, which is a word of Python.
        """
        if "sender" in fields:
            fields["from"] = fields.pop("sender")
        return self._control.send("POST", f"{self._path}/acts", act=name, **fields)

    def scan(self, config_id: str, **fields: Any) -> dict[str, Any]:
        """A new customer scans the contact way (联系我) `config_id`; returns what came of it."""
        return self.act("customer_scans_contact_way", config_id=config_id, **fields)

    def now(self) -> int:
        """Unix seconds of the corp's clock."""
        return int(self._control.get(f"{self._path}/clock")["now"])

    def advance(self, by: float | timedelta) -> int:
        """Moves the corp's clock forward and does what falls due; returns the new time."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return self._clock(advance_seconds=int(seconds))

    def freeze(self, at: str | int | datetime | None = None) -> int:
        """Stops the corp's clock, at that time if one is given; returns the time."""
        if isinstance(at, datetime):
            at = int(at.timestamp())
        return self._clock(freeze=True, **({} if at is None else {"set": at}))

    def unfreeze(self) -> int:
        """Lets the corp's clock run on; returns the time."""
        return self._clock(freeze=False)

    def fail_next(self, path: str, /, *, times: int = 1, skip: int = 0, **then: Any) -> str:
        """Plans a fault for the next calls of an operation, `"*"` for any; returns its id.

        `then` as in POST …/faults: errcode and errmsg, http_status and body, delay_ms, disconnect,
        expire_token, rate_limit.
        """
        made = self._control.send(
            "POST", f"{self._path}/faults", path=path, times=times, skip=skip, then=then
        )
        return str(made["id"])

    def snapshot(self, name: str | None = None) -> Snapshot:
        """Takes a snapshot: `snapshot.restore()` brings the corp back to it, and so does the end of a `with`
        block."""
        if name is None:
            self._snapshots += 1
            name = f"test-{self._snapshots}"
        return Snapshot(self._control, self._path, name)

    def reset(self) -> None:
        """Brings the corp back to what it was made with."""
        self._control.send("POST", f"{self._path}/reset")

    def clear_faults(self) -> None:
        self._control.send("DELETE", f"{self._path}/faults")

    def control(self, method: str, path: str, /, **body: Any) -> dict[str, Any]:
        """Another call of the corp's control API, `corp.control("PUT", "/contact_limit", limit=2000)`.

        `body` is the query of a GET. Raises Refused.
        """
        if method == "GET":
            return self._control.get(f"{self._path}{path}", **body)
        return self._control.send(method, f"{self._path}{path}", **body)

    def strict(self, on: bool = True) -> None:
        """Lets the server notice what the program could do better; its answers stay the same."""
        self._control.send("PATCH", self._path, strict=on)

    # What one sees of it.

    def phone(self, person: str) -> list[dict[str, Any]]:
        """What the phone of a member or customer shows, oldest first."""
        items: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self._control.get(f"{self._path}/phones/{person}", limit=1000, cursor=cursor)
            items += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return items

    def bill(self, month: str | None = None) -> dict[str, Any]:
        """The statement of a month, `YYYY-MM`; amounts are decimal text in yuan."""
        return self._control.get(f"{self._path}/statement", month=month)

    def expect_no_refusals(self) -> None:
        """Fails if any call of the corp was refused, and says which and why."""
        self.calls.expect_no_refusals()

    def advice(self, *codes: str, still_open: bool = True) -> list[dict[str, Any]]:
        """What strict mode has noticed, as in GET …/advice; only that with one of `codes`, if any are given.

        `still_open` adds unread pages, and callbacks that no call has followed, whose time is not over.
        """
        found = self._control.get(f"{self._path}/advice", open=still_open)["advice"]
        return [one for one in found if not codes or one["code"] in codes]

    def expect_no_advice(self, *codes: str, still_open: bool = True) -> None:
        """Fails if strict mode has noticed anything, and says what; see `advice`."""
        found = self.advice(*codes, still_open=still_open)
        if found:
            lines = (f"{one['code']} ×{one['count']}: {one['en']}" for one in found)
            raise AssertionError("\n".join(("there is advice:", *lines)))

    def receive_callbacks(self, agentid: int | None = None) -> Receiver:
        """A receiver of the app's callbacks on loopback, which checks and decrypts them; close it, or use
        it in a `with` block."""
        app = self._app(agentid)
        receiver = Receiver(self.corpid, app["callback_token"], app["encoding_aes_key"])
        try:
            self._control.send("PUT", f"{self._path}/apps/{app['agentid']}/callback", url=receiver.url)
        except BaseException:
            receiver.close()
            raise
        return receiver

    def delete(self) -> None:
        """Deletes the corp and all that belongs to it but its ledger."""
        self._control.send("DELETE", self._path)

    def __repr__(self) -> str:
        return f"Corp({self.corpid!r})"

    def _app(self, agentid: int | None) -> dict[str, Any]:
        if agentid is None:
            return self.apps[0]
        return next(app for app in self.apps if app["agentid"] == agentid)

    def _clock(self, **move: Any) -> int:
        return int(self._control.send("POST", f"{self._path}/clock", **move)["now"])

    def _call(
        self, method: str, path: str, query: dict[str, Any], body: dict[str, Any] | None
    ) -> dict[str, Any]:
        path = full_path(path)
        token = self._tokens.get(self.agentid) or self.token()
        reply = self._control.call(method, path, {"access_token": token, **query}, body)
        if reply.get("errcode") in TOKEN_IS_GONE:
            reply = self._control.call(method, path, {"access_token": self.token(), **query}, body)
        return self._check(path, reply)

    def _check(self, path: str, reply: dict[str, Any]) -> dict[str, Any]:
        if reply.get("errcode"):
            raise CallFailed(path, reply, self.calls.reason_of(reply))
        return reply
