"""Which addresses may be connected to, by the setting allowed_addresses."""

import ipaddress
from collections.abc import Iterable

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK, PRIVATE, PUBLIC = "loopback", "private", "public"
WORDS = (LOOPBACK, PRIVATE, PUBLIC)

_LOOPBACK = tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "::1/128", "0.0.0.0/32", "::/128")))
"""0.0.0.0 and :: are this machine, too."""
_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"),
    )
)
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "fe80::/10", "ff00::/8"),
    )
)
"""Link-local (there the metadata of cloud machines is), multicast and reserved."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AllowedAddresses:
    """`loopback`, `private`, `public` and networks such as 10.1.0.0/16, separated by commas.

    Raises ValueError for anything else. Link-local and multicast addresses need a network of their own.
    """

    def __init__(self, setting: str) -> None:
        parts = [part.strip() for part in setting.split(",") if part.strip()]
        self._words = frozenset(part for part in parts if part in WORDS)
        self._networks = tuple(_network(part) for part in parts if part not in WORDS)

    def allow(self, address: str) -> bool:
        """Whether a connection to this IP address may be made; wrapped IPv4 addresses are unwrapped."""
        ip = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
        return _kind(ip) in self._words or _is_in(ip, self._networks)


def _network(part: str) -> IPNetwork:
    try:
        return ipaddress.ip_network(part)
    except ValueError:
        raise ValueError(
            f"{part!r} is neither loopback, private or public nor a network such as 10.1.0.0/16"
        ) from None


def _kind(ip: IPAddress) -> str:
    if _is_in(ip, _LOOPBACK):
        return LOOPBACK
    if _is_in(ip, _PRIVATE):
        return PRIVATE
    return "" if _is_in(ip, _SPECIAL) else PUBLIC


def _is_in(ip: IPAddress, networks: Iterable[IPNetwork]) -> bool:
    return any(ip in network for network in networks)


def _unwrapped(ip: IPAddress) -> IPAddress:
    """The IPv4 address inside an IPv6 address that leads to one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
