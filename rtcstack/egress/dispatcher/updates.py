"""Tells LiveKit how an egress stands: in order, one at a time, until it is acknowledged, also after a restart.

An update is a bare write on LiveKit's side and the last writer wins, so nothing of one egress may overtake another.
Every report is in the journal before it is sent. Creating comes before each update: it is without effect for an
egress that LiveKit has, and brings back one that it lost with its Redis.
"""

import asyncio
from typing import Final, Protocol

from livekit.protocol.egress import EgressInfo

from rtcstack import log
from rtcstack.egress.dispatcher.journal import Acknowledged, Entry, Journal, Reported
from rtcstack.errors import PartRefused, PartUnavailable

_logger = log.get(__name__)
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 10.0


class Books(Protocol):
    """LiveKit's books of egresses (`rtcstack/adapters/psrpc/ioinfo.py`)."""

    async def create_egress(self, info: EgressInfo) -> None: ...

    async def update_egress(self, info: EgressInfo) -> None: ...


class Updates:
    """The queue of one egress. `run` sends; `wait_until_acknowledged` returns when nothing is left to send."""

    def __init__(self, io: Books, journal: Journal) -> None:
        self._io = io
        self._journal = journal
        self._waiting: list[Reported] = []
        self._sequence = 0
        self._prepared: Reported | None = None
        self._changed = asyncio.Condition()

    def restore(self, entries: list[Entry]) -> None:
        """Take up what an earlier run of the worker left unacknowledged."""
        acknowledged = max(
            (entry.sequence for entry in entries if isinstance(entry, Acknowledged)), default=0
        )
        reports = [entry for entry in entries if isinstance(entry, Reported)]
        self._waiting = [report for report in reports if report.sequence > acknowledged]
        self._sequence = max((report.sequence for report in reports), default=0)

    async def prepare(self, info: EgressInfo) -> None:
        """Note a new egress before its recorder is started; `create` is to follow."""
        self._prepared = self._next(info)
        await self._journal.append(self._prepared)

    async def create(self, info: EgressInfo) -> None:
        """Announce the prepared egress; LiveKit has stored it and fires egress_started when this returns.

        When it does not acknowledge it in time, that is left to `run`: whoever asked for the recording has it. (LiveKit stores what a
        start is answered with, too: `pkg/service/egress.go`.)

        Raises:
            PartRefused: when it refuses.
        """
        assert self._prepared is not None
        try:
            await self._io.create_egress(info)
        except PartUnavailable as e:
            _logger.warning("LiveKit did not take a new egress", egress_id=info.egress_id, error=e.message)
            if self._sequence == self._prepared.sequence:  # else a newer one says all that this one does
                await self._queue(self._prepared)
        else:
            await self._journal.append(Acknowledged(self._prepared.sequence))

    async def put(self, info: EgressInfo) -> None:
        """Queue a report of `info` as it stands; it is on the disk when this returns."""
        report = self._next(info)
        await self._journal.append(report)
        await self._queue(report)

    async def _queue(self, report: Reported) -> None:
        async with self._changed:
            self._waiting.append(report)
            self._changed.notify_all()

    async def wait_until_acknowledged(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: not self._waiting)

    async def run(self) -> None:
        """Send what is waiting, for ever."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
            await self._send(self._waiting[0])
            async with self._changed:
                del self._waiting[0]
                self._changed.notify_all()

    async def _send(self, report: Reported) -> None:
        info = EgressInfo.FromString(report.info)
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await self._io.create_egress(info)
                await self._io.update_egress(info)
                break
            except (PartUnavailable, PartRefused) as e:
                _logger.warning("LiveKit did not take an update", egress_id=info.egress_id, error=e.message)
                if isinstance(e, PartRefused) and len(self._waiting) > 1:
                    break  # a newer one says all that this one does
            except Exception:  # whatever it was: if the queue ended here, LiveKit would never hear of the end
                _logger.exception("an update could not be sent", egress_id=info.egress_id)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        await self._journal.append(Acknowledged(report.sequence))

    def _next(self, info: EgressInfo) -> Reported:
        self._sequence += 1
        return Reported(self._sequence, info.SerializeToString())
