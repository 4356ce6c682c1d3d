"""LiveKit's events: stored before they are acknowledged, many with one wait for the disk; applied right after, in order."""

import hashlib
from collections.abc import Sequence

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.errors import Invalid, RtcError
from rtcstack.metrics.counted import INBOX, SKEW
from rtcstack.ports.database import Database, Tx
from rtcstack.ports.livekit import ONCE, LiveKit, LiveKitEvent
from rtcstack.repositories import inbox
from rtcstack.repositories.inbox import Arrival, News
from rtcstack.services.attendance import Attendance
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.group_commit import GroupCommit

_log = log.get(__name__)
_RETRY_MS = (1_000, 5_000, 30_000, 300_000)
_BATCH = 64
_UNKNOWN = "other"
_UNREAD = "unread"
_KINDS = ONCE | {"egress_started", "egress_updated", "egress_ended"}


def _kind(event: str) -> str:
    return event if event in _KINDS else _UNKNOWN


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
        self._commit = GroupCommit(db, inbox.add_all)

    async def take(self, body: bytes, authorization: str) -> bool:
        """Verify and commit an event; return whether it is news. What recorders do in rooms never is.

        Raises:
            Unauthenticated: LiveKit did not sign it; nothing is stored.
            Invalid: it did, but nobody can read it; it is kept as it is.
        """
        try:
            event = self._livekit.verify_event(body, authorization)
        except Invalid as e:
            await self._keep_unread(body, e)
            raise
        except RtcError:
            INBOX.labels(_UNKNOWN, "refused").inc()
            raise
        if event.ahead_s is not None:
            SKEW.set(event.ahead_s)
        if event.visitor and event.visitor.is_recorder:  # moderation looks into a hall every few seconds
            return False
        news = News(event.fingerprint, event.name, body.decode(), self._clock.now_ms())
        is_news = await self._commit.add(news)
        INBOX.labels(_kind(event.name), "new" if is_news else "repeated").inc()
        return is_news

    async def _keep_unread(self, body: bytes, error: Invalid) -> None:
        """LiveKit takes any answer but a 5xx for delivered, so this is the only copy."""
        fingerprint = hashlib.sha256(b"unread|" + body).hexdigest()
        news = News(fingerprint, _UNREAD, body.decode(errors="backslashreplace"), self._clock.now_ms())
        async with self._db.transaction() as tx:
            await inbox.keep(tx, news, error.message)
        INBOX.labels(_UNKNOWN, _UNREAD).inc()
        _log.error(
            "LiveKit signed what cannot be read; it is kept in the inbox",
            body_bytes=len(body),
            error=error.message,
        )

    def note_too_large(self) -> None:
        """Count a notification of which nobody can say whose it is: it was too large to be read."""
        INBOX.labels(_UNKNOWN, "too_large").inc()

    async def process_next(self) -> bool:
        """Apply the oldest events that are due, in one transaction; return whether there were any.

        If that fails each is applied by itself, so that one that cannot be keeps no other from it.
        """
        arrivals = await inbox.list_due(self._db, self._clock.now_ms(), _BATCH)
        ready = [(arrival, event) for arrival in arrivals if (event := await self._prepared(arrival))]
        try:
            await self._apply(ready)
        except Exception as e:  # noqa: BLE001  # the one that is to blame is found below
            if len(ready) == 1:
                await self._put_off(ready[0][0], e)
            else:
                await self._apply_singly(ready)
        return bool(arrivals)

    async def _prepared(self, arrival: Arrival) -> LiveKitEvent | None:
        """Read the event and do what LiveKit has to be told for it; return None if that failed, and it is put off."""
        try:
            event = self._livekit.read_event(arrival.body)
            if event.egress and await self._egress_events.is_unwanted(self._db, event.egress):
                await self._livekit.stop_egress(event.egress.egress_id)
            await self._attendance.keep_hall(self._db, event)
        except Exception as e:  # noqa: BLE001  # whatever it is, the events after it are not to wait for it
            await self._put_off(arrival, e)
            return None
        return event

    async def _apply_singly(self, ready: Sequence[tuple[Arrival, LiveKitEvent]]) -> None:
        for arrival, event in ready:
            try:
                await self._apply([(arrival, event)])
            except Exception as e:  # noqa: BLE001  # the same
                await self._put_off(arrival, e)

    async def _apply(self, ready: Sequence[tuple[Arrival, LiveKitEvent]]) -> None:
        if not ready:
            return
        async with self._db.transaction() as tx:
            mine = await inbox.done_all(tx, [arrival.seq for arrival, _ in ready], self._clock.now_ms())
            for arrival, event in ready:
                if arrival.seq in mine:
                    await self._apply_one(tx, event)
        for arrival, _ in ready:
            if arrival.seq in mine:
                INBOX.labels(_kind(arrival.event), "applied").inc()

    async def _apply_one(self, tx: Tx, event: LiveKitEvent) -> None:
        if event.egress:
            await self._egress_events.apply(tx, event.egress)
        else:
            await self._attendance.apply(tx, event)

    async def _put_off(self, arrival: Arrival, error: Exception) -> None:
        _log.error(
            "an event could not be applied", seq=arrival.seq, livekit_event=arrival.event, exc_info=error
        )
        INBOX.labels(_kind(arrival.event), "put_off").inc()
        wait_ms = _RETRY_MS[min(arrival.attempts, len(_RETRY_MS) - 1)]
        text = error.message if isinstance(error, RtcError) else f"{type(error).__name__}: {error}"
        async with self._db.transaction() as tx:
            await inbox.retry(tx, arrival.seq, self._clock.now_ms() + wait_ms, text)
