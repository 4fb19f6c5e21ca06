"""Fixtures of the suite: a real server on loopback, and a corp for every test.

Tests call the API as an integrator does, `wecom.post("externalcontact/remark", ...)`, and the control API
through `sim`. The database is SQLite; `TOLLBOOTH_TEST_DATABASE=postgresql` runs the whole suite on a real
PostgreSQL instead.
"""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import uvicorn

from tests.databases import Databases as Databases
from tests.databases import running_postgresql as running_postgresql
from tests.http_client import Answer, Client
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.http_protocol import PROTOCOL
from wecom_tollbooth.main import create_app
from wecom_tollbooth.server import Server
from wecom_tollbooth.settings import Settings

pytest_plugins = [
    "tests.savings",
    "tests.whole_suite.reached",
    "tests.whole_suite.raised",
    "tests.whole_suite.filled",
]

ON_POSTGRESQL = os.environ.get("TOLLBOOTH_TEST_DATABASE") == "postgresql"

SAME_ON_EVERY_DATABASE = (
    "advice/test_every_operation.py",
    "advice/test_shapes.py",
    "billing/printed",
    "billing/test_price_books.py",
    "billing/test_rating.py",
    "billing/test_shipped_books.py",
    "billing/test_statement_formats.py",
    "callbacks/replies",
    "callbacks/test_crypto.py",
    "callbacks/test_leases.py",
    "cli/test_commands.py",
    "cli/test_estimate.py",
    "cli/test_missing_prices.py",
    "cli/test_people_commands.py",
    "client/browser",
    "client/test_signatures.py",
    "clients",
    "db/test_lazy_mapping.py",
    "db/test_ready_schema.py",
    "examples",
    "gateway/test_bodies.py",
    "gateway/test_body_limits.py",
    "gateway/test_fair_scheduler.py",
    "gateway/test_lenient_json.py",
    "gateway/test_masking.py",
    "gateway/test_openapi.py",
    "http_protocol/test_addresses.py",
    "http_protocol/test_bounds.py",
    "http_protocol/test_fuzz.py",
    "http_protocol/test_servers.py",
    "http_protocol/test_upgrade.py",
    "http_protocol/test_uvicorn_contract.py",
    "loadtest",
    "outgoing",
    "project/test_boundaries.py",
    "project/test_coverage_page.py",
    "project/test_docs.py",
    "project/test_events_page.py",
    "project/test_language.py",
    "project/test_readme.py",
    "project/test_scaffold.py",
    "project/test_sizes.py",
    "pytest_plugin",
    "recipes",
    "reference",
    "same_answers",
    "seeds/test_serving.py",
    "server/test_file_lock.py",
    "server/test_install.py",
    "server/test_logs.py",
    "server/test_on_demand.py",
    "server/test_settings.py",
    "server/test_start.py",
    "server/test_start_failures.py",
    "sim_api/test_admin_token.py",
    "sim_api/test_browser_guard.py",
    "sim_api/test_registries.py",
    "slow/test_kill.py",
    "tls",
)
"""Tests that the run on PostgreSQL leaves out: the database can't change them, or they choose their own."""

