"""Halls: rooms with a plan's cap, automatic recording and a life of their own in LiveKit (documents 000 and 001)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rtcstack.clock import Clock
from rtcstack.domain.moderation import Action
from rtcstack.domain.plan import Plan
from rtcstack.domain.recording import Recording
from rtcstack.domain.room import Room, check_metadata
from rtcstack.errors import Conflict, Forbidden, RoomNotFound, Upstream
from rtcstack.ids import new_id
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import participants, rooms
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.events import Events
from rtcstack.services.quotas import Quotas
from rtcstack.services.recording_queue import RecordingQueue
from rtcstack.services.room_close import RoomClose
from rtcstack.services.room_shape import shape_of
from rtcstack.services.storage.place import Places

_LIST_LIMIT = 100
_HOST_TTL_S = 24 * 3600


@dataclass(frozen=True)
class HallRules:
    """`places`: where recordings go; `has_moderation`: whether a provider is configured."""

    places: Places
    has_moderation: bool


class Halls:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        livekit: LiveKit,
        events: Events,
        quotas: Quotas,
        queue: RecordingQueue,
        room_close: RoomClose,
        rules: HallRules,
    ) -> None:
        self._db, self._clock, self._livekit, self._events = db, clock, livekit, events
        self._quotas, self._queue, self._close, self._rules = quotas, queue, room_close, rules

    async def create(
        self,
        tenant_id: str,
        *,
        name: str,
        max_participants: int,
        record: bool,
        moderation: bool,
        metadata: Mapping[str, Any],
        moderation_action: Action = "notify",
    ) -> tuple[Room, str]:
        """Return the hall and a host's join token. Its recording has begun, or waits for capacity.

        Raises:
            Invalid: the metadata is larger than 16 KiB.
            Forbidden: `plan_required`, for moderation below the plan that has it.
            Conflict: `moderation_not_configured`, `storage_not_configured`, `quota_reached`; no hall is made.
        """
        plan = await self._quotas.plan(self._db, tenant_id)
        self._check(plan, moderation=moderation)
        if record:
            await self._rules.places.current(self._db, tenant_id)
        now_ms = self._clock.now_ms()
        hall = Room(
            tenant_id,
            new_id("h", now_ms),
            name,
            now_ms,
            plan.cap_participants(max_participants),
            check_metadata(metadata),
            kind="hall",
            record=record,
            moderation=moderation,
            moderation_action=moderation_action,
            empty_since_ms=now_ms,
        )
        recording = await self._make(hall)
        if recording:
            await self._queue.begin(hall, recording)
        return hall, self.host_token(hall)

    async def _make(self, hall: Room) -> Recording | None:
        """Make it in LiveKit and here, and reserve its recording; here either all of it or nothing."""
        await self._livekit.create_room(hall.livekit_name, shape_of(hall))
        try:
            async with self._db.transaction() as tx:
                await rooms.add(tx, hall)
                await self._events.hall_created(tx, hall)
                return await self._queue.reserve(tx, hall, CompositeOptions()) if hall.record else None
        except Exception:
            with suppress(Upstream):
                await self._livekit.delete_room(hall.livekit_name)
            raise

    def _check(self, plan: Plan, *, moderation: bool) -> None:
        if moderation and not plan.moderation:
            raise Forbidden(
                f"Moderation needs the plan {self._quotas.first_with_moderation()} or above; this tenant has {plan.name}.",
                code="plan_required",
            )
        if moderation and not self._rules.has_moderation:
            raise Conflict(
                "No moderation provider is configured on this server.", code="moderation_not_configured"
            )

    def host_token(self, hall: Room) -> str:
        """The hall's settings travel in the token: LiveKit makes the room with them, should it have lost it."""
        return self._livekit.join_token(
            hall.livekit_name, "host", "Host", "host", _HOST_TTL_S, shape_of(hall)
        )

    async def get(self, tenant_id: str, hall_id: str) -> tuple[Room, int]:
        """Return the hall, open or closed, and how many are in it.

        Raises:
            RoomNotFound: the tenant has no hall of that id.
        """
        hall = await rooms.find(self._db, tenant_id, hall_id)
        if hall is None or not hall.is_hall:
            raise RoomNotFound(f"There is no hall {hall_id}.", code="hall_not_found", hall_id=hall_id)
        return hall, await participants.count_here(self._db, tenant_id, hall_id)

    async def list(self, tenant_id: str, *, is_open: bool | None) -> Sequence[tuple[Room, int]]:
        """Return at most 100 with the number of those in each, newest first; `is_open` None means all."""
        halls = await rooms.list_halls(self._db, tenant_id, _LIST_LIMIT, is_open=is_open)
        here = await participants.counts_here(self._db, tenant_id)
        return [(hall, here.get(hall.id, 0)) for hall in halls]

    async def close(self, tenant_id: str, hall_id: str) -> None:
        """Close it, stop its recording, disconnect everybody; what an earlier close did not reach is made up for.

        Raises:
            RoomNotFound: the tenant has no hall of that id.
        """
        hall, _ = await self.get(tenant_id, hall_id)
        try:
            await self._close.close(hall)
        except Upstream:
            if not hall.is_closed:
                raise
