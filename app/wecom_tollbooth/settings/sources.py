"""Where settings come from: the command line, the environment, the file `.env`."""

import io
import os
from collections.abc import Iterable
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

PREFIX = "TOLLBOOTH_"
ENV_FILE = Path(".env")
COMMAND_LINE = "command line"


class WrongSetting(Exception):
    """A setting that stops the start. The text is one line: its source, its name, what is wrong, the fix."""


def environment_name(field: str) -> str:
    """TOLLBOOTH_PORT for `port`."""
    return PREFIX + field.upper()


def place_of(field: str, given: frozenset[str] = frozenset()) -> str:
    """The source of a setting's value; fields in `given` come from the command line."""
    name = environment_name(field)
    if field in given:
        return COMMAND_LINE
    if name in upper(os.environ):
        return "environment"
    return str(ENV_FILE) if name in upper(env_file()) else "default"


def named(field: str, given: frozenset[str]) -> str:
    """The source of a setting and its name there, such as "environment: TOLLBOOTH_PORT"."""
    place = place_of(field, given)
    option = "--" + field.replace("_", "-")
    return f"{place}: {option if place == COMMAND_LINE else environment_name(field)}"


def env_file() -> dict[str, str | None]:
    """The content of `.env`. Raises WrongSetting if it can't be read or a line isn't KEY=value."""
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


def upper(names: Iterable[str]) -> set[str]:
    return {name.upper() for name in names}
