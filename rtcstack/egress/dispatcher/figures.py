"""What this worker tells for the API's `/metrics`. The names are those of `rtcstack/metrics/scraped.py`."""

import asyncio
import contextlib
import os
import platform
import time
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from shutil import disk_usage
from typing import Final, Protocol

from livekit.protocol.egress import EgressInfo

from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher.backlog import Backlog
from rtcstack.egress.dispatcher.load import RecorderLoad
from rtcstack.egress.dispatcher.tally import Tally
from rtcstack.egress.spool import spool_folders
from rtcstack.ports.fleet import Figure, WorkerCapacity, WorkerFigures

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class Shown(Protocol):
    """An egress, as far as it is looked at here."""

    @property
    def egress_id(self) -> str: ...
    @property
    def is_recorded(self) -> bool: ...
    @property
    def load(self) -> RecorderLoad: ...
    @property
    def backlogs(self) -> tuple[Backlog, ...]: ...


class Figures:
    """One a worker; what it counts begins at zero with it."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._past = Tally()
        self._ended: Counter[str] = Counter()
        self._waits: dict[tuple[str, int], tuple[int, float]] = {}
        """Of each backlog in which something is due: how many parts the store had, and since when it has had no more."""
        self._began_s = time.time()
        # The spool is locked by its worker: no two have the same, and it is the same after a restart.
        self.worker = f"{platform.node()}:{spool.absolute()}"

    def note_end(self, egress: Shown, info: EgressInfo) -> None:
        """Keep what the recorders of an egress have done that this worker is through with."""
        self._past.add(egress.load.tally)
        if info.status in infos.ENDED:
            self._ended[infos.word(info)] += 1

    async def read(self, egresses: Collection[Shown], capacity: WorkerCapacity) -> WorkerFigures:
        spool = await asyncio.to_thread(_spool_use, self._spool)
        backlogs = await asyncio.to_thread(_backlogs, egresses)
        return WorkerFigures(
            self.worker,
            {
                **self._of_recorders(egresses),
                **self._of_uploads(backlogs),
                "egress_uploads": sum(egress.is_recorded for egress in egresses),
                **_of_capacity(capacity),
                **spool,
                **self._of_process(),
                "egress_ended": dict(self._ended),
            },
        )

    def _of_recorders(self, egresses: Collection[Shown]) -> Mapping[str, Figure]:
        total = Tally()
        total.add(self._past)
        for egress in egresses:
            total.add(egress.load.tally)
        running = [egress.load for egress in egresses if not egress.is_recorded]
        return {
            "egress_recordings": len(running),
            "egress_recorder_memory_bytes": sum(load.memory_bytes for load in running),
            "egress_recorders_reduced": sum(load.every > 1 for load in running),
            "egress_recorder_cpu_seconds": total.cpu_ms / 1000,
            "egress_frames": total.frames,
            "egress_frames_late": total.late,
            "egress_frames_left_out": total.left_out,
            "egress_frames_dropped": total.dropped,
            "egress_steps_down": total.steps_down,
            "egress_recorders_died": total.died,
        }

    def _of_uploads(self, found: Mapping[tuple[str, int], Backlog]) -> Mapping[str, Figure]:
        now_s = time.monotonic()
        waits: dict[tuple[str, int], tuple[int, float]] = {}
        for key, backlog in found.items():
            if backlog.is_due:
                sent, since_s = self._waits.get(key, (-1, now_s))
                waits[key] = (backlog.sent, since_s if sent == backlog.sent else now_s)
        self._waits = waits
        return {
            "egress_unsent_bytes": sum(backlog.unsent_bytes for backlog in found.values()),
            "egress_upload_wait_seconds": max((now_s - since_s for _, since_s in waits.values()), default=0),
        }

    def _of_process(self) -> Mapping[str, Figure]:
        return {
            "egress_process_cpu_seconds": time.process_time(),
            "egress_process_memory_bytes": _resident_bytes(),
            "egress_process_start_time_seconds": self._began_s,
        }


def _backlogs(egresses: Collection[Shown]) -> dict[tuple[str, int], Backlog]:
    found: dict[tuple[str, int], Backlog] = {}
    for one in egresses:
        with contextlib.suppress(FileNotFoundError):  # it is being removed from the spool in this moment
            found |= {(one.egress_id, n): backlog for n, backlog in enumerate(one.backlogs)}
    return found


def _of_capacity(capacity: WorkerCapacity) -> Mapping[str, Figure]:
    return {
        "egress_capacity_recordings": capacity.more,
        "egress_can_record": int(capacity.can_record),
        "egress_cores": capacity.cores,
        "egress_cores_needed": capacity.cores_needed,
        "egress_cores_other": capacity.cores_other,
        "egress_memory_free_bytes": capacity.memory_bytes,
    }


def _spool_use(spool: Path) -> Mapping[str, Figure]:
    sizes: dict[tuple[int, int], int] = {}
    oldest_s = 0.0
    for folder in spool_folders(spool):
        for at, _, names in os.walk(folder.path):
            for name in names:
                with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                    stat = Path(at, name).stat()
                    sizes[stat.st_dev, stat.st_ino] = stat.st_size  # it may have two names
        oldest_s = max(oldest_s, folder.age_s())
    usage = disk_usage(spool)
    return {
        "egress_spool_bytes": sum(sizes.values()),
        "egress_spool_oldest_seconds": oldest_s,
        "egress_disk_free_bytes": usage.free,
        "egress_disk_size_bytes": usage.total,
    }


def _resident_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    except OSError:
        return 0
