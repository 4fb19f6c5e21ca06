"""Every knob of the server: its name, its unit and its default.

A setting is an environment variable with the prefix TOLLBOOTH_ (or a line of a `.env` file in the
working directory). A wrong value or an unknown TOLLBOOTH_ name stops the start with one line that names
where it stands, the key and the mend. A bare DATABASE_URL is somebody else's: it is not read, but told.
"""

import difflib
import io
import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "TOLLBOOTH_"
ENV_FILE = Path(".env")
COMMAND_LINE = "command line"
NOT_READ = "DATABASE_URL"
"""What 0.1 read, and what the program under test calls its own database."""
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
        description="sqlite:///file.db (one worker) or postgresql://user:password@host/name (many workers)",
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on; 0 picks a free one")
    workers: int = Field(default=1, ge=1, le=64, description="processes; more than one needs PostgreSQL")
    admin_token: str = Field(default="", description="bearer token that /_sim asks for; needed off loopback")
    in_image: Switch = Field(
        default=False, description="on in the image: a DATABASE_URL without TOLLBOOTH_ stops the start"
    )
    url: str = Field(
        default="http://127.0.0.1:8000",
        description="address of the running server that commands such as `tollbooth bill` speak to",
    )

    sqlite_synchronous: Literal["normal", "full"] = Field(
        default="normal",
        description="normal loses nothing when the process is killed; full nothing at power loss either",
    )
    pool_size: int = Field(default=10, ge=1, le=200, description="PostgreSQL connections a worker holds")

    seed: int = Field(default=1, ge=0, description="seed of everything random: same seed, same ids")
    price_book: str = Field(
        default="article-toll",
        description="shipped price books by name or TOML files by path, with commas between",
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
    limit_unionid_hour: int = Field(
        default=100_000, ge=1, description="unionid_to_external_userid by one corp or provider"
    )
    limit_unionid_day: int = Field(default=480_000, ge=1, description="the same in a day")
    limit_unionid_month: int = Field(default=7_500_000, ge=1, description="the same in a calendar month")
    limit_unionid_3rd_hour: int = Field(
        default=50_000, ge=1, description="unionid_to_external_userid_3rd, by one provider"
    )
    limit_unionid_3rd_day: int = Field(default=240_000, ge=1, description="the same in a day")
    limit_webhook_sheet_minute: int = Field(
        default=3_000, ge=1, description="rows that webhooks may write to a sub-table in a minute"
    )
    limit_webhook_document_minute: int = Field(
        default=10_000, ge=1, description="the same to all sub-tables of a smart sheet"
    )
    limit_sheet_groups_hour: int = Field(
        default=1_000, ge=1, description="changes that one corp may make to group chats of smart sheets"
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
    contact_way_cap: int = Field(
        default=500_000,
        ge=1,
        description="contact ways and group join ways together that a corp's apps may make (41045 above)",
    )
    medical_trade: Switch = Field(
        default=True,
        description="corps are of the medical trade, which alone may make temporary contact ways (48002 off)",
    )
    education_trade: Switch = Field(
        default=False,
        description="corps are of the education trade, which alone is told of migrated groups in statistics",
    )
    acquisition_links_cap: int = Field(
        default=10_000, ge=1, description="acquisition links a corp may have (41095 above)"
    )
    sheet_rows_cap: int = Field(
        default=100_000, ge=1, description="records a sub-table may have (2022029 above)"
    )
    sheet_cells_cap: int = Field(
        default=15_000_000, ge=1, description="records times fields a sub-table may have (2022029 above)"
    )
    sheet_call_rows_cap: int = Field(
        default=500,
        ge=1,
        description="records of a smart sheet that one call may add, change or delete (40058 above)",
    )
    acquisition_priority: Switch = Field(
        default=True, description="off: the corps' business category has no priority_option (41200)"
    )
    acquisition_open_callback: Switch = Field(
        default=False, description="on: the corps' business category is told of opened links (open_profile)"
    )
    latency_threshold: int = Field(
        default=400, ge=0, description="records above which the latency profile article-2025 begins"
    )
    latency_ms_per_100: float = Field(
        default=50, ge=0, le=60_000, description="its milliseconds for each 100 records above"
    )
    latency_jitter: float = Field(
        default=0.2, ge=0, le=1, description="its share by which a wait is longer or shorter"
    )
    unionid_bound: Switch = Field(
        default=True, description="the corp has bound a WeChat developer account, so customers show a unionid"
    )
    corp_verified: Switch = Field(
        default=True,
        description="off: corps count as unverified; 学校通知 answers 43009, conversion of unionids 610016",
    )
    open_platform_verified: Switch = Field(
        default=True, description="off: mini-programs' open platform accounts count as unverified (610015)"
    )

    _given: frozenset[str] = PrivateAttr(default=frozenset())

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def sqlite_file(self) -> Path | None:
        """The file of an SQLite database; None for one in memory, and for PostgreSQL."""
        name = self.database_url.removeprefix("sqlite:///").partition("?")[0]
        return Path(name) if self.is_sqlite and name not in ("", ":memory:") else None

    @property
    def listens_on_loopback(self) -> bool:
        return self.host in LOOPBACK

    def named(self, field: str) -> str:
        """Where `field` was set and what it is called there, such as "environment: TOLLBOOTH_PORT"."""
        return named(field, self._given)


def environment_name(field: str) -> str:
    """TOLLBOOTH_PORT for `port`."""
    return PREFIX + field.upper()


def place_of(field: str, given: frozenset[str] = frozenset()) -> str:
    """Where the setting in force comes from: what was `given` by the caller comes before all else."""
    name = environment_name(field)
    if field in given:
        return COMMAND_LINE
    if name in _upper(os.environ):
        return "environment"
    return str(ENV_FILE) if name in _upper(env_file()) else "default"


def named(field: str, given: frozenset[str]) -> str:
    place = place_of(field, given)
    option = "--" + field.replace("_", "-")
    return f"{place}: {option if place == COMMAND_LINE else environment_name(field)}"


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
    """As read_settings, and refuses settings with which no server can run."""
    settings = read_settings(**overrides)
    _refuse_what_cannot_work(settings)
    return settings


def env_file() -> dict[str, str | None]:
    """What `.env` says; raises WrongSetting where it is unreadable or a line is no KEY=value."""
    try:
        text = ENV_FILE.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise WrongSetting(f"{ENV_FILE}: {reason}; make it a readable text file of KEY=value lines") from None
    for line in parse_stream(io.StringIO(text)):
        if line.error:
            shown = line.original.string.strip().splitlines()[0]
            raise WrongSetting(f"{ENV_FILE}: line {line.original.line}: {shown!r}: write KEY=value")
    return dotenv_values(stream=io.StringIO(text))


def _upper(names: object) -> set[str]:
    return {str(name).upper() for name in names}  # type: ignore[attr-defined]


def _refuse_unknown_names() -> None:
    known = {
        environment_name(field).removeprefix(PREFIX): environment_name(field)
        for field in Settings.model_fields
    }
    for place, names in (("environment", set(os.environ)), (str(ENV_FILE), set(env_file()))):
        for name in sorted(names):
            if name.upper().startswith(PREFIX) and name.upper() not in known.values():
                near = difflib.get_close_matches(name.upper().removeprefix(PREFIX), known, n=1)
                mend = (
                    f"did you mean {known[near[0]]}?" if near else "remove it; `tollbooth settings` lists all"
                )
                raise WrongSetting(f"{place}: {name}: no such setting; {mend}")


def _one_line(error: ValidationError, given: frozenset[str]) -> str:
    first = error.errors(include_url=False)[0]
    field = str(first["loc"][0]).lower()
    about = Settings.model_fields[field]
    return (
        f"{named(field, given)}: {first['input']!r}: {first['msg']}; it sets: {about.description}; "
        f"such as {environment_name(field)}={shown_value(about.default)}"
    )


def shown_value(value: object) -> str:
    """A value as it is written in the environment."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def about_what_is_not_read(settings: Settings) -> str | None:
    """The line about a DATABASE_URL; None where there is none, or the database was chosen by its own name."""
    if "database_url" in settings.model_fields_set:
        return None
    if NOT_READ in _upper(os.environ):
        place = "environment"
    elif NOT_READ in _upper(env_file()):
        place = str(ENV_FILE)
    else:
        return None
    ours = environment_name("database_url")
    return (
        f"{place}: 不读取 {NOT_READ}，请设置 {ours}（现为 {settings.database_url}）。"
        f"{NOT_READ} is not read; set {ours} (now {settings.database_url})"
    )


def _refuse_what_cannot_work(settings: Settings) -> None:
    not_read = about_what_is_not_read(settings)
    if not_read is not None and (settings.workers > 1 or settings.in_image):
        raise WrongSetting(not_read)
    url = settings.database_url
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise WrongSetting(
            f"{settings.named('database_url')}: {url.split('://')[0]!r} is no database we know; "
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
