"""`tollbooth tls` and the options of `tollbooth serve`."""

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.tls.conftest import Front
from wecom_tollbooth.cli import app
from wecom_tollbooth.tls.authority import Authority, find_or_make
from wecom_tollbooth.tls.check import look
from wecom_tollbooth.tls.hosts import HOSTS
from wecom_tollbooth.tls.recipes import recipes


def tollbooth(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_hosts_prints_a_line_for_each_host_and_starts_nothing() -> None:
    code, output = tollbooth("serve", "--hosts")
    assert (code, output.splitlines()) == (0, [f"127.0.0.1 {host}" for host in HOSTS])


def test_trust_prints_where_the_authority_is_and_a_line_for_each_language(tmp_path: Path) -> None:
    code, output = tollbooth("tls", "trust", "--folder", str(tmp_path / "tls"), "--proxy-port", "8899")
    assert code == 0
    assert str(tmp_path / "tls" / "ca.pem") in output
    for name in ("HTTPS_PROXY=", "JAVA_TOOL_OPTIONS=", "NODE_OPTIONS=", "PHP_INI_SCAN_DIR=", "certutil"):
        assert name in output


def test_trust_of_one_language_is_a_line_for_the_shell(tmp_path: Path) -> None:
    code, output = tollbooth("tls", "trust", "go", "--folder", str(tmp_path / "tls"))
    assert code == 0
    assert output.count("\n") == 1
    assert output.startswith("HTTPS_PROXY=")
    code, output = tollbooth("tls", "trust", "cobol", "--folder", str(tmp_path / "tls"))
    assert (code, "python, go" in output) == (2, True)


def test_the_ports_are_those_of_the_server_that_started_last_in_the_folder(front: Front) -> None:
    _, line = tollbooth("tls", "trust", "go", "--folder", str(front.folder))
    assert f"HTTPS_PROXY=http://127.0.0.1:{front.proxy_port} " in line
    assert f"port: {front.tls_port}" in (front.folder / "node-hook.cjs").read_text()
    code, output = tollbooth("tls", "check", "--folder", str(front.folder))
    assert (code, f"127.0.0.1:{front.tls_port}" in output) == (0, True)
    _, line = tollbooth("tls", "trust", "go", "--folder", str(front.folder), "--proxy-port", "1")
    assert "HTTPS_PROXY=http://127.0.0.1:1 " in line


def test_check_finds_a_front_that_works(front: Front) -> None:
    found = list(look(front.folder, front.tls_port, front.proxy_port, {}))
    assert [finding.text for finding in found if not finding.ok] == []
    code, output = tollbooth(
        "tls",
        "check",
        "--folder",
        str(front.folder),
        "--tls-port",
        str(front.tls_port),
        "--proxy-port",
        str(front.proxy_port),
    )
    assert (code, "41004" in output) == (0, True)


def wrong(folder: Path, tls_port: int, proxy_port: int, **environment: str) -> str:
    """What `check` finds wrong."""
    return "\n".join(
        finding.text for finding in look(folder, tls_port, proxy_port, environment) if not finding.ok
    )


def test_check_names_what_is_wrong(front: Front, tmp_path: Path) -> None:
    assert "serve --tls" in wrong(tmp_path, front.tls_port, front.proxy_port)
    assert "nothing answers on port 1:" in wrong(front.folder, 1, front.proxy_port)
    assert "no proxy on port 1:" in wrong(front.folder, front.tls_port, 1)
    assert "not this proxy" in wrong(front.folder, front.tls_port, int(front.server.base_url.split(":")[-1]))
    for left_out in ("*", "localhost,.qq.com", "qyapi.weixin.qq.com"):
        assert "NO_PROXY leaves" in wrong(front.folder, front.tls_port, front.proxy_port, NO_PROXY=left_out)
    other = find_or_make(tmp_path / "other")
    assert "another certificate" in wrong(other.folder, front.tls_port, front.proxy_port)
    (other.folder / "ca-key.pem").chmod(0o644)
    assert "chmod 600" in wrong(other.folder, front.tls_port, front.proxy_port)


def test_remove_deletes_what_it_made_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    tollbooth("tls", "trust", "--folder", str(folder))
    (folder / "mine.txt").write_text("mine")
    (folder / "chromium-profile").mkdir()
    code, output = tollbooth("tls", "remove", "--folder", str(folder), "--yes")
    assert (code, [file.name for file in folder.iterdir()]) == (0, ["mine.txt"])
    assert "certutil" in output
    code, output = tollbooth("tls", "remove", "--folder", str(folder), "--yes")
    assert (code, "nothing was removed" in output) == (1, True)


def test_a_port_in_use_is_reported_in_one_line(
    front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wecom_tollbooth.logs.configure", lambda _: None)  # it would be this process's log
    code, output = tollbooth(
        "serve",
        "--port",
        "0",
        "--tls-port",
        str(front.tls_port),
        "--database-url",
        f"sqlite:///{tmp_path}/other.db",
    )
    assert code == 2
    [line] = output.splitlines()
    assert "tls_port" in line.lower() or "tls-port" in line
    assert "picks a free one" in line


@pytest.mark.parametrize("language", ["python", "go", "java", "node", "curl", "php"])
def test_the_line_of_a_language_is_one_that_the_shell_exports(language: str, tmp_path: Path) -> None:
    folder = tmp_path / "with a space"
    _, line = tollbooth("tls", "trust", language, "--folder", str(folder), "--proxy-port", "8899")
    shown = subprocess.run(
        ["sh", "-c", 'eval "export $(cat)"; env'], input=line, capture_output=True, text=True, check=True
    )
    [recipe] = [one for one in recipes(Authority(folder), 8899) if one.name == language]
    for name, value in recipe.variables.items():
        assert f"{name}={value}\n" in shown.stdout
