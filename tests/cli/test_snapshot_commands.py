"""`tollbooth corp snapshot`, `snapshots`, `restore`, `reset`, `export` and `import`."""

import json
from pathlib import Path

from tests.cli.test_commands import an_empty_folder as an_empty_folder
from tests.cli.test_commands import ask, failure
from tests.conftest import RunningServer


def test_a_corp_goes_back_and_elsewhere(server: RunningServer) -> None:
    corpid = json.loads(ask(server, "corp", "create", "--json"))["corpid"]
    assert "clean" in ask(server, "corp", "snapshot", corpid, "clean")
    assert "clean" in ask(server, "corp", "snapshots", corpid)
    assert json.loads(ask(server, "corp", "snapshots", corpid, "--json"))["snapshots"][0]["name"] == "clean"
    assert "clean" in ask(server, "corp", "restore", corpid, "clean")
    assert corpid in ask(server, "corp", "reset", corpid)
    assert "clean" in ask(server, "corp", "snapshot", corpid, "clean", "--delete")
    assert "clean" not in ask(server, "corp", "snapshots", corpid)
    ask(server, "corp", "export", corpid)
    file = Path(f"{corpid}.tollbooth")
    assert file.stat().st_size > 1_000
    copy = json.loads(ask(server, "corp", "import", str(file), "--new-id", "--name", "副本", "--json"))
    assert copy["corpid"] != corpid
    assert copy["name"] == "副本"


def test_what_is_wrong_is_said_in_one_line(server: RunningServer) -> None:
    code, line = failure("corp", "import", "nowhere.tollbooth", "--url", server.base_url)
    assert (code, "nowhere.tollbooth" in line) == (1, True)
    Path("bad.tollbooth").write_bytes(b"no zip")
    assert "zip" in failure("corp", "import", "bad.tollbooth", "--url", server.base_url)[1]
    assert "there is no corp" in failure("corp", "reset", "wwnone", "--url", server.base_url)[1]
