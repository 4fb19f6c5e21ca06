"""What the fields of settings have in common."""

from typing import Annotated

from pydantic import BeforeValidator


def _parse_switch(value: object) -> object:
    switches = {"on": True, "off": False, "true": True, "false": False, "1": True, "0": False}
    return switches.get(value.strip().lower(), value) if isinstance(value, str) else value


Switch = Annotated[bool, BeforeValidator(_parse_switch)]


def both(chinese: str, english: str) -> str:
    """A description in both languages."""
    return f"{chinese} {english}"
