"""What the system allows: open files of the processes, and the buffers of UDP sockets."""

import resource
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene

_PROC = Path("/proc")
_ENOUGH_FILES = 4096
_TOO_FEW_FILES = 512
_UDP_BYTES = 5_000_000
"""LiveKit asks for a large buffer at its start and warns when it is granted less than this (mediatransportutil, rtcconfig)."""
_ASKED_BYTES = 16_777_216
_UNIT = "In the service's unit: LimitNOFILE=65536; in a shell, before the start:\n  ulimit -n 65536"


@dataclass(frozen=True)
class Limits:
    files: Mapping[str, int] = field(default_factory=dict)
    """How many open files each process may have, by the part; of this very process under `this user` when nothing runs."""
    udp_bytes: int | None = None
    """What a UDP socket is granted that asks for a large buffer."""


async def look(scene: Scene) -> Limits:
    parts = scene.snapshot.parts if scene.snapshot else []
    files = {part.name: n for part in parts if part.pid and (n := _files(part.pid)) is not None}
    # A start raises nothing by itself: what this shell may have is what a start from it would.
    return Limits(files or {"this user": resource.getrlimit(resource.RLIMIT_NOFILE)[0]}, _udp_bytes())


def _files(pid: int) -> int | None:
    """Return the limit that counts now (proc(5), /proc/PID/limits)."""
    try:
        lines = (_PROC / str(pid) / "limits").read_text(encoding="ascii").splitlines()
        words = next(line.split() for line in lines if line.startswith("Max open files"))
    except (OSError, StopIteration):
        return None
    return 1 << 30 if words[3] == "unlimited" else int(words[3])


def _udp_bytes() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ASKED_BYTES)
        return probe.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def open_files(scene: Scene, limits: Limits) -> Iterator[Verdict]:
    if scene.is_apart:
        return
    scarce = {name: n for name, n in limits.files.items() if n < _ENOUGH_FILES}
    for name, n in scarce.items():
        say = wrong if n < _TOO_FEW_FILES else doubtful
        yield say(
            f"{name} may have {n} open files",
            cause="every connection, file and database reader is one; at the limit calls fail with `Too many open files`",
            cure=_UNIT,
        )
    if not scarce:
        yield fine(f"open files: {min(limits.files.values())} at least")


def udp_buffer(scene: Scene, limits: Limits) -> Iterator[Verdict]:
    if limits.udp_bytes is None or scene.is_apart:  # the host's counts, and LiveKit's own log tells of it
        return
    seen = f"UDP sockets are granted {limits.udp_bytes // 1000} kB"
    if limits.udp_bytes >= _UDP_BYTES or not scene.is_public:
        yield fine(seen + ("" if limits.udp_bytes >= _UDP_BYTES else ", enough on loopback"))
        return
    yield doubtful(
        f"{seen}, LiveKit asks for {_UDP_BYTES // 1000} kB",
        cause="the kernel's limit: packets are dropped when many participants send at once, and pictures freeze",
        cure="Raise it, now and for the next boot:\n  sudo sysctl -w net.core.rmem_max=5000000\n"
        "  echo net.core.rmem_max=5000000 | sudo tee /etc/sysctl.d/60-rtcstack.conf",
    )


FAMILY = Family("limits", look, {"open_files": open_files, "udp_buffer": udp_buffer})
