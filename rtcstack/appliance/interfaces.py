"""Whether this machine has an interface that WebRTC may use: addresses of the loopback interface are left out (RFC 8445, 5.1.1.1)."""

import fcntl
import socket
import struct
from typing import Final

_SIOCGIFADDR: Final = 0x8915
_IFREQ_BYTES: Final = 40
_LOOPBACK: Final = "lo"
ADVICE: Final = """\
No network interface besides lo is up: the recorder, the self-check and browsers on this machine cannot join a room, since
WebRTC does not use addresses of lo (RFC 8445). An interface that leads nowhere is enough:
  sudo ip link add rtc0 type veth peer name rtc1 && sudo ip addr add 192.0.2.1/24 dev rtc0
  sudo ip link set rtc0 up && sudo ip link set rtc1 up
"""


def has_usable() -> bool:
    """Return whether any interface besides lo has an IPv4 address: those of IPv6 do not reach LiveKit on 127.0.0.1."""
    return any(name != _LOOPBACK and _has_address(name) for _, name in socket.if_nameindex())


def _has_address(name: str) -> bool:
    request = struct.pack(f"{_IFREQ_BYTES}s", name.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            fcntl.ioctl(any_socket, _SIOCGIFADDR, request)
        except OSError:
            return False
    return True
