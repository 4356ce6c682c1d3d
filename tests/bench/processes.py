"""CPU time and memory of processes, from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")
_UTIME, _STIME = 11, 12
"""Positions in /proc/PID/stat after the command's closing bracket."""


@dataclass(frozen=True)
class Egress:
    """The processes of the Egress worker."""

    dispatcher: int
    zygote: int
    recorders: list[int]


def cpu_s(pid: int) -> float:
    """Return the CPU time that a process has used, its threads included, its children not."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(words[_UTIME]) + int(words[_STIME])) / _TICKS


def pss_mb(pid: int) -> float:
    """Return the proportional set size: memory shared by n processes counts an nth for each."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise AssertionError(f"no Pss in smaps_rollup of {pid}")


def egress(dispatcher: int) -> Egress:
    """Find the zygote, which is the dispatcher's child, and the recorders, which are the zygote's."""
    zygotes = psutil.Process(dispatcher).children()
    assert len(zygotes) == 1, f"the Egress worker {dispatcher} has {len(zygotes)} zygotes"
    return Egress(dispatcher, zygotes[0].pid, [child.pid for child in zygotes[0].children()])


def pid_of(status: dict[str, Any], part: str) -> int:
    return next(int(entry["pid"]) for entry in status["parts"] if entry["name"] == part)
