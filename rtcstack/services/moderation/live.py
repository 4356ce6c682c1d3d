"""Look into moderated halls while somebody is in them, and close those where something was found that closes them."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.recording import RecordingState
from rtcstack.domain.room import Room
from rtcstack.errors import RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.media import Media
from rtcstack.ports.moderation import Moderator, RoomView
from rtcstack.repositories import recordings, rooms
from rtcstack.services.moderation.closing import Closing
from rtcstack.services.moderation.findings import Findings, Look
from rtcstack.services.moderation.judging import judge
from rtcstack.services.recording_source import RecordingSource

_log = log.get(__name__)

Shown = tuple[Look, bytes]


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
        scratch: Path,
        *,
        interval_s: float,
    ) -> None:
        self._db, self._clock, self._media, self._source = db, clock, media, source
        self._view, self._moderator, self._findings, self._closing = view, moderator, findings, closing
        self._scratch = scratch
        self.interval_s = interval_s

    async def run_once(self) -> bool:
        """Look once into every hall with somebody in it; return False, since the next look has its time.

        A provider that fails is no reason to close halls: what it could not look at goes on, and the log says so.
        """
        halls = await rooms.list_moderated(self._db)
        try:
            await self._judge(await self._pictures(halls))
        except RtcError as e:
            _log.warning("moderated halls could not be looked at", halls=len(halls), error=e.message)
        await self._closing.close_flagged()
        return False

    async def _judge(self, shown: Sequence[Shown]) -> None:
        async def read(number: int) -> bytes:
            return shown[number][1]

        if judgements := await judge(self._moderator, len(shown), read):
            async with self._db.transaction() as tx:
                await self._findings.put(tx, [look for look, _ in shown], judgements)

    async def _pictures(self, halls: Sequence[Room]) -> list[Shown]:
        """Take those that are recorded here from their recordings, which costs LiveKit nothing, and join the others."""
        shown = [one for hall in halls if (one := await self._from_recording(hall)) is not None]
        recorded = {look.hall.livekit_name for look, _ in shown}
        others = {hall.livekit_name: hall for hall in halls if hall.livekit_name not in recorded}
        pictures = await self._view.pictures(list(others))
        now_ms = self._clock.now_ms()
        return [*shown, *((Look(others[name], now_ms), jpeg) for name, jpeg in pictures.items())]

    async def _from_recording(self, hall: Room) -> Shown | None:
        recording = await recordings.find_active(self._db, hall.tenant_id, hall.id)
        if recording is None or recording.state is not RecordingState.RECORDING:
            return None
        source = await asyncio.to_thread(self._source.of_spool, recording)
        if source is None:
            return None
        try:
            self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
                taken = await self._media.newest(source, Path(folder))
                jpeg = await asyncio.to_thread(taken.file.read_bytes)
        except RtcError as e:  # it has just begun, or has no pictures
            _log.debug("no picture of a running recording", recording=recording.id, error=e.message)
            return None
        return Look(hall, self._clock.now_ms(), recording.id, taken.position_ms), jpeg
