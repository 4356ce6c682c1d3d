"""How many more recordings a machine can take, by what those that run need. In words: docs/operations/capacity.md.

Two questions. How many more can be begun, so that all get every picture: for that everything counts that keeps the machine
busy. And whether another one is refused: for that only what recorders themselves need, and whether they keep up, since a host
that is busy for a moment with something else is to refuse nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rtcstack.egress.dispatcher.host import Host
from rtcstack.egress.dispatcher.load import RecorderLoad

_TYPICAL_CORES: Final = 0.4
"""A recording of 720p30 with two moving cameras (docs/benchmarks.md): what one counts for until it is measured."""
_BESIDE_CORES: Final = 0.1
"""Kept back for what LiveKit (one more subscriber), the store, Redis and the API do for each further recording.

Measured in `/proc/PID/stat` of a running benchmark: LiveKit took 0.04 core with two publishers and one recorder, 0.15 with
eight and four, the other three 0.02: so no more than 0.05, publishers included. The double is an estimate of what a moment takes
in which files are begun and closed. `scripts/bench promised` shows when it is too little: recordings that were promised every
picture then lack some.
"""
_LARGEST_CORES: Final = 0.5
"""The next one is taken for no more than this, however much those need that run: it may be a small one."""
_TYPICAL_ONES: Final = 2
"""The next one is taken for the mean of those that are measured and of so many typical ones: a few small ones say little."""
_FULL: Final = 0.9
"""So much of the cores may be busy, and no recorder loses a picture."""
_STRAINED: Final = 1.25
"""So much recorders may need before one is refused: with fewer pictures each they still keep up."""
_STARVED: Final = 0.6
"""If late recorders use less than this share, it is something else that keeps the machine busy."""
_WORTH_TELLING: Final = 0.05
_TYPICAL_BYTES: Final = 150_000_000
_RESERVE_BYTES: Final = 256_000_000
"""Left to everything else."""


@dataclass(frozen=True, slots=True)
class Capacity:
    running: int
    more: int
    """So many can be begun and all get every picture."""
    reason: str = ""
    """Why there are no more than these; empty while there are any."""
    can_record: bool = True
    """Also when `more` is 0: another one can be begun, and pictures are left out."""
    cores: float = 0.0
    cores_needed: float = 0.0
    cores_other: float = 0.0
    """What everything else takes that runs on them."""
    memory_bytes: int = 0


def judge(
    host: Host, loads: Sequence[RecorderLoad], *, other_cores: float = 0.0, most: int | None = None
) -> Capacity:
    """Return what a machine can take.

    `loads` are the recorders that run, `other_cores` is what else keeps its cores busy, `most` is the cap by the settings.
    What others do for a recording is part of `other_cores` once it is measured, and is added for those that are not yet.
    """
    need = sum(load.cores or _TYPICAL_CORES for load in loads)
    following = _following([cores for load in loads if (cores := load.cores) is not None])
    by_memory = _by_memory(host, [load.memory_bytes for load in loads])
    by_cap = None if most is None else max(0, most - len(loads))
    taken = need + other_cores + _BESIDE_CORES * sum(load.cores is None for load in loads)
    full = 0 if _lacking(loads) else _whole((_FULL * host.cores - taken) / (following + _BESIDE_CORES))
    more = min(full, by_memory, full if by_cap is None else by_cap)
    refusal = _refusal(host, loads, need, following, by_memory=by_memory, by_cap=by_cap)
    words = refusal or (_strained(host, loads, need, following, other_cores) if not more else "")
    return Capacity(
        running=len(loads),
        more=0 if refusal else more,
        reason=words,
        can_record=not refusal,
        cores=host.cores,
        cores_needed=round(need, 2),
        cores_other=round(other_cores, 2),
        memory_bytes=host.memory_bytes,
    )


def _lacking(loads: Sequence[RecorderLoad]) -> int:
    return sum(load.lacks_pictures for load in loads)


def _refusal(
    host: Host,
    loads: Sequence[RecorderLoad],
    need: float,
    following: float,
    *,
    by_memory: int,
    by_cap: int | None,
) -> str:
    if by_cap == 0:
        return f"Recordings that run: {len(loads)}, and the settings allow no more (RTCSTACK_EGRESS__MAX_RECORDINGS)."
    if by_memory == 0:
        return f"There is too little memory: {host.memory_bytes // 1_000_000} MB are left."
    if loads and need + following > _STRAINED * host.cores:
        return f"The recordings that run need {need:.1f} of {host.cores:g} cores, another one some {following:.1f}."
    if loads and need > _STARVED * host.cores and all(load.is_hopeless for load in loads):
        return "The recordings that run cannot keep up, although they leave out two of three pictures."
    return ""


def _strained(
    host: Host, loads: Sequence[RecorderLoad], need: float, following: float, other_cores: float
) -> str:
    """Return why another one would cost pictures, although it can be begun."""
    if lacking := _lacking(loads):
        return (
            f"{lacking} of {len(loads)} recordings that run lack pictures, for want of processor time or of speed: "
            "another one can be begun, but some will have fewer pictures a second."
        )
    taken = [(need, "the recordings that run")] if loads else []
    taken += [(other_cores, "everything else")] if other_cores >= _WORTH_TELLING else []
    of = (f" of {host.cores:g} cores are taken", "")
    told = [f"{much:.1f}{what} by {whom}" for (much, whom), what in zip(taken, of, strict=False)]
    before = f"{' and '.join(told)}. " if told else ""
    return (
        f"{before}Another recording takes some {following:.1f} of {host.cores:g} cores, and LiveKit and the store "
        f"{_BESIDE_CORES:.1f} for it: it can be begun, but some will have fewer pictures a second."
    )


def _following(measured: Sequence[float]) -> float:
    """Return what the next recording is taken to need."""
    total = sum(measured) + _TYPICAL_ONES * _TYPICAL_CORES
    return min(_LARGEST_CORES, max(0.05, total / (len(measured) + _TYPICAL_ONES)))


def _by_memory(host: Host, used_bytes: Sequence[int]) -> int:
    """Return how many there is memory for: each is taken for as large as the largest that runs."""
    return max(0, (host.memory_bytes - _RESERVE_BYTES) // max(_TYPICAL_BYTES, *used_bytes, 0))


def _whole(count: float) -> int:
    return max(0, int(count + 1e-6))
