"""LiveKit's events: stored before they are acknowledged, applied right after."""

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.errors import RtcError
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import inbox
from rtcstack.services.attendance import Attendance
from rtcstack.services.egress_events import EgressEvents

_log = log.get(__name__)
_RETRY_MS = (1_000, 5_000, 30_000, 300_000)


class Inbox:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        egress_events: EgressEvents,
        attendance: Attendance,
    ) -> None:
        self._db, self._clock = db, clock
        self._livekit, self._egress_events, self._attendance = livekit, egress_events, attendance

    async def take(self, body: bytes, authorization: str) -> bool:
        """Verify and commit an event; return whether it is news. What recorders do in rooms never is.

        Raises:
            Unauthenticated: LiveKit did not sign it; nothing is stored.
        """
        event = self._livekit.verify_event(body, authorization)
        if event.visitor and event.visitor.is_recorder:  # moderation looks into a hall every few seconds
            return False
        async with self._db.transaction() as tx:
            return await inbox.add(tx, event.fingerprint, event.name, body.decode(), self._clock.now_ms())

    async def process_next(self) -> bool:
        """Apply the oldest event that is due; return whether there was one."""
        arrival = await inbox.find_next(self._db, self._clock.now_ms())
        if arrival is None:
            return False
        try:
            await self._apply(arrival)
        except RtcError as e:
            _log.exception("an event could not be applied", seq=arrival.seq, livekit_event=arrival.event)
            await self._put_off(arrival, e.message)
        return True

    async def _apply(self, arrival: inbox.Arrival) -> None:
        event = self._livekit.read_event(arrival.body)
        if event.egress and await self._egress_events.is_unwanted(self._db, event.egress):
            await self._livekit.stop_egress(event.egress.egress_id)
        await self._attendance.keep_hall(self._db, event)
        async with self._db.transaction() as tx:
            if not await inbox.done(tx, arrival.seq, self._clock.now_ms()):
                return
            if event.egress:
                await self._egress_events.apply(tx, event.egress)
            else:
                await self._attendance.apply(tx, event)

    async def _put_off(self, arrival: inbox.Arrival, error: str) -> None:
        wait_ms = _RETRY_MS[min(arrival.attempts, len(_RETRY_MS) - 1)]
        async with self._db.transaction() as tx:
            await inbox.retry(tx, arrival.seq, self._clock.now_ms() + wait_ms, error)
