"""Every knob of the server: its name, its unit and its default.

A setting is an environment variable with the prefix TOLLBOOTH_ (or a line of a `.env` file in the
working directory); the database alone is DATABASE_URL. A wrong value or an unknown TOLLBOOTH_ name
stops the start with one line that names where it stands, the key and the mend.
"""

import difflib
import os
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AliasChoices, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "TOLLBOOTH_"
ENV_FILE = Path(".env")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class WrongSetting(Exception):
    """A setting that stops the start. Its text is one line: where, which key, what is wrong, the mend."""


def _switch(value: object) -> object:
    words = {"on": True, "off": False, "true": True, "false": False, "1": True, "0": False}
    return words.get(value.strip().lower(), value) if isinstance(value, str) else value


Switch = Annotated[bool, BeforeValidator(_switch)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore")

    database_url: str = Field(
        default="sqlite:///tollbooth.db",
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="sqlite:///file.db (one worker) or postgresql://user:password@host/name (many workers)",
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on; 0 picks a free one")
    workers: int = Field(default=1, ge=1, le=64, description="processes; more than one needs PostgreSQL")
    admin_token: str = Field(default="", description="bearer token that /_sim asks for; needed off loopback")

    sqlite_synchronous: Literal["normal", "full"] = Field(
        default="normal",
        description="normal loses nothing when the process is killed; full nothing at power loss either",
    )
    pool_size: int = Field(default=10, ge=1, le=200, description="PostgreSQL connections a worker holds")

    seed: int = Field(default=1, ge=0, description="seed of everything random: same seed, same ids")
    price_book: str = Field(
        default="article-toll", description="name of a shipped price book, or the path of a TOML file"
    )

    token_expires_in: int = Field(default=7200, ge=1, description="life of an access_token, seconds")
    expired_token_errcode: Literal[42001, 40014] = Field(
        default=42001, description="errcode of a call with an expired token"
    )
    trusted_ips: Switch = Field(
        default=False, description="on: an app answers only its own trusted addresses (60020)"
    )

    rate_limits: Switch = Field(default=True, description="off: no frequency or concurrency limit")
    limit_per_corp_minute: int = Field(default=10_000, ge=1, description="calls of one operation by one corp")
    limit_per_corp_hour: int = Field(default=150_000, ge=1, description="calls of one operation by one corp")
    limit_per_ip_minute: int = Field(
        default=20_000, ge=1, description="calls of one operation by one address"
    )
    limit_per_ip_hour: int = Field(default=600_000, ge=1, description="calls of one operation by one address")
    limit_wrong_secret_hour: int = Field(
        default=2_000, ge=1, description="wrong secrets by one address before it is barred for an hour"
    )
    limit_concurrency: int = Field(
        default=5, ge=1, description="calls of one operation by one corp that may be under way at once"
    )

    callback_timeout_seconds: float = Field(
        default=5, gt=0, le=60, description="time that a receiver of callbacks has to answer, seconds"
    )
    callback_retries: int = Field(default=3, ge=0, le=20, description="tries after the first one failed")
    callback_retry_seconds: int = Field(
        default=5,
        ge=0,
        le=3600,
        description="from a failed try to the next, seconds of the simulator's clock",
    )
    callback_retry_statuses: Switch = Field(
        default=True, description="off: only failed connections and timeouts are tried again"
    )

    journal_capacity: int = Field(
        default=1_000, ge=10, le=1_000_000, description="calls of each corp that the journal keeps"
    )
    max_body_bytes: int = Field(default=2 * 1024 * 1024, ge=1024, description="larger bodies answer 40206")
    member_cap: int = Field(default=100_000, ge=1, description="members a corp may have (45024 above)")
    unionid_bound: Switch = Field(
        default=True, description="the corp has bound a WeChat developer account, so customers show a unionid"
    )

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def listens_on_loopback(self) -> bool:
        return self.host in LOOPBACK


def load_settings(**overrides: object) -> Settings:
    """The settings of the environment and `.env`, with `overrides` (command-line options) on top.

    Raises WrongSetting, whose text is the one line to print.
    """
    _refuse_unknown_names()
    try:
        settings = Settings(**{key: value for key, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise WrongSetting(_one_line(error)) from None
    _refuse_what_cannot_work(settings)
    return settings


def _refuse_unknown_names() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} - {PREFIX + "DATABASE_URL"}
    for place, names in (("environment", set(os.environ)), (str(ENV_FILE), set(dotenv_values(ENV_FILE)))):
        for name in sorted(names):
            if name.upper().startswith(PREFIX) and name.upper() not in known:
                near = difflib.get_close_matches(name.upper(), known | {"DATABASE_URL"}, n=1, cutoff=0.5)
                mend = f"did you mean {near[0]}?" if near else "remove it; `tollbooth settings` lists all"
                raise WrongSetting(f"{place}: {name}: no such setting; {mend}")


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    key = str(first["loc"][0])
    name = "DATABASE_URL" if key.upper() == "DATABASE_URL" else PREFIX + key.upper()
    if name in os.environ:
        place = "environment"
    elif name in dotenv_values(ENV_FILE):
        place = str(ENV_FILE)
    else:
        place = "command line"
    field = Settings.model_fields[key.lower()]
    return f"{place}: {name}: {first['input']!r}: {first['msg']}; it sets: {field.description}"


def _refuse_what_cannot_work(settings: Settings) -> None:
    url = settings.database_url
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise WrongSetting(
            f"DATABASE_URL: {url.split('://')[0]!r} is no database we know; "
            "use sqlite:///file.db or postgresql://user:password@host/name"
        )
    if settings.is_sqlite and settings.workers > 1:
        raise WrongSetting(
            f"{PREFIX}WORKERS: SQLite is one file with one writer, so it serves one worker; "
            "set DATABASE_URL=postgresql://… for more, or workers to 1"
        )
    if not settings.listens_on_loopback and not settings.admin_token:
        raise WrongSetting(
            f"{PREFIX}ADMIN_TOKEN: listening on {settings.host} opens the control API to others; "
            "set an admin token, or listen on 127.0.0.1"
        )