SAME_FOR_EVERY_OPERATION = (
    "test_a_bad_token_is_refused_before_anything_else",
    "test_only_the_kinds_of_app_that_have_the_right_may_call",
    "test_get_instead_of_post_is_refused",
    "test_an_empty_request_lacks_its_first_required_field",
    "test_a_missing_required_field_answers_its_errcode",
    "test_too_long_values_answer_40058_or_their_own_errcode",
    "test_values_out_of_range_are_refused",
    "test_a_wrong_type_raises_a_warning",
    "test_numbers_as_text_nulls_and_unknown_fields_raise_no_warning",
    "test_an_alias_is_the_same_operation",
    "test_it_has_a_page_and_a_chinese_title",
    "test_an_unchecked_operation_is_listed_in_fidelity_md",
    "test_it_declares_the_errcodes_that_its_fields_answer",
    "test_no_answer_has_the_servers_own_address_in_place_of_the_callers",
)
"""Likewise of test_every_operation.py: what is refused before a handler reads or writes a row, and addresses,
which come from the request."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if ON_POSTGRESQL:
        left_out = [item for item in items if _is_the_same_on_every_database(item)]
    else:
        left_out = [item for item in items if item.get_closest_marker("postgresql")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _is_the_same_on_every_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("postgresql"):
        return False
    where = item.path.relative_to(Path(__file__).parent).as_posix()
    if where == "gateway/test_every_operation.py":
        return getattr(item, "originalname", "") in SAME_FOR_EVERY_OPERATION
    return any(where == path or where.startswith(f"{path}/") for path in SAME_ON_EVERY_DATABASE)


LENIENT: dict[str, Any] = {"unknown_media": "accept"}
"""So that most tests need not upload the files that they name; tests/families/media/test_lookup.py does."""


class RunningServer:
    """A server in a thread of this process, on a free loopback port."""

    def __init__(self, settings: Settings) -> None:
        if not settings.is_sqlite and not settings.files:
            # Each database needs a folder of its own; that of an SQLite file is beside it.
            name = sa.make_url(settings.database_url).database
            folder = Path(tempfile.gettempdir()) / f"tollbooth-tests-{os.getpid()}" / f"{name}.files"
            settings = settings.model_copy(update={"files": str(folder)})
        self.settings = settings
        self.app = create_app(settings)
        self.server: Server = self.app.state.server
        self.gateway: Gateway = self.app.state.gateway
        config = uvicorn.Config(
            self.app,
            http=PROTOCOL,
            proxy_headers=False,
            ws="none",
            host="127.0.0.1",
            port=0,
            log_level="warning",
            lifespan="on",
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._uvicorn.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.005)
        port = self._uvicorn.servers[0].sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}"
        self.sim = Client(f"{self.base_url}/_sim")
        self.api = Client(f"{self.base_url}/cgi-bin")

    def begin_to_stop(self) -> None:
        """Uvicorn takes 0.2 s to stop, and seldom has somebody to wait for it."""
        self.sim.close()
        self.api.close()
        self._uvicorn.should_exit = True

    def stop(self) -> None:
        self.begin_to_stop()
        self._thread.join(20)

    def make_corp(self, **wanted: Any) -> "Corp":
        """A new corp; a demo corp without the past of its people, which few tests look at."""
        past = {"activity": False} if wanted.get("seed") == "demo" else {}
        made = self.sim.post("/corps", json={**past, **wanted})
        assert made.status_code == 200, made.text
        return Corp(self, made.json())


class Corp:
    """A corp of the server: its apps, and the control API of the corp."""

    def __init__(self, server: RunningServer, made: dict[str, Any]) -> None:
        self.server = server
        self.corpid: str = made["corpid"]
        self.apps: list[dict[str, Any]] = made["apps"]

    def app_of_kind(self, kind: str) -> dict[str, Any]:
        return next(app for app in self.apps if app["kind"] == kind)

    def new_app(self, **wanted: Any) -> dict[str, Any]:
        made = self.server.sim.post(f"/corps/{self.corpid}/apps", json=wanted)
        assert made.status_code == 200, made.text
        return dict(made.json())

    def client(self, app: dict[str, Any] | None = None) -> "WeCom":
        """A client with the token of `app`, by default the first one."""
        return WeCom(self, app or self.apps[0])

    def sim(self, path: str, /, **params: Any) -> dict[str, Any]:
        """GET /_sim/corps/{corpid}/{path}."""
        answer = self.server.sim.get(f"/corps/{self.corpid}/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


class WeCom:
    """Calls the API as an app of a corp does. Every answer must be HTTP 200 with an errcode."""

    def __init__(self, corp: Corp, app: dict[str, Any]) -> None:
        self.corp = corp
        self.agentid: int = app["agentid"]
        params = {"corpid": corp.corpid, "corpsecret": app["secret"]}
        reply = corp.server.api.get("gettoken", params=params).json()
        assert reply["errcode"] == 0, reply
        self.token: str = reply["access_token"]

    @cached_property
    def http(self) -> httpx.Client:
        """For requests that are no plain calls."""
        base_url = f"{self.corp.server.base_url}/cgi-bin/"
        return httpx.Client(base_url=base_url, timeout=300, verify=False)

    def get(self, operation: str, **params: Any) -> dict[str, Any]:
        api = self.corp.server.api
        return self.read(api.get(operation, params={"access_token": self.token, **params}))

    def post(self, operation: str, body: Any = None, *, content: Any = None, **fields: Any) -> dict[str, Any]:
        """POST with `fields` (or `body`) as JSON, or with the raw bytes `content`."""
        api, params = self.corp.server.api, {"access_token": self.token}
        if content is not None:
            return self.read(api.post(operation, params=params, content=content))
        return self.read(api.post(operation, params=params, json=fields if body is None else body))

    def read(self, answer: Answer | httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        reply: dict[str, Any] = answer.json()
        assert answer.headers["error-code"] == str(reply["errcode"])
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        return reply


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with running_postgresql() if ON_POSTGRESQL else nullcontext() as postgres:
        made = Databases(tmp_path_factory.mktemp("databases"), postgres)
        yield made
        made.close()
    shutil.rmtree(Path(tempfile.gettempdir()) / f"tollbooth-tests-{os.getpid()}", ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> None:
    for name in [name for name in os.environ if name.startswith("TOLLBOOTH_") or name == "DATABASE_URL"]:
        del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def a_folder_of_files_for_each_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """On PostgreSQL all of them would share tollbooth.files in the working directory."""
    usual, folder = Settings.files_folder, tmp_path_factory.mktemp("files")

    def of_the_database(settings: Settings) -> Path | None:
        found: Path | None = usual.__get__(settings)
        shared = found == Path("tollbooth.files")
        return folder / f"{sa.make_url(settings.database_url).database}.files" if shared else found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Settings, "files_folder", property(of_the_database))
        yield


class Leaving:
    """The servers of the tests before, which stop while the next test runs, and their databases."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._stopping: tuple[list[RunningServer], list[str]] = ([], [])

    def leave(self, running: list[RunningServer], made: list[str]) -> None:
        self.wait()
        for server in running:
            server.begin_to_stop()
        self._stopping = (running, made)

    def wait(self) -> None:
        running, made = self._stopping
        for server in running:
            server.stop()
        for url in made:
            self._databases.remove(url)
        self._stopping = ([], [])


