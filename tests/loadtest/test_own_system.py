"""`tollbooth load follow-up` against a system that isn't a tollbooth."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from wecom_tollbooth.cli import app

MIX = """
name = "our-crm"
think_seconds = [0.0, 0.02]
errcode = "code"

[[begin]]
name = "sign in"
path = "/login"
keep = { session = "data.token" }

[[step]]
name = "board"
method = "GET"
path = "/board"
headers = { Authorization = "Bearer {session}" }
keep = { card = "cards.*" }

[[step]]
name = "move"
path = "/cards/{card.id}/move"
accept = [409]

[[step]]
name = "misspelt"
path = "/cards/{card.identity}/log"

[[step]]
name = "customers"
method = "GET"
path = "/board"
keep = { customer = "data.customers.*" }

[[step]]
name = "customer"
path = "/customers/{customer.id}"
"""


class Crm(BaseHTTPRequestHandler):
    """A board with one card, which somebody else has always moved already."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200, {"code": 0, "cards": [{"id": "a"}]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/login":
            self.answer(200, {"code": 0, "data": {"token": "t"}})
        else:
            self.answer(409 if self.path.endswith("/move") else 404, {})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def crm() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Crm)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def load(crm: str, folder: Path, *options: str) -> Result:
    mix = folder / "our-crm.toml"
    mix.write_text(MIX, encoding="utf-8")
    return CliRunner().invoke(
        app,
        [
            *("load", "follow-up", "--mix", str(mix), "--url", crm, "--users", "4", "--seconds", "1"),
            *("--out", str(folder / "out"), *options),
        ],
    )


@pytest.mark.slow
def test_steps_that_find_nothing_are_named_and_409_is_accepted(crm: str, tmp_path: Path) -> None:
    asked = load(crm, tmp_path, "--alone", "--json")
    assert asked.exit_code == 0, asked.output
    (run,) = json.loads(asked.stdout)["runs"]
    steps = run["steps"]
    assert (run["system"], run["contacts"]) == ("our-crm", None)
    assert steps["board"]["failures"] == 0 < steps["board"]["calls"]
    assert steps["move"]["failures"] == 0 < steps["move"]["calls"]
    assert steps["customers"]["reasons"] == {
        "keep customer: the answer has nothing at data.customers.*": steps["customers"]["calls"]
    }
    never = "never run: {customer} was not found by 'customers' at data.customers.*"
    assert (steps["customer"]["calls"], steps["customer"]["reasons"]) == (0, {never: 1})
    (why,) = steps["misspelt"]["reasons"]
    assert why == "{card.identity}: what was kept has no 'identity'"
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert f"- customer, 1 times: {never}" in text


@pytest.mark.slow
def test_a_tollbooth_of_the_same_size_is_in_the_same_picture(crm: str, tmp_path: Path) -> None:
    asked = load(crm, tmp_path, "--contacts", "30", "--json")
    assert asked.exit_code == 0, asked.output
    runs = json.loads(asked.stdout)["runs"]
    assert [(run["system"], run["profile"], run["contacts"]) for run in runs] == [
        ("our-crm", "as it is", 30),
        ("tollbooth", "none", 30),
        ("tollbooth", "article-2025", 30),
    ]
    assert all(run["everything"]["p99_is_rough"] for run in runs[1:])
    picture = (tmp_path / "out" / "report.svg").read_text(encoding="utf-8")
    for label in ("our-crm, 30 customers", "tollbooth none, 30 customers", "tollbooth article-2025, 30"):
        assert label in picture

    # The next size, into the same report: lines instead of bars.
    asked = load(crm, tmp_path, "--contacts", "50", "--append", "--profiles", "none", "--json")
    assert asked.exit_code == 0, asked.output
    runs = json.loads(asked.stdout)["runs"]
    assert [(run["system"], run["contacts"]) for run in runs[3:]] == [("our-crm", 50), ("tollbooth", 50)]
    assert len(runs) == 5


def test_a_report_with_other_options_is_not_added_to(crm: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    report = tmp_path / "out" / "report.json"
    report.write_text('{"users": 50, "seconds": 1, "workers": 1, "runs": []}', encoding="utf-8")
    asked = load(crm, tmp_path, "--append")
    assert (asked.exit_code, "had --users 50" in asked.output) == (2, True)
    report.write_text('{"runs": [{"profile": "none"}]}', encoding="utf-8")
    asked = load(crm, tmp_path, "--append")
    assert (asked.exit_code, "is no report of a load test" in asked.output) == (2, True)


def test_a_system_of_your_own_has_one_size(crm: str, tmp_path: Path) -> None:
    asked = load(crm, tmp_path, "--contacts", "100,400")
    assert asked.exit_code == 2
    assert "has one size" in asked.output
