"""Both READMEs have the same content, their examples run, and every command is in them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.models import CommandInfo
from typer.testing import CliRunner

from tests.conftest import Corp, Databases, RunningServer
from tests.project.markdown import DOCUMENTS, README, README_ZH, ROOT, blocks, named, prose, rows
from wecom_tollbooth import cli
from wecom_tollbooth.cli import demo
from wecom_tollbooth.coverage.tables import Chapter, wecom_operations
from wecom_tollbooth.db import Database
from wecom_tollbooth.families import load_families
from wecom_tollbooth.migrate import migrate
from wecom_tollbooth.settings import Settings, environment_name

# --- the same in both languages --------------------------------------------------------------------------


def without_comments(text: str) -> str:
    """A code block without comments, which are translated."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def code_words(document: Path) -> list[str]:
    """The commands, settings and names in backticks in a document's prose."""
    return sorted(set(re.findall(r"`([^`]+)`", prose(document))))


def test_both_readmes_have_the_same_code() -> None:
    def code(document: Path) -> list[tuple[str, str]]:
        return [(block.language, without_comments(block.text)) for block in blocks(document)]

    assert code(README) == code(README_ZH)


def test_both_readmes_name_the_same_commands_and_settings() -> None:
    assert code_words(README) == code_words(README_ZH)


def test_both_readmes_have_the_same_structure() -> None:
    def build(document: Path) -> list[str]:
        text = prose(document)
        return re.findall(r"^(#+) ", text, re.MULTILINE) + [str(len(cells)) for cells in rows(document)]

    assert build(README) == build(README_ZH)


def test_the_readmes_have_the_same_links() -> None:
    def links(document: Path) -> list[str]:
        found = set(re.findall(r"\]\(([^)\s]+)\)", prose(document)))
        # A picture of a page is in the reader's language.
        return sorted(link.replace(".zh-CN.png", ".png") for link in found - {README.name, README_ZH.name})

    assert links(README) == links(README_ZH)


# --- the examples run ------------------------------------------------------------------------------------

CURL = '''\
#!{python}
"""A curl of a few options, for machines that have none: answers go to standard output and to answers.txt."""
import sys, urllib.error, urllib.request
headers, data, method, address = {{}}, None, None, None
words = iter(sys.argv[1:])
for word in words:
    if word == "-s":
        continue
    if word == "-H":
        name, _, value = next(words).partition(": ")
        headers[name] = value
    elif word == "-d":
        data = next(words).encode()
    elif word == "-X":
        method = next(words)
    else:
        address = word
try:
    answer = urllib.request.urlopen(urllib.request.Request(address, data, headers, method=method))
except urllib.error.HTTPError as error:
    answer = error
text = answer.read().decode()
print(text)
with open("answers.txt", "a", encoding="utf-8") as answers:
    answers.write(f"{{answer.status}} {{text}}\\n")
'''


def test_the_curl_lines_in_the_readme_run(server: RunningServer, tmp_path: Path) -> None:
    curl = tmp_path / "curl"
    curl.write_text(CURL.format(python=sys.executable), encoding="utf-8")
    curl.chmod(0o755)
    script = "\n".join(
        block.text for block in blocks(README) if block.language == "sh" and "curl" in block.text
    )
    subprocess.run(
        ["sh", "-euc", script.replace("http://127.0.0.1:8000", server.base_url)],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )
    answers = [line.partition(" ") for line in (tmp_path / "answers.txt").read_text("utf-8").splitlines()]
    assert [status for status, _, text in answers if text] == ["200"] * script.count("curl -s")
    errcodes = [json.loads(text)["errcode"] for _, _, text in answers if "errcode" in json.loads(text)]
    assert errcodes == [0, 0, 40003]


def test_the_python_in_the_readme_runs(corp: Corp) -> None:
    (example,) = [block.text for block in blocks(README) if block.language == "python"]
    names: dict[str, Any] = {}
    exec(example.replace("http://127.0.0.1:8000", corp.server.base_url), names)
    client = names["LocalClient"](corp.corpid, corp.apps[0]["secret"])
    assert client.external_contact.list("zhangsan")["external_userid"]


def test_the_docker_lines_in_the_readme_match_the_docker_files() -> None:
    files = "".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("Dockerfile", "docker-compose.yml")
    )
    lines = [line for block in blocks(README) for line in block.text.splitlines() if "docker " in line]
    assert lines
    assert [line for line in lines if line not in files and "exec" not in line] == []
    known = {environment_name(field) for field in Settings.model_fields}
    assert set(re.findall(r"\bTOLLBOOTH_[A-Z_]+\b", files)) <= known


def chapters(*, simulated: bool) -> list[Chapter]:
    """The chapters with simulated operations, or those without."""
    registry = load_families()
    return [
        chapter
        for chapter in wecom_operations()
        if any(registry.find(row.path) for row in chapter.operations) is simulated
    ]


