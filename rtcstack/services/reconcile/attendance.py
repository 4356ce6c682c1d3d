"""Who is in a room by the database ↔ by LiveKit: one that died tells of nobody's departure."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby

from rtcstack.clock import Clock
from rtcstack.domain.finding import Finding, FindingKind, Look
from rtcstack.domain.participant import Participant
from rtcstack.domain.room import livekit_name
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import disagreements, reconcile
from rtcstack.services.attendance import Attendance
from rtcstack.services.repairs import note_repair

_BATCH = 5000
_AT_ONCE = 8
_YOUNG_MS = 20_000
"""Whoever came just now may not be on LiveKit's list yet."""
_GONE_AFTER_MS = 20_000
"""So long somebody has to be away: LiveKit may be starting anew, and its clients come back by themselves."""

Rooms = Mapping[tuple[str, str], Sequence[Participant]]


class AttendanceCheck:
    """Somebody who is away at two looks has left; since when is in the finding of the first."""

    name = "participants"

    def __init__(self, db: Database, clock: Clock, livekit: LiveKit, attendance: Attendance) -> None:
        self._db, self._clock, self._livekit, self._attendance = db, clock, livekit, attendance

    async def look(self, cursor: str) -> Look:
        del cursor
        now_ms = self._clock.now_ms()
        here = await disagreements.who_is_here(self._db, now_ms - _YOUNG_MS, _BATCH)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def away(room: tuple[str, str], stays: Sequence[Participant]) -> list[Participant]:
            async with turns:
                visitors = {v.sid for v in await self._livekit.list_visitors(livekit_name(*room))}
            return [stay for stay in stays if stay.sid not in visitors]

        found = await asyncio.gather(*(away(room, stays) for room, stays in _by_room(here).items()))
        missed = [stay for stays in found for stay in stays]
        since = await reconcile.open_since(self._db, self.name)
        findings = [await self._settle(stay, since.get(stay.sid, now_ms), now_ms) for stay in missed]
        return Look(len(here), [finding for finding in findings if finding])

    async def _settle(self, stay: Participant, since_ms: int, now_ms: int) -> Finding | None:
        finding = Finding(
            FindingKind.PARTICIPANT_GONE,
            stay.sid,
            f"{stay.identity} counts as being there, and LiveKit does not have them in the room.",
            stay.tenant_id,
            stay.room_id,
        )
        if now_ms - since_ms < _GONE_AFTER_MS:
            return finding
        mended = Finding(**{**vars(finding), "mended": "they have left"})
        async with self._db.transaction() as tx:
            if await self._attendance.left_unheard(tx, stay):
                await note_repair(tx, mended, now_ms)
        return None


def _by_room(stays: Sequence[Participant]) -> Rooms:
    def room(stay: Participant) -> tuple[str, str]:
        return (stay.tenant_id, stay.room_id)

    return {name: list(group) for name, group in groupby(sorted(stays, key=room), key=room)}
