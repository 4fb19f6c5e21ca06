"""A tree's server on an empty database, with a client and a receiver of callbacks."""

import http.client
import json
import re
import string
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.same_answers.databases import Database, Databases, databases
from tests.same_answers.exchanges import HOST, Answer, Line, Request
from tests.same_answers.normal import PLACEHOLDER_ADDRESS, normal
from tests.same_answers.receiver import Receiver
from tests.same_answers.trees import Server, Tree

SECONDS_TO_ANSWER = 120
SECONDS_TO_SETTLE = 20
SECONDS_OF_BACKGROUND = 0.6
"""Time in which the background thread checks for work at least twice."""

_ADDRESS_SET = re.compile(r"/_sim/corps/(\w+)/apps/\d+/callback")


class Broken(Exception):
    """The server did not answer; the text has its last output."""


class Stage:
    def __init__(self, tree: Tree, made: Databases) -> None:
        self._tree = tree
        self._databases = made
        self._receiver = Receiver()
        self._server: Server | None = None
        self._database: Database | None = None
        self._client: http.client.HTTPConnection | None = None
        self._receiving: set[str] = set()
        """Corps with an app that receives callbacks."""

    def open(self, settings: dict[str, str]) -> None:
        """Starts a server with these settings on its own database and stops the previous one."""
        self._end()
        self._database = self._databases.new(self._tree.migrate)
        self._server = self._tree.serve(self._database.url, settings)
        self._client = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=SECONDS_TO_ANSWER)
        self._receiving.clear()

    def call(self, request: Request) -> Answer:
        answer = normal(request.path, self._sent(request), self._receiver.url)
        self._learn(request, answer)
        return answer

    def settle(self, *, last: bool = False) -> None:
        """Waits until no due callback is left. `last`: background work is released first."""
        assert self._database is not None
        if last:
            self._database.release()
            time.sleep(SECONDS_OF_BACKGROUND)
        if not self._database.held:
            deadline = time.monotonic() + SECONDS_TO_SETTLE
            while any(map(self._waits, sorted(self._receiving))) and time.monotonic() < deadline:
                time.sleep(0.02)

    @property
    def has_receivers(self) -> bool:
        return bool(self._receiving)

    def received(self) -> list[Line]:
        return list(self._receiver.received())

    def close(self) -> None:
        self._end()
        self._receiver.close()

    def _end(self) -> None:
        if self._client is not None:
            self._client.close()
        if self._server is not None:
            self._server.stop()
        if self._database is not None:
            self._database.release()
        self._client = self._server = self._database = None

    def _sent(self, request: Request) -> Answer:
        assert self._client is not None
        assert self._server is not None
        body = request.body.replace(PLACEHOLDER_ADDRESS, self._receiver.url.encode())
        target = quote(request.target, safe=string.punctuation)  # the docs write Chinese as it is
        try:
            self._client.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                self._client.putheader(name, value)
            if body or request.method not in ("GET", "HEAD", "DELETE"):
                self._client.putheader("Content-Length", str(len(body)))
            self._client.endheaders(body)
            got = self._client.getresponse()
            content = got.read()
        except (OSError, http.client.HTTPException) as failure:
            last_output = self._server.last_output
            raise Broken(f"{request.method} {request.target[:200]}: {failure!r}\n{last_output}") from failure
        if got.status >= 500:
            self._client.close()  # the server closes the connection without announcing it
        headers: dict[str, str] = {}
        for name, value in got.getheaders():
            known = headers.get(name.lower())
            headers[name.lower()] = value if known is None else f"{known}, {value}"
        return Answer(got.status, headers, content)

    def _learn(self, request: Request, answer: Answer) -> None:
        """Learns the keys of apps, and which corps receive callbacks from now on."""
        if b'"encoding_aes_key"' not in answer.body or not request.path.startswith("/_sim/"):
            return
        found = re.findall(rb'"encoding_aes_key":"(\w{43})"', answer.body)
        self._receiver.keys += [key.decode() for key in found]
        heard_by = _ADDRESS_SET.fullmatch(request.path)
        if heard_by and answer.status == 200 and PLACEHOLDER_ADDRESS in answer.body:
            self._receiving.add(heard_by[1])

    def _waits(self, corpid: str) -> bool:
        def shown(path: str) -> dict[str, object]:
            answer = self._sent(Request("GET", path, headers={"Host": HOST}))
            found = json.loads(answer.body)
            return found if isinstance(found, dict) else {}

        now = shown("/_sim/clock").get("now", 0)
        waiting = shown(f"/_sim/corps/{corpid}/callbacks?state=waiting&limit=1000").get("callbacks", [])
        assert isinstance(waiting, list)
        return any(callback.get("due_at", 0) <= now for callback in waiting)


@contextmanager
def stage(folder: Path, python: str, database: str) -> Iterator[Stage]:
    """A stage for the tree in `folder`; `database` is sqlite or postgresql."""
    tree = Tree(folder, python)
    try:
        with databases(database) as made:
            played = Stage(tree, made)
            try:
                yield played
            finally:
                played.close()
    finally:
        tree.close()
