"""Reading the settings, and refusing wrong ones in one line."""

import difflib
import os
from urllib.parse import urlsplit

from pydantic import ValidationError

from wecom_tollbooth.settings.model import Settings
from wecom_tollbooth.settings.sources import (
    ENV_FILE,
    PREFIX,
    WrongSetting,
    env_file,
    environment_name,
    named,
    upper,
)

NOT_READ = "DATABASE_URL"
"""What 0.1 read, and what the program under test calls its own database."""


def read_settings(**overrides: object) -> Settings:
    """The settings of the environment and `.env`, with `overrides` (command-line options) on top.

    Raises WrongSetting, whose text is the one line to print.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    _refuse_unknown_names()
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise WrongSetting(_one_line(error, frozenset(given))) from None
    settings._given = frozenset(given)
    return settings


def load_settings(**overrides: object) -> Settings:
    """Like read_settings; also refuses settings that no server can run with."""
    settings = read_settings(**overrides)
    _refuse_unusable(settings)
    return settings


def _refuse_unknown_names() -> None:
    known = {
        environment_name(field).removeprefix(PREFIX): environment_name(field)
        for field in Settings.model_fields
    }
    for place, names in (("environment", set(os.environ)), (str(ENV_FILE), set(env_file()))):
        for name in sorted(names):
            if name.upper().startswith(PREFIX) and name.upper() not in known.values():
                near = difflib.get_close_matches(name.upper().removeprefix(PREFIX), known, n=1)
                fix = (
                    f"did you mean {known[near[0]]}?" if near else "remove it; `tollbooth settings` lists all"
                )
                raise WrongSetting(f"{place}: {name}: no such setting; {fix}")


def _one_line(error: ValidationError, given: frozenset[str]) -> str:
    first = error.errors(include_url=False)[0]
    field = str(first["loc"][0]).lower()
    about = Settings.model_fields[field]
    return (
        f"{named(field, given)}: {first['input']!r}: {first['msg']}; it sets: {about.description}; "
        f"such as {environment_name(field)}={shown_value(about.default)}"
    )


def shown_value(value: object) -> str:
    """A value as one writes it in the environment."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def about_what_is_not_read(settings: Settings) -> str | None:
    """The line about a bare DATABASE_URL; None without one, or if our own setting is set."""
    if "database_url" in settings.model_fields_set:
        return None
    if NOT_READ in upper(os.environ):
        place = "environment"
    elif NOT_READ in upper(env_file()):
        place = str(ENV_FILE)
    else:
        return None
    ours = environment_name("database_url")
    return (
        f"{place}: 不读取 {NOT_READ}，请设置 {ours}（现为 {settings.database_url}）。"
        f"{NOT_READ} is not read; set {ours} (now {settings.database_url})"
    )


def _refuse_unusable(settings: Settings) -> None:
    not_read = about_what_is_not_read(settings)
    if not_read is not None and (settings.workers > 1 or settings.in_image):
        raise WrongSetting(not_read)
    url = settings.database_url
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise WrongSetting(
            f"{settings.named('database_url')}: {url.split('://')[0]!r} is not a supported database; "
            "use sqlite:///file.db or postgresql://user:password@host/name"
        )
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise WrongSetting(
            f"{settings.named('database_url')}: its host and port cannot be read; "
            "write postgresql://user:password@host:5432/name"
        ) from None
    if settings.is_sqlite and settings.workers > 1:
        raise WrongSetting(
            f"{settings.named('workers')}: SQLite is one file with one writer, so it serves one worker; "
            "set TOLLBOOTH_DATABASE_URL=postgresql://… for more, or workers to 1"
        )
    if not settings.listens_on_loopback and not settings.admin_token:
        raise WrongSetting(
            f"{settings.named('host')}: listening on {settings.host} opens the control API to others; "
            f"set {PREFIX}ADMIN_TOKEN, or listen on 127.0.0.1"
        )
