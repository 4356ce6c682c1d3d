"""What `rtcstack status` shows: written by the supervisor at every change, in one step."""

import time
from pathlib import Path
from typing import Any, Literal

import msgspec

from rtcstack.appliance.folder import DataFolder, is_taken
from rtcstack.appliance.secrets import write_private
from rtcstack.settings import Settings

PartState = Literal[
    "waiting", "starting", "healthy", "unhealthy", "restarting", "failed", "stopping", "stopped"
]


class PartStatus(msgspec.Struct):
    name: str
    address: str = ""
    state: PartState = "waiting"
    pid: int | None = None
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

    @property
    def is_healthy(self) -> bool:
        return all(part.state == "healthy" for part in self.parts)


def addresses(settings: Settings) -> dict[str, str]:
    store = settings.storage
    return {
        "api": settings.api.public_url or settings.api.url,
        "livekit": settings.livekit.public_url or settings.livekit.ws_url,
        "s3": store.public_url or store.url,
        "s3_console": f"http://{store.host}:{store.console_port}",
    }


def birth(pid: int) -> int | None:
    """Return when a process began, in ticks since boot; None when there is none."""
    try:
        words = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return None
    return int(words[19])  # field 22 of proc(5), the third stands first behind the bracket


def write(folder: DataFolder, snapshot: Snapshot) -> None:
    write_private(folder.state, msgspec.json.encode(snapshot).decode())


def read(folder: DataFolder) -> Snapshot | None:
    """Return what the supervisor of the folder wrote last, None when none runs; parts of a dead one are stopping."""
    if not is_taken(folder) or not folder.state.is_file():
        return None
    snapshot = msgspec.json.decode(folder.state.read_bytes(), type=Snapshot)
    if birth(snapshot.supervisor_pid) != snapshot.supervisor_birth:
        for part in snapshot.parts:
            part.state, part.note = "stopping", "its supervisor is gone"
    return snapshot


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
