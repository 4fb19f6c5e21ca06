"""Only the context asks for ids and the time, which import rules can't check."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "app" / "wecom_tollbooth"

CONTEXT = {"world/context.py"}
OF_MANY_CORPS = {
    "callbacks/delivery.py",
    "retention/retention.py",
    "sim_api/server/metrics.py",
    "world/scheduled_tasks.py",
}
WALL_CLOCK = {
    "migrate/safety_copy.py": "names a copy of the database file, before there is a simulated world",
    "tls/authority.py": "clients compare certificates with the time of their machine",
    "world/clock.py": "the simulator's clock runs with the wall clock",
    "console/guard.py": "how long a browser stays logged in has nothing to do with the simulated world",
    "loadtest/locustfile.py": "the load generator runs outside the server and timestamps its own records",
}
SEED_OF_SERVER = {
    "callbacks/wire.py": "asks keyed_corps.seed_of for that of the corp",
    "gateway/cursors.py": "cursors are bound to their corp, and hold no ids that were drawn",
    "gateway/steps/latency.py": "how long an answer waits is no id",
    "seeds/corps.py": "the corpid of a key comes from the server's seed",
    "seeds/seeding.py": "asks keyed_corps.seed_of for that of the corp",
    "world/context.py": "asks keyed_corps.seed_of for that of the corp",
}
WALL_CLOCK_READS = {
    ("time", "time"),
    ("time", "time_ns"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}


@functools.cache
def names(path: Path) -> tuple[tuple[str, str, int], ...]:
    """Each `a.b` and `from a import b` of the module: the last part of a, b, and the line."""
    return tuple(_names(path))


def _names(path: Path) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            yield name, node.attr, node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield (node.module or "").rpartition(".")[2], alias.name, node.lineno


def places(*wanted: tuple[str, str]) -> dict[str, list[int]]:
    """The lines of the package that mention one of these, by module; an owner of "" is any owner."""
    found: dict[str, list[int]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for owner, name, line in names(path):
            if (owner, name) in wanted or ("", name) in wanted:
                found.setdefault(path.relative_to(PACKAGE).as_posix(), []).append(line)
    return found


def test_only_the_context_asks_the_database_for_ids() -> None:
    assert set(places(("", "hand_out_id"))) == CONTEXT


def test_ids_of_corps_are_not_drawn_from_the_servers_seed() -> None:
    """Corps with a key have a seed of their own, `context.seed`."""
    assert set(places(("settings", "seed"))) == set(SEED_OF_SERVER)


def test_only_the_context_reads_the_simulators_clock() -> None:
    assert set(places(("clock", "read"))) == CONTEXT


def test_the_times_of_many_corps_are_read_only_by_work_on_many_corps() -> None:
    assert set(places(("clock", "times_of"), ("clock", "times_for_sql"))) == OF_MANY_CORPS


def test_the_wall_clock_is_read_only_with_a_reason() -> None:
    assert set(places(*WALL_CLOCK_READS)) == set(WALL_CLOCK)


@pytest.mark.parametrize(
    "source",
    [
        "from wecom_tollbooth.world import clock\nclock.read(tx)",
        "from wecom_tollbooth.world import clock as c\nfrom wecom_tollbooth.world.clock import read",
        "import wecom_tollbooth.world.clock\nwecom_tollbooth.world.clock.read",
    ],
)
def test_a_read_of_the_clock_is_found_however_it_is_written(source: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(source, encoding="utf-8")
    assert ("clock", "read") in {(owner, name) for owner, name, _ in names(module)}
