"""Learn from LiveKit what its webhooks may have failed to tell: it forgets them when nobody answers for 15 seconds."""

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.recording import Recording
from rtcstack.domain.room import livekit_name
from rtcstack.errors import Upstream
from rtcstack.ports.database import Database, Tx
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import queue, recordings
from rtcstack.services.egress_events import EgressEvents

_log = log.get(__name__)
_BATCH = 100


class CatchUp:
    """`abandoned_after_s`: a start that has no egress by then belongs to a process that died."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        egress_events: EgressEvents,
        *,
        abandoned_after_s: float,
    ) -> None:
        self._db, self._clock, self._livekit = db, clock, livekit
        self._egress_events, self._abandoned_after_s = egress_events, abandoned_after_s

    async def run_once(self) -> bool:
        """Ask LiveKit about every recording that has not ended; return whether one of them moved on."""
        before_ms = self._clock.now_ms() - round(self._abandoned_after_s * 1000)
        moved = False
        for recording in await recordings.list_unended(self._db, before_ms, _BATCH):
            try:
                moved |= await self._ask_about(recording)
            except Upstream as e:
                _log.warning(
                    "LiveKit could not be asked about a recording", recording=recording.id, error=e.message
                )
        return moved

    async def _ask_about(self, recording: Recording) -> bool:
        room_name = livekit_name(recording.tenant_id, recording.room_id)
        egresses = await self._livekit.list_egresses(room_name)
        told = [
            e for e in egresses if e.egress_id == recording.egress_id or e.filepath == recording.object_key
        ]
        async with self._db.transaction() as tx:
            for egress in told:
                await self._egress_events.apply(tx, egress)
            if not told and recording.egress_id is None:
                await self._give_up(tx, recording)
            now = await recordings.find(tx, recording.id)
        return now is not None and now.state is not recording.state

    async def _give_up(self, tx: Tx, recording: Recording) -> None:
        """What the queue had begun waits again, once its lease is over; another start is taken back."""
        now_ms = self._clock.now_ms()
        if not await queue.put_back_abandoned(tx, recording.id, now_ms):
            await recordings.give_up_start(tx, recording.id, "The start was cut off.", now_ms)
