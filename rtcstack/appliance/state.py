"""What `rtcstack status` shows: written by the supervisor at every change and once a second, and held against /proc.

One file of a fixed size is overwritten in place: on a full disk a new one could not be made, and what lies there
would stay as it was. So a reader may meet half a change, and reads until two looks are equal.
"""

import os
import time
from pathlib import Path
from typing import Any, Literal

import msgspec

from rtcstack.appliance.folder import DataFolder, is_taken
from rtcstack.settings import Settings

PartState = Literal[
    "waiting", "starting", "healthy", "unhealthy", "restarting", "failed", "stopping", "stopped", "unknown"
]
_SIZE_BYTES = 8192
_SILENT_S = 10.0
"""A supervisor that has written nothing for so long hangs, or cannot write: what it wrote last is no news."""


class PartStatus(msgspec.Struct):
    name: str
    address: str = ""
    state: PartState = "waiting"
    pid: int | None = None
    birth: int | None = None
    """When the process began, as `Snapshot.supervisor_birth`."""
    started_at_ms: int | None = None
    note: str = ""
    """Why it is not healthy, in words."""
    deaths: int = 0


class Snapshot(msgspec.Struct):
    supervisor_pid: int
    supervisor_birth: int
    """When the supervisor began, in the kernel's ticks: with the pid it names one process only."""
    addresses: dict[str, str]
    parts: list[PartStatus]
    ready: bool = False
    """Every part has been healthy at once since the start."""
    beat_s: float = 0.0
    """When it was written, by the clock that all processes of the machine share."""

    @property
    def is_healthy(self) -> bool:
        return all(part.state == "healthy" for part in self.parts)

    @property
    def is_silent(self) -> bool:
        """Whether the supervisor lives, but has not reported for a while: it hangs, or it cannot write."""
        return self.has_supervisor and time.monotonic() - self.beat_s > _SILENT_S

    @property
    def has_supervisor(self) -> bool:
        return birth(self.supervisor_pid) == self.supervisor_birth


def addresses(settings: Settings) -> dict[str, str]:
    store = settings.storage
    return {
        "api": settings.api.public_url or settings.api.url,
        "livekit": settings.livekit.public_url or settings.livekit.ws_url,
        "s3": store.public_url or store.url,
        "s3_console": f"http://{store.host}:{store.console_port}",
    }


def birth(pid: int) -> int | None:
    """Return when a process began, in ticks since boot; None when there is none, or only its exit status is left."""
    try:
        words = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return None
    # Field 22 of proc(5); the third, the state, stands first behind the bracket.
    return None if words[0] in {"Z", "X"} else int(words[19])


def write(folder: DataFolder, snapshot: Snapshot) -> None:
    """Raises `OSError` only where a file that is there cannot be overwritten."""
    snapshot.beat_s = time.monotonic()
    text = msgspec.json.encode(snapshot).ljust(_SIZE_BYTES)
    descriptor = os.open(folder.state, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(descriptor, text, 0)
        os.ftruncate(descriptor, len(text))
    finally:
        os.close(descriptor)


def _stable(file: Path) -> bytes:
    text = file.read_bytes()
    while (again := file.read_bytes()) != text:
        text = again
    return text


def read(folder: DataFolder) -> Snapshot | None:
    """Return how the parts of the folder's appliance are, None when none runs.

    What the supervisor wrote last counts only as far as it can still be true: the parts of a dead one are stopping, of
    those of a silent one nothing is known, and none is well whose process has ended.
    """
    if not is_taken(folder) or not folder.state.is_file():
        return None
    try:
        snapshot = msgspec.json.decode(_stable(folder.state), type=Snapshot)
    except msgspec.DecodeError:  # just made, nothing stands in it yet
        return None
    if not snapshot.has_supervisor:
        for part in snapshot.parts:
            part.state, part.note = "stopping", "its supervisor is gone"
        return snapshot
    for part in snapshot.parts:
        _hold_against_proc(part, snapshot)
    return snapshot


def _hold_against_proc(part: PartStatus, snapshot: Snapshot) -> None:
    if part.pid is not None and part.state != "stopping" and birth(part.pid) != part.birth:
        part.state, part.note = "unhealthy", f"its process {part.pid} has ended"
        part.pid = part.started_at_ms = None
    elif snapshot.is_silent:
        silence_s = time.monotonic() - snapshot.beat_s
        part.state, part.note = "unknown", f"the supervisor has not reported for {silence_s:.0f} s"


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    """Return the shape of `rtcstack status --json`."""
    now_ms = time.time_ns() // 1_000_000
    return {"addresses": snapshot.addresses, "parts": [_part_json(part, now_ms) for part in snapshot.parts]}


def _part_json(part: PartStatus, now_ms: int) -> dict[str, Any]:
    lives = part.pid is not None and part.started_at_ms is not None
    return {
        "name": part.name,
        "state": part.state,
        "pid": part.pid,
        "address": part.address or None,
        "uptime_s": round((now_ms - (part.started_at_ms or now_ms)) / 1000, 1) if lives else None,
        "note": part.note or None,
    }
