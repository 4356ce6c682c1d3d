"""LiveKit's books of egresses, written for a worker that cannot any more: there is no heartbeat, and LiveKit keeps the
egress of a dead worker as running for ever (livekit#1717).
"""

import time
from typing import Final

from livekit.protocol.egress import EgressInfo, EgressStatus, FileInfo

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.domain.egress import EgressEnd

_RUNNING: Final = frozenset(
    {EgressStatus.EGRESS_STARTING, EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING}
)
_STOPPABLE: Final = frozenset({EgressStatus.EGRESS_STARTING, EgressStatus.EGRESS_ACTIVE})
_NS_PER_MS: Final = 1_000_000
_GONE: Final = 500
"""`error_code`, as LiveKit's Egress gives it when its handler died."""


class LiveKitBooks:
    """`start` before use; `close` leaves the bus open."""

    def __init__(self, bus: Bus) -> None:
        self._io = IOInfoClient(bus)

    async def start(self) -> None:
        await self._io.start()

    async def close(self) -> None:
        await self._io.close()

    async def end(self, egress_id: str, end: EgressEnd) -> bool:
        """Write the end of an egress; return whether it was running by the books.

        Raises:
            PartUnavailable: LiveKit does not answer.
            PartRefused: it does not take it.
        """
        info = await self._io.find_egress(egress_id)
        if info is None or info.status not in _RUNNING:
            return False
        _finish(info, end)
        await self._io.update_egress(info)
        return True

    async def note_stop(self, egress_id: str) -> None:
        """Have the books say that the egress is ending: should its worker come back, it does not go on.

        Raises:
            PartUnavailable, PartRefused: as `end`.
        """
        info = await self._io.find_egress(egress_id)
        if info is not None and info.status in _STOPPABLE:
            info.status = EgressStatus.EGRESS_ENDING
            info.details = "End reason: StopEgress API"
            info.updated_at = max(time.time_ns(), info.updated_at + 1)
            await self._io.update_egress(info)


def _finish(info: EgressInfo, end: EgressEnd) -> None:
    """`ended_at` is what LiveKit forgets it by, a day later."""
    info.status = EgressStatus.EGRESS_COMPLETE if end.has_file else EgressStatus.EGRESS_FAILED
    info.ended_at = info.updated_at = end.ended_at_ms * _NS_PER_MS
    info.details = "End reason: Process killed"
    if end.has_file:
        file = info.file_results[0] if info.file_results else info.file_results.add()
        _describe(file, end)
    else:
        info.error, info.error_code = end.error, _GONE


def _describe(file: FileInfo, end: EgressEnd) -> None:
    file.ended_at = end.ended_at_ms * _NS_PER_MS
    file.duration = (end.duration_ms or 0) * _NS_PER_MS
    file.size = end.size_bytes or 0
