"""The pytest plugin: `tollbooth` is the server of the test run, `corp` a fresh corp for each test.

Nothing is started before a test asks for one of them. With pytest-xdist each process has a server of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_tollbooth.corp import Corp
    from pytest_tollbooth.receiver import Receiver
    from pytest_tollbooth.servers import Seed, Tollbooth

CALLS_SHOWN = 20
KEY_CHARS = 200

_corps = pytest.StashKey["list[Corp]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tollbooth", "WeCom Tollbooth")
    help_of_url = "use the server at this address instead of starting one"
    group.addoption("--tollbooth-url", metavar="URL", help=help_of_url)
    group.addoption(
        "--tollbooth-admin-token", metavar="TOKEN", help="its TOLLBOOTH_ADMIN_TOKEN, if it has one"
    )
    parser.addini("tollbooth_url", help_of_url, default="")
    parser.addini(
        "tollbooth_keys",
        "give each corp a key made of the test's name: the same ids and bodies in each run",
        "bool",
        False,
    )
    parser.addini(
        "tollbooth_settings", "settings of the server that is started, lines of name=value", "linelist", []
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "tollbooth(**wanted): what the corp of the test is made of, as in POST /_sim/corps"
    )


@pytest.fixture(scope="session")
def tollbooth(pytestconfig: pytest.Config) -> Iterator[Tollbooth]:
    """The server: the one at --tollbooth-url, or one of the test run's own that leaves nothing behind."""
    from pytest_tollbooth.servers import LocalServer, Tollbooth

    url = pytestconfig.getoption("tollbooth_url") or pytestconfig.getini("tollbooth_url")
    if url:
        server = Tollbooth(url, pytestconfig.getoption("tollbooth_admin_token"))
    else:
        server = LocalServer(**_settings(pytestconfig.getini("tollbooth_settings")))
    with server:
        yield server


@pytest.fixture
def tollbooth_key(request: pytest.FixtureRequest) -> str | None:
    """The key of the test's corp, None: it has none. With `tollbooth_keys` it is the test's name.

    A corp with a key has the same ids and bodies in each run, and a clock that stands. Override this fixture
    to choose other keys.
    """
    return _key_of(request.node.nodeid) if request.config.getini("tollbooth_keys") else None


@pytest.fixture
def tollbooth_seed() -> Seed | None:
    """What the corps of tests are made of; None: a chain of tea shops without customers.

    The name of a seed, the Path of a seed file or an exported corp, or what a seed file would say. Override
    this fixture in a conftest.py, a module or a class.
    """
    return None


@pytest.fixture
def corp(
    tollbooth: Tollbooth,
    tollbooth_key: str | None,
    tollbooth_seed: Seed | None,
    request: pytest.FixtureRequest,
) -> Iterator[Corp]:
    """A fresh corp: a chain of tea shops, whose members are admin, zhangsan, lisi and others.

    `@pytest.mark.tollbooth(customers=40)` says what else it has. The server of the test run keeps it, since
    both are gone soon; a server at --tollbooth-url has it deleted, and so is a corp with a key, for the next
    run of the test.
    """
    marker = request.node.get_closest_marker("tollbooth")
    wanted = {"name": request.node.name[:64], "key": tollbooth_key, "seed": tollbooth_seed}
    wanted |= marker.kwargs if marker else {}
    made = tollbooth.new_corp(**{name: value for name, value in wanted.items() if value is not None})
    request.node.stash.setdefault(_corps, []).append(made)
    yield made
    if wanted["key"] is not None or not tollbooth.is_temporary:
        made.delete()


@pytest.fixture
def callback_receiver(corp: Corp) -> Iterator[Receiver]:
    """A receiver of the callbacks of the corp's first app."""
    with corp.receive_callbacks() as receiver:
        yield receiver


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the last calls of the test's corps to the report of its failure."""
    report = yield
    if report.failed and call.when == "call":
        for corp in item.stash.get(_corps, []):
            title = f"the last calls of {corp.corpid} on {corp.base_url}"
            report.sections.append((title, _last_calls(corp)))
    return report


def _settings(lines: list[str]) -> dict[str, str]:
    settings = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals:
            raise pytest.UsageError(f"tollbooth_settings: {line!r}: write name=value")
        settings[name.strip()] = value.strip()
    return settings


def _key_of(nodeid: str) -> str:
    """The test's name as a key: what a key can't hold is replaced, and told apart by a hash."""
    plain = re.sub(r"[^A-Za-z0-9._:/\[\]-]", "-", nodeid)
    if plain == nodeid and len(nodeid) <= KEY_CHARS:
        return nodeid
    return f"{plain[: KEY_CHARS - 9]}-{hashlib.sha1(nodeid.encode(), usedforsecurity=False).hexdigest()[:8]}"


def _last_calls(corp: Corp) -> str:
    from pytest_tollbooth.calls import line_of
    from pytest_tollbooth.control import Refused

    try:
        calls = corp.calls.last(CALLS_SHOWN)
    except (ConnectionError, Refused) as error:
        return f"not known: {error}"
    return "\n".join(map(line_of, calls)) or "none"
