"""Finds out, before anything is started, which ports are taken, who asked for them and who holds them."""

import errno
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from rtcstack.appliance.faults import CannotStart
from rtcstack.appliance.parts.part import Part, Port

_LISTENING = "0A"
_PROC = Path("/proc")


class PortsBusy(CannotStart):
    """One line for each port that cannot be had."""


def refusal(port: Port) -> int | None:
    """Return why the port cannot be had now, as the system's error number (errno(3)); None when it can."""
    kind = socket.SOCK_STREAM if port.protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET6 if ":" in port.host else socket.AF_INET, kind) as probe:
        if port.protocol == "tcp":
            probe.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # what waits for its last packet is no listener
        try:
            probe.bind((port.host, port.number))
        except OSError as e:
            return e.errno or errno.EADDRINUSE
    return None


def _inodes(port: Port) -> set[str]:
    """Return the kernel's numbers of the sockets that hold the port (proc(5), /proc/net/tcp)."""
    found = set()
    for table in (port.protocol, f"{port.protocol}6"):
        file = _PROC / "net" / table
        rows = file.read_text(encoding="ascii").splitlines()[1:] if file.is_file() else []
        for words in (row.split() for row in rows):
            holds = int(words[1].rpartition(":")[2], 16) == port.number
            if holds and (port.protocol == "udp" or words[3] == _LISTENING):
                found.add(words[9])
    return found


def _holds(process: Path, links: set[str]) -> bool:
    try:
        return any(str(descriptor.readlink()) in links for descriptor in (process / "fd").iterdir())
    except OSError:  # gone, or another user's
        return False


def holder(port: Port) -> str:
    """Return `pid 4711 (redis-server)`; empty when the system does not tell."""
    links = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in _PROC.iterdir():
        if links and process.name.isdecimal() and _holds(process, links):
            name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
            return f"pid {process.name} ({name})"
    return ""


def twice(ports: Iterable[Port]) -> list[str]:
    """Return a sentence for each port that two settings ask for."""
    asked: dict[tuple[int, str], Port] = {}
    faults = []
    for port in ports:
        other = asked.setdefault((port.number, port.protocol), port)
        if other.setting != port.setting:
            faults.append(f"{other.place} and {port.place} both ask for port {port.number}/{port.protocol}")
    return faults


def check(parts: Sequence[Part]) -> None:
    """Expect every port to be free.

    Raises:
        PortsBusy: with every fault at once.
    """
    faults = twice(port for part in parts for port in part.ports)
    for part in parts:
        for port in (port for port in part.ports if refusal(port)):
            who = holder(port) or "another process (not visible to this user)"
            asked = f"{part.name} asks for it with {port.place}"
            faults.append(f"port {port.number}/{port.protocol} on {port.host} is taken by {who}; {asked}")
    if faults:
        raise PortsBusy("\n".join(faults))
