"""A wrong setting stops the start with one line: its source, its name, what is wrong, the fix."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from wecom_tollbooth.cli import app
from wecom_tollbooth.settings import (
    Settings,
    WrongSetting,
    about_what_is_not_read,
    environment_name,
    load_settings,
    read_settings,
    shown_value,
)


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, so that the developer's `.env` is not read."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(**overrides: object) -> str:
    with pytest.raises(WrongSetting) as stopped:
        load_settings(**overrides)
    line = str(stopped.value)
    assert "\n" not in line
    return line


WRONG = {
    "TOLLBOOTH_PORT=http": ("environment: TOLLBOOTH_PORT: 'http': ", "valid integer", "TOLLBOOTH_PORT=8000"),
    "TOLLBOOTH_PORT=70000": ("environment: TOLLBOOTH_PORT: '70000': ", "65535", "port to listen on"),
    "TOLLBOOTH_WORKERS=0": ("environment: TOLLBOOTH_WORKERS: '0': ", "greater than or equal to 1"),
    "TOLLBOOTH_RATE_LIMITS=perhaps": (
        "environment: TOLLBOOTH_RATE_LIMITS: 'perhaps'",
        "TOLLBOOTH_RATE_LIMITS=on",
    ),
    "TOLLBOOTH_SQLITE_SYNCHRONOUS=fast": ("TOLLBOOTH_SQLITE_SYNCHRONOUS: 'fast'", "'normal' or 'full'"),
    "TOLLBOOTH_EXPIRED_TOKEN_ERRCODE=1": ("TOLLBOOTH_EXPIRED_TOKEN_ERRCODE: '1'", "42001"),
    "TOLLBOOTH_RATE_LIMIT=off": (
        "environment: TOLLBOOTH_RATE_LIMIT: no such setting",
        "did you mean TOLLBOOTH_RATE_LIMITS?",
    ),
    "TOLLBOOTH_QQQQ=1": ("environment: TOLLBOOTH_QQQQ: no such setting", "`tollbooth settings` lists all"),
    "tollbooth_port=x": ("environment: TOLLBOOTH_PORT: 'x': ",),
    "TOLLBOOTH_DATABASE_URL=mysql://root@db/tollbooth": (
        "environment: TOLLBOOTH_DATABASE_URL: 'mysql' is not a supported database",
        "sqlite:///file.db",
    ),
    "TOLLBOOTH_DATABASE_URL=": ("environment: TOLLBOOTH_DATABASE_URL: '' is not a supported database",),
    "TOLLBOOTH_DATABASE_URL=postgresql://db:port/tollbooth": (
        "environment: TOLLBOOTH_DATABASE_URL: its host and port",
        "host:5432",
    ),
    "TOLLBOOTH_WORKERS=2": (
        "environment: TOLLBOOTH_WORKERS: SQLite is one file",
        "TOLLBOOTH_DATABASE_URL=postgresql://",
    ),
    "TOLLBOOTH_HOST=0.0.0.0": (
        "environment: TOLLBOOTH_HOST: listening on 0.0.0.0",
        "set TOLLBOOTH_ADMIN_TOKEN",
    ),
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_value_in_the_environment_is_reported_in_one_line(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _, value = line.partition("=")
    monkeypatch.setenv(name, value)
    error = refused()
    for part in WRONG[line]:
        assert part in error


@pytest.mark.parametrize("line", WRONG)
def test_the_same_line_in_a_file_is_reported_with_the_file_name(line: str, an_empty_folder: Path) -> None:
    (an_empty_folder / ".env").write_text(f"# settings\n{line}\n", encoding="utf-8")
    error = refused()
    assert error.startswith(f".env: {line.partition('=')[0].upper()}: ")
    for part in WRONG[line]:
        assert part.removeprefix("environment: ") in error


def test_a_wrong_option_is_reported_with_the_option_name() -> None:
    assert refused(port=70_000).startswith("command line: --port: 70000: ")
    assert refused(database_url="oracle://x").startswith("command line: --database-url: 'oracle' is no")


def test_options_override_the_environment_which_overrides_the_file(
    an_empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (an_empty_folder / ".env").write_text("TOLLBOOTH_PORT=1\nTOLLBOOTH_SEED=1\nTOLLBOOTH_POOL_SIZE=1\n")
    monkeypatch.setenv("TOLLBOOTH_PORT", "2")
    monkeypatch.setenv("TOLLBOOTH_SEED", "2")
    settings = load_settings(port=3)
    assert (settings.port, settings.seed, settings.pool_size) == (3, 2, 1)
    assert settings.named("port") == "command line: --port"
    assert settings.named("seed") == "environment: TOLLBOOTH_SEED"
    assert settings.named("pool_size") == ".env: TOLLBOOTH_POOL_SIZE"
    assert settings.named("host") == "default: TOLLBOOTH_HOST"


def test_an_unreadable_settings_file_is_reported(an_empty_folder: Path) -> None:
    env = an_empty_folder / ".env"
    env.write_text("TOLLBOOTH_SEED=7\nTOLLBOOTH_PORT 8000\n")
    assert refused() == ".env: line 2: 'TOLLBOOTH_PORT 8000': write KEY=value"
    env.write_bytes(b"TOLLBOOTH_SEED=\xff\n")
    assert refused().startswith(".env: not UTF-8 text; ")
    env.unlink()
    env.mkdir()
    assert refused().startswith(".env: Is a directory; ")


NOT_READ = "DATABASE_URL is not read; set TOLLBOOTH_DATABASE_URL (now sqlite:///tollbooth.db)"


@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_bare_database_url_is_reported_and_not_read(
    place: str, an_empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place == "environment":
        monkeypatch.setenv("DATABASE_URL", "postgresql://user:hidden@db/product")
    else:
        (an_empty_folder / ".env").write_text("DATABASE_URL=postgresql://user:hidden@db/product\n")
    settings = load_settings()
    assert settings.database_url == "sqlite:///tollbooth.db"
    error = about_what_is_not_read(settings)
    assert error is not None
    assert error.startswith(f"{place}: 不读取 DATABASE_URL，请设置 TOLLBOOTH_DATABASE_URL")
    assert error.endswith(NOT_READ)
    assert "hidden" not in error


def test_a_bare_database_url_is_not_reported_if_a_database_is_set(
    an_empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert about_what_is_not_read(load_settings()) is None
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/product")
    assert about_what_is_not_read(load_settings(database_url="sqlite:///tollbooth.db")) is None
    (an_empty_folder / ".env").write_text("TOLLBOOTH_DATABASE_URL=sqlite:///tollbooth.db\n")
    assert about_what_is_not_read(load_settings()) is None


@pytest.mark.parametrize(("name", "value"), [("TOLLBOOTH_WORKERS", "2"), ("TOLLBOOTH_IN_IMAGE", "on")])
def test_a_bare_database_url_stops_several_workers_and_the_image(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/product")
    monkeypatch.setenv(name, value)
    assert refused().endswith(NOT_READ)
    monkeypatch.setenv("TOLLBOOTH_DATABASE_URL", "postgresql://db/tollbooth")
    assert load_settings().database_url == "postgresql://db/tollbooth"


def test_listening_off_loopback_is_allowed_with_an_admin_token() -> None:
    assert load_settings(host="0.0.0.0", admin_token="a-token").host == "0.0.0.0"


def test_a_client_accepts_settings_that_a_server_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOLLBOOTH_WORKERS", "4")
    assert read_settings().workers == 4


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///tollbooth.db", Path("tollbooth.db")),
        ("sqlite:////var/lib/t.db?timeout=5", Path("/var/lib/t.db")),
        ("sqlite:///:memory:", None),
        ("sqlite:///", None),
        ("postgresql://db/tollbooth", None),
    ],
)
def test_sqlite_file_is_the_file_of_an_sqlite_database(url: str, file: Path | None) -> None:
    assert Settings(database_url=url).sqlite_file == file


def test_settings_lists_every_setting_with_its_value_default_and_meaning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOLLBOOTH_PORT", "8123")
    monkeypatch.setenv("TOLLBOOTH_ADMIN_TOKEN", "very-secret")
    monkeypatch.setenv("TOLLBOOTH_DATABASE_URL", "postgresql://user:hidden@db/tollbooth")
    shown = CliRunner().invoke(app, ["settings"])
    assert shown.exit_code == 0, shown.output
    lines = {line.split()[0]: line for line in shown.output.splitlines() if line.strip()}
    for field, about in Settings.model_fields.items():
        assert about.description
        assert about.description in lines[environment_name(field)]
    assert "8123  (environment)" in lines["TOLLBOOTH_PORT"]
    assert "postgresql://user:•••@db/tollbooth" in lines["TOLLBOOTH_DATABASE_URL"]
    assert "very-secret" not in shown.output
    assert "hidden" not in shown.output


def test_settings_lists_all_even_if_one_is_wrong_which_it_then_reports(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOLLBOOTH_SEEDS", "2")
    shown = CliRunner().invoke(app, ["settings"])
    assert shown.exit_code == 2
    assert "TOLLBOOTH_SEED " in shown.stdout
    assert shown.stderr == (
        "tollbooth: environment: TOLLBOOTH_SEEDS: no such setting; did you mean TOLLBOOTH_SEED?\n"
    )


@pytest.mark.parametrize("field", [name for name, about in Settings.model_fields.items() if about.default])
def test_every_default_can_be_written_into_the_environment(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Environment variables are text, which a choice of numbers must convert."""
    default = Settings.model_fields[field].default
    monkeypatch.setenv(environment_name(field), shown_value(default))
    assert getattr(load_settings(), field) == default


def test_the_other_errcode_of_an_expired_token_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOLLBOOTH_EXPIRED_TOKEN_ERRCODE", "40014")
    assert load_settings().expired_token_errcode == 40014