@pytest.fixture(scope="session")
def leaving(databases: Databases) -> Iterator[Leaving]:
    servers = Leaving(databases)
    yield servers
    servers.wait()


@pytest.fixture
def start_server(databases: Databases, leaving: Leaving) -> Iterator[Any]:
    """`start_server(limit_concurrency=1)` starts a server with these settings on an empty database."""
    running: list[RunningServer] = []
    made: list[str] = []

    def start(**settings: Any) -> RunningServer:
        if "database_url" not in settings:
            made.append(databases.new_url())
            settings["database_url"] = made[-1]
        running.append(RunningServer(Settings(**{**LENIENT, **settings})))
        return running[-1]

    yield start
    leaving.leave(running, made)


@pytest.fixture(scope="session")
def server(databases: Databases) -> Iterator[RunningServer]:
    """The server that most tests share; don't move its clock."""
    running = RunningServer(Settings(database_url=databases.new_url(), **LENIENT))
    yield running
    running.stop()


@pytest.fixture
def corp(server: RunningServer) -> Corp:
    """A demo corp for this test only: 5 members, 40 customers."""
    return server.make_corp(seed="demo")


@pytest.fixture
def wecom(corp: Corp) -> WeCom:
    """A client of the first app of `corp`, which has all permissions of a self-built app."""
    return corp.client()
