"""A start with families on demand: it knows what the sources declare, and answers as any other server."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RunningServer
from wecom_tollbooth import families
from wecom_tollbooth.families import load_families
from wecom_tollbooth.on_demand import modules_declaring, read_sources
from wecom_tollbooth.world.acts import ACTS

FOLDER = Path(families.__file__).parent
ASKED_FOR = {
    "declare_content",
    "declare_source",
    "declare_subscribers",
    "find_whose_ids",
    "left_behind",
    "translate_ids",
    "use_visible_ranges",
}
"""What import_declaring is called with where the declarations are needed, besides decorators."""
NEEDED_WITH_OPERATION = {"RECORDS[FOLLOW_UPS]"}
"""Set by the module of the family itself, which each of its operations imports."""
DECORATORS = {"act", "reply", "scheduled_task"}
OF_OTHERS = {"cache", "compiles", "contextmanager", "dataclass", "lru_cache"}

SCRIPT = """
import json, sys
from starlette.testclient import TestClient
from wecom_tollbooth.main import create_app
from wecom_tollbooth.settings import Settings

app = create_app(Settings(database_url=sys.argv[1]), on_demand=True)
rooms = ("wecom_tollbooth.families.", "wecom_tollbooth.sim_api.")
early = [name for name in sys.modules if name.startswith(rooms)]
with TestClient(app, base_url="http://127.0.0.1") as http:
    called = {
        path: [http.get(path).status_code, http.get(path).text]
        for path in ("/cgi-bin/nowhere", "/cgi-bin/kf/account/list", "/_sim/nowhere", "/nowhere")
    }
    asked = {path: http.get(path).json() for path in json.loads(sys.argv[2])}
print(json.dumps({"early": early, "called": called, "asked": asked}))
"""
Asked = dict[str, dict[str, object]]
LISTS = ["/_sim/operations", "/_sim/acts", "/_sim/events", "/openapi.json"]


def test_sources_name_each_operation_and_its_meter() -> None:
    sources = read_sources()
    operations = list(load_families())
    for operation in operations:
        for path in (operation.path, *operation.aliases):
            assert operation.handler.__module__ in sources.naming[path], path
    assert sources.meters == {operation.meter for operation in operations}


def test_each_act_is_declared_in_one_module() -> None:
    load_families()
    for kind in ACTS:
        assert modules_declaring("act", kind.name) == [kind.handler.__module__]


def _declared_in(place: Path) -> Iterator[str]:
    """What the module's import changes in other modules: its calls, its assignments, its decorators."""
    for statement in ast.parse(place.read_text()).body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            yield ast.unparse(statement.value.func)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Subscript | ast.Attribute):
                    yield ast.unparse(target)
        elif isinstance(statement, ast.FunctionDef | ast.ClassDef):
            for decorator in statement.decorator_list:
                name = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
                if name not in OF_OTHERS and not name.endswith((".get", ".post")):
                    yield name


def test_each_declaration_is_of_a_kind_that_is_asked_for() -> None:
    """A new kind needs import_declaring(word) where its declarations are needed, and its word here."""
    found = {word for place in FOLDER.rglob("*.py") for word in _declared_in(place)}
    assert found == ASKED_FOR | NEEDED_WITH_OPERATION | DECORATORS
    for word in (ASKED_FOR | DECORATORS) - {"act"}:
        assert modules_declaring(word), word


@pytest.fixture(scope="module")
def on_demand(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    url = f"sqlite:///{tmp_path_factory.mktemp('on-demand')}/tollbooth.db"
    words = [sys.executable, "-c", SCRIPT, url, json.dumps(LISTS)]
    return dict(json.loads(subprocess.run(words, check=True, capture_output=True).stdout))


def test_start_imports_no_family_and_no_control_api(on_demand: dict[str, list[str]]) -> None:
    assert on_demand["early"] == []


def test_unknown_paths_answer_the_same(
    on_demand: dict[str, dict[str, object]], server: RunningServer
) -> None:
    for path, answered in on_demand["called"].items():
        answer = server.sim.get(f"{server.base_url}{path}")
        assert answered == [answer.status_code, answer.text]


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_whole(on_demand: Asked, server: RunningServer, path: str) -> None:
    assert on_demand["asked"][path] == server.sim.get(f"{server.base_url}{path}").json()
