"""What the fields of settings have in common."""

import ipaddress
import re
from typing import Annotated

from pydantic import BeforeValidator


def _parse_switch(value: object) -> object:
    switches = {"on": True, "off": False, "true": True, "false": False, "1": True, "0": False}
    return switches.get(value.strip().lower(), value) if isinstance(value, str) else value


Switch = Annotated[bool, BeforeValidator(_parse_switch)]


def both(chinese: str, english: str) -> str:
    """A description in both languages."""
    return f"{chinese} {english}"


_HOST_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")


def host_names(value: str) -> str:
    """The names in a list with commas, in lower case. Raises ValueError for what is no host name."""
    names = [name.strip().lower() for name in value.split(",") if name.strip()]
    for name in names:
        if not _HOST_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a host name; write it without scheme, port and path")
    return ",".join(names)


def networks(value: str) -> str:
    """The IP addresses and networks in a list with commas. Raises ValueError for what is neither."""
    given = [entry.strip() for entry in value.split(",") if entry.strip()]
    for entry in given:
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError:
            raise ValueError(f"{entry!r} is no IP address or network such as 10.0.0.0/8") from None
    return ",".join(given)
