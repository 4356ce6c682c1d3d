"""What was found: stored, told and given out."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.domain.moderation import Finding, finding_id
from rtcstack.domain.room import Room
from rtcstack.ids import new_id
from rtcstack.ports.database import Database, Tx
from rtcstack.ports.moderation import Judgement, Moderator
from rtcstack.repositories import moderation
from rtcstack.services.events import Events

_LIST_LIMIT = 100


@dataclass(frozen=True)
class Look:
    """One picture of a hall."""

    hall: Room
    at_ms: int
    recording_id: str | None = None
    position_ms: int | None = None


class Findings:
    def __init__(
        self, db: Database, clock: Clock, events: Events, moderator: Moderator, *, threshold: float
    ) -> None:
        self._db, self._clock, self._events, self._moderator = db, clock, events, moderator
        self._threshold = threshold

    async def put(self, tx: Tx, looks: Sequence[Look], judgements: Sequence[Judgement]) -> int:
        """Store what reaches the threshold, and tell customers unless they know; return how many were new.

        `judgements` are of the pictures in the order of `looks`.
        """
        counted = 0
        for judgement in sorted(judgements, key=lambda one: looks[one.picture].at_ms):
            if judgement.likelihood >= self._threshold:
                counted += await self._put(tx, self._finding(looks[judgement.picture], judgement))
        return counted

    async def _put(self, tx: Tx, finding: Finding) -> bool:
        is_news = not await moderation.is_told(tx, finding)
        is_new = await moderation.add(tx, finding, is_told=is_news)
        if is_new and is_news:
            await self._events.moderation_flagged(tx, finding)
        return is_new

    def _finding(self, look: Look, judgement: Judgement) -> Finding:
        now_ms = self._clock.now_ms()
        found_id = new_id("find", now_ms)
        if look.recording_id is not None and look.position_ms is not None:
            found_id = finding_id(look.recording_id, look.position_ms, judgement.category)
        return Finding(
            id=found_id,
            tenant_id=look.hall.tenant_id,
            room_id=look.hall.id,
            recording_id=look.recording_id,
            at_ms=look.at_ms,
            position_ms=look.position_ms,
            category=judgement.category,
            likelihood=round(judgement.likelihood, 4),
            provider=self._moderator.provider,
            model=self._moderator.model,
            action=look.hall.moderation_action,
            created_at_ms=now_ms,
        )

    async def list_of_hall(self, hall: Room) -> Sequence[Finding]:
        """Return at most 100, newest first."""
        return await moderation.list_of_room(self._db, hall.tenant_id, hall.id, _LIST_LIMIT)