def test_the_readmes_list_exactly_the_simulated_chapters() -> None:
    zh, en = ([cells[0] for cells in rows(readme)] for readme in (README_ZH, README))
    names = chapters(simulated=True) + chapters(simulated=False)
    wanted = chapters(simulated=True)
    assert [cell for cell in zh if cell in {name.zh for name in names}] == [name.zh for name in wanted]
    assert [cell for cell in en if cell in {name.en for name in names}] == [name.en for name in wanted]


@pytest.mark.parametrize("readme", [README, README_ZH], ids=named)
def test_the_readmes_list_the_chapters_without_simulated_operations(readme: Path) -> None:
    (lines,) = re.findall(
        r"^- (?:Of these chapters there is nothing yet:|这些章节还完全没有：)(.*?)[.。]",
        prose(readme),
        re.MULTILINE | re.DOTALL,
    )
    names = [" ".join(name.split()) for name in re.split("[;；]", lines)]
    missing = chapters(simulated=False)
    assert names == [chapter.en if readme == README else chapter.zh for chapter in missing]


def test_the_demo_screen_in_the_readme_is_the_real_one(
    databases: Databases, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(Path.cwd() / ".venv/bin/tollbooth"), "demo"])  # as `make run` does
    monkeypatch.setenv("PATH", "")
    database = Database(Settings(database_url=databases.new_url()))
    migrate(database)
    demo.announcement(database, demo.demo_corp(members=5, customers=400))("http://127.0.0.1:8000")
    database.close()
    assert capsys.readouterr().out in [block.text for block in blocks(README)]


def test_the_bill_in_the_readme_is_the_real_one(server: RunningServer) -> None:
    corp = server.make_corp(seed="demo", customers=400)
    wecom = corp.client()
    for _ in range(7):
        wecom.get("externalcontact/get_follow_user_list")
    wecom.get("externalcontact/list", userid="zhangsan")
    wecom.get("externalcontact/list", userid="nobody")
    shown = CliRunner().invoke(cli.app, ["bill", corp.corpid, "--url", server.base_url]).stdout
    (bill,) = [block.text for block in blocks(README) if "价目表 price book" in block.text]
    assert cells_of(shown)[1:] == cells_of(bill)[1:]


def cells_of(screen: str) -> list[list[str]]:
    """The words of a table on the screen, line by line, without lines and padding."""
    return [line.split() for line in screen.replace("─", " ").splitlines() if line.strip(" ─")]


# --- the command and make --------------------------------------------------------------------------------


def commands() -> set[str]:
    """Every command of `tollbooth`, such as "bill" and "corp create"."""
    found = {name(command) for command in cli.app.registered_commands}
    for group in cli.app.registered_groups:
        assert group.typer_instance is not None
        found |= {f"{group.name} {name(command)}" for command in group.typer_instance.registered_commands}
    return found


def name(command: CommandInfo) -> str:
    assert command.callback is not None
    return command.name or command.callback.__name__


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_in_documents_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    groups = "|".join(str(group.name) for group in cli.app.registered_groups)
    for words in re.findall(rf"(?:^|[`;] ?)tollbooth ((?:(?:{groups}) )?[a-z][a-z-]*)", text, re.MULTILINE):
        assert words in commands(), f"tollbooth {words}"


def test_every_command_is_in_the_readmes() -> None:
    for readme in (README, README_ZH):
        text = readme.read_text(encoding="utf-8")
        assert [command for command in sorted(commands()) if f"`tollbooth {command}" not in text] == []


def make_targets() -> set[str]:
    """The Makefile targets that `make help` lists."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_make_targets_in_documents_exist(document: Path) -> None:
    mentioned = set(re.findall(r"(?:^|`)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE))
    assert mentioned <= make_targets()


def test_every_make_target_is_in_the_readmes() -> None:
    for readme in (README, README_ZH):
        text = readme.read_text(encoding="utf-8")
        assert [target for target in sorted(make_targets()) if f"`make {target}`" not in text] == []


def test_compose_keeps_uploaded_files_beside_the_database() -> None:
    """Both are named volumes: `docker compose down` must not take the files and leave their rows."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert "      - files:/data\n" in text
    assert text.endswith("volumes:\n  database:\n  files:\n")
    assert "WORKDIR /data\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_uploaded_files_of_a_server_started_here_stay_out_of_the_sources() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    usual = {
        Settings(database_url=url).files_folder for url in ("sqlite:///tollbooth.db", "postgresql://h/d")
    }
    assert [folder.name for folder in usual if folder is not None and "*.files/" not in ignored] == []
    assert {folder.suffix for folder in usual if folder is not None} == {".files"}
