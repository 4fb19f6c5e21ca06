"""A corp made from an exported one, over the control API and the command line."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.conftest import Corp, RunningServer
from wecom_tollbooth.cli import app


@pytest.fixture(scope="module")
def exported(server: RunningServer) -> bytes:
    made = server.make_corp(
        seed={"name": "原来的", "customers": [{"external_userid": "wmAlice", "name": "A"}]}
    )
    return server.sim.get(f"/corps/{made.corpid}/export").content


def as_seed(content: bytes) -> dict[str, Any]:
    return {"seed": {"export": b64encode(content).decode()}}


def test_a_corp_is_made_from_an_exported_one(server: RunningServer, exported: bytes) -> None:
    made = [server.sim.post("/corps", json=as_seed(exported)).json() for _ in range(2)]
    assert made[0]["corpid"] != made[1]["corpid"]
    assert [one["name"] for one in made] == ["原来的", "原来的"]
    customer = Corp(server, made[1]).client().get("externalcontact/get", external_userid="wmAlice")
    assert customer["errcode"] == 84061  # nobody follows them, but they are known


def test_it_can_be_renamed_and_strict(server: RunningServer, exported: bytes) -> None:
    made = server.sim.post("/corps", json=as_seed(exported) | {"name": "换了名", "strict": True}).json()
    assert (made["name"], made["strict"]) == ("换了名", True)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": {"export": "AAAA"}}, "seed.export: "),
        ({"seed": {"export": 5}}, "body.seed.export.export: "),
        ({"customers": 5}, "customers: an exported corp has its own"),
        ({"key": "k"}, "key: an exported corp has its own"),
    ],
)
def test_what_does_not_fit_is_refused(
    server: RunningServer, exported: bytes, change: dict[str, Any], told: str
) -> None:
    answer = server.sim.post("/corps", json=as_seed(exported) | change)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(told), answer.text


def test_the_command_takes_names_files_and_exported_corps(
    server: RunningServer, exported: bytes, tmp_path: Path
) -> None:
    (tmp_path / "corp.tollbooth").write_bytes(exported)
    (tmp_path / "shop.yaml").write_text("name: 写出来的\n", encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text("members:\n- userd: a\n", encoding="utf-8")

    def create(seed: Path | str) -> Any:
        return CliRunner().invoke(app, ["corp", "create", "--seed", str(seed), "--url", server.base_url])

    for seed, name in (("corp.tollbooth", "原来的"), ("shop.yaml", "写出来的")):
        done = create(tmp_path / seed)
        assert done.exit_code == 0, done.output
        assert name in done.output
    assert create("edge").exit_code == 0
    assert (
        "line 2, members[0].userd: there is no such field; did you mean userid"
        in str(create(tmp_path / "wrong.yaml").exception) + create(tmp_path / "wrong.yaml").output
    )
    assert "is no file, and none of the seeds" in str(create("nosuch").exception) + create("nosuch").output
