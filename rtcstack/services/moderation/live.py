"""Look into moderated halls while somebody is in them, and close those where something was found that closes them."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.media import Media, MediaSource
from rtcstack.ports.moderation import Moderator, RoomView
from rtcstack.repositories import recordings, rooms, verification
from rtcstack.services.moderation.closing import Closing
from rtcstack.services.moderation.findings import Findings, Look
from rtcstack.services.moderation.judging import judge
from rtcstack.services.moderation.stepping_back import SteppingBack
from rtcstack.services.recording_source import RecordingSource

_log = log.get(__name__)

_AT_ONCE = 4
"""So many recordings are looked into side by side; each takes a process for as long as its newest picture takes."""

Shown = tuple[Look, bytes]


@dataclass(frozen=True)
class _Recorded:
    """A hall whose recording is written on this machine."""

    hall: Room
    recording: Recording
    source: MediaSource


class LiveModeration:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        media: Media,
        source: RecordingSource,
        view: RoomView,
        moderator: Moderator,
        findings: Findings,
        closing: Closing,
        stepping_back: SteppingBack,
        scratch: Path,
        *,
        interval_s: float,
    ) -> None:
        self._db, self._clock, self._media, self._source = db, clock, media, source
        self._view, self._moderator, self._findings, self._closing = view, moderator, findings, closing
        self._stepping_back, self._scratch, self._one_closes = stepping_back, scratch, asyncio.Lock()
        self.interval_s = interval_s

    async def run_once(self) -> bool:
        """Look once into every hall with somebody in it; return False, since the next look has its time.

        A hall is judged, and closed if need be, as soon as its picture is there: none waits for another's recording.
        A provider that fails is no reason to close halls: what it could not look at goes on, and the log says so. While
        the machine is busy recording, three rounds of four are left out.
        """
        if await self._stepping_back.leaves_round_out():
            await self._close_flagged()
            return False
        here, elsewhere = await self._sorted(await rooms.list_moderated(self._db))
        places, unseen = asyncio.Semaphore(_AT_ONCE), list[Room]()
        recorded = (self._look_at_recording(places, one, unseen) for one in here)
        said = await asyncio.gather(self._join(elsewhere), *recorded, return_exceptions=True)
        for fault in filter(None, said):
            raise fault
        if unseen:
            await self._join(unseen)
        await self._close_flagged()
        return False

    async def _sorted(self, halls: Sequence[Room]) -> tuple[Sequence[_Recorded], Sequence[Room]]:
        """Return those that are recorded here, whose recordings cost LiveKit nothing, and the others."""
        found = [(hall, await self._recorded_here(hall)) for hall in halls]
        return [one for _, one in found if one is not None], [hall for hall, one in found if one is None]

    async def _look_at_recording(
        self, places: asyncio.Semaphore, recorded: _Recorded, unseen: list[Room]
    ) -> None:
        """Add the hall to `unseen` if its recording has no picture yet."""
        async with places:
            shown = await self._from_recording(recorded)
        if shown is None:
            unseen.append(recorded.hall)
        else:
            await self._judge([shown])

    async def _join(self, halls: Sequence[Room]) -> None:
        named = {hall.livekit_name: hall for hall in halls}
        try:
            pictures = await self._view.pictures(list(named))
        except RtcError as e:
            _log.warning("moderated halls could not be joined", halls=len(halls), error=e.message)
            return
        now_ms = self._clock.now_ms()
        await self._judge([(Look(named[name], now_ms), jpeg) for name, jpeg in pictures.items()])

    async def _judge(self, shown: Sequence[Shown]) -> None:
        async def read(number: int) -> bytes:
            return shown[number][1]

        try:
            judgements = await judge(self._moderator, len(shown), read)
        except RtcError as e:
            _log.warning("moderated halls could not be looked at", halls=len(shown), error=e.message)
            return
        if judgements:
            async with self._db.transaction() as tx:
                await self._findings.put(tx, [look for look, _ in shown], judgements)
            await self._close_flagged()

    async def _close_flagged(self) -> None:
        async with self._one_closes:
            await self._closing.close_flagged()

    async def _recorded_here(self, hall: Room) -> _Recorded | None:
        recording = await recordings.find_active(self._db, hall.tenant_id, hall.id)
        if recording is None or recording.state is not RecordingState.RECORDING:
            return None
        source = await asyncio.to_thread(self._source.of_spool, recording)
        return _Recorded(hall, recording, source) if source is not None else None

    async def _from_recording(self, recorded: _Recorded) -> Shown | None:
        recording = recorded.recording
        try:
            self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
                taken = await self._media.newest(recorded.source, Path(folder))
                jpeg = await asyncio.to_thread(taken.file.read_bytes)
        except RtcError as e:  # it has just begun, or has no pictures
            _log.debug("no picture of a running recording", recording_id=recording.id, error=e.message)
            return None
        at_ms = await verification.find_began_ms(self._db, recording) + taken.position_ms
        return Look(recorded.hall, at_ms, recording.id, taken.position_ms), jpeg
