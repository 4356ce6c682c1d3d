"""Which addresses we connect to on a customer's word: public ones, and those that the operator allows.

The check stands after the look-up and before the connection (guarded_resolver.py, guarded_pool.py), so that a name cannot
answer twice differently. Python's `is_global` is not enough: it lets NAT64 and 6to4 wrappers of private addresses through.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

_BLOCKED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
        "ff00::/8",
    )
)  # fmt: skip
_LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_COMPATIBLE = IPv6Network("::/96")


class AddressRefused(OSError):
    """The address is one that we do not connect to."""


class AddressGuard:
    """`allow_loopback` is for a developer's own machine, where the API itself listens on loopback only."""

    def __init__(self, allow_networks: Sequence[Network] = (), *, allow_loopback: bool = False) -> None:
        self._allowed = (*allow_networks, *(_LOOPBACK if allow_loopback else ()))

    def allows(self, address: str) -> bool:
        """Say whether `address`, an IP literal, may be connected to."""
        ip = _canonical(address)
        if any(ip in network for network in self._allowed):
            return True
        return not any(ip in network for network in _BLOCKED)

    def check(self, address: str) -> None:
        """Raises `AddressRefused`."""
        if not self.allows(address):
            raise AddressRefused(f"{address} lies in a network that this server does not connect to.")


def _canonical(address: str) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one stands for: mapped, or "IPv4-compatible" (RFC 4291, 2.5.5)."""
    ip = ip_address(address.partition("%")[0])
    if not isinstance(ip, IPv6Address):
        return ip
    if ip in _COMPATIBLE and int(ip) > 1:  # :: and ::1 are addresses of their own
        return IPv4Address(int(ip))
    return ip.ipv4_mapped or ip
