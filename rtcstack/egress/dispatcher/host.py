"""How much of this machine, or of this container, there is for recorders."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CGROUP: Final = Path("/sys/fs/cgroup")
_MEMINFO: Final = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Host:
    cores: float
    """CPUs that this process may use; a container's share may be a fraction."""
    memory_bytes: int
    """What can still be had."""
    closed_cores: float = 0.0
    """CPUs of the machine that a container's limit keeps this process from."""


def measure(cgroup: Path = _CGROUP) -> Host:
    """Look at it now. Outside of Linux the memory is not known, and counts as plenty."""
    cores = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    ours = min(cores, _quota(cgroup) or cores)
    return Host(ours, min(_available_bytes(), _left_of_limit(cgroup)), cores - ours)


def _quota(cgroup: Path) -> float | None:
    """Return the CPUs that the control group allows (cgroup v2, `cpu.max`)."""
    try:
        allowed, period = (cgroup / "cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return None if allowed == "max" else int(allowed) / int(period)


def _left_of_limit(cgroup: Path) -> int:
    """Return what the control group still allows; files in its page cache count as free."""
    try:
        limit = (cgroup / "memory.max").read_text(encoding="ascii").strip()
        used = int((cgroup / "memory.current").read_text(encoding="ascii"))
        lines = (cgroup / "memory.stat").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return _PLENTY
    cached = sum(
        int(line.split()[1]) for line in lines if line.startswith(("inactive_file ", "active_file "))
    )
    return _PLENTY if limit == "max" else max(0, int(limit) - used + cached)


def _available_bytes() -> int:
    try:
        return _field(_MEMINFO.read_text(encoding="ascii").splitlines(), "MemAvailable:") or 0
    except OSError:
        return _PLENTY


def _field(lines: list[str], name: str) -> int | None:
    """Return a field of /proc, which counts in KiB."""
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), None)


_PLENTY: Final = 1 << 50
