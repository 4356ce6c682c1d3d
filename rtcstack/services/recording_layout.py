"""Change the layout of a running recording."""

import asyncio
from dataclasses import replace
from weakref import WeakValueDictionary

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.errors import PartUnavailable, RecordingNotActive
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.repositories import recordings
from rtcstack.services.audit import record
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.egress_wait import wait_for_egress, wait_for_first_frame


class RecordingLayout:
    """`timeout_s` bounds the wait for a start that is under way, `first_frame_s` the one for the recorder to be there."""

    def __init__(
        self, db: Database, clock: Clock, livekit: LiveKit, *, timeout_s: float, first_frame_s: float
    ) -> None:
        self._db, self._clock, self._livekit = db, clock, livekit
        self._timeout_s, self._first_frame_s = timeout_s, first_frame_s
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def change(
        self,
        tenant_id: str,
        room_id: str,
        layout: str,
        max_tiles: int | None = None,
        *,
        keeps_tiles: bool = False,
    ) -> Recording:
        """Return the recording, which goes on with the layout; one that waits for a worker will begin with it.

        With `keeps_tiles` one grid has as many tiles as the grid before it.

        Raises:
            Invalid: there is no such layout.
            RecordingNotActive: the room is not being recorded.
            PartUnavailable: LiveKit does not answer, or the recorder is not in the room.
        """
        CompositeOptions(layout=layout, max_tiles=max_tiles)
        turn = self._turns.setdefault((tenant_id, room_id), asyncio.Lock())
        async with turn:  # the recorder and the row get the same changes in the same order
            while True:
                active = await self._active(tenant_id, room_id)
                before = CompositeOptions(**active.options)
                tiles = before.max_tiles if keeps_tiles and layout.startswith("grid") else max_tiles
                options = replace(before, layout=layout, max_tiles=tiles)
                if active.egress_id is not None:
                    await self._tell(active, active.egress_id, options)
                if await self._keep(active, options):
                    return replace(active, options=options.stored())

    async def _active(self, tenant_id: str, room_id: str) -> Recording:
        found = await recordings.find_active(self._db, tenant_id, room_id)
        active = await wait_for_egress(self._db, found, self._timeout_s) if found else None
        if active is None:
            raise RecordingNotActive(f"Room {room_id} is not being recorded.", room_id=room_id)
        return active

    async def _keep(self, active: Recording, options: CompositeOptions) -> bool:
        """Return False if it waited for a worker, and does no longer: it may have begun as it was before."""
        told = {"room_id": active.room_id, "layout": options.layout, "max_tiles": options.max_tiles}
        details = {name: value for name, value in told.items() if value is not None}
        async with self._db.transaction() as tx:
            now = await recordings.find(tx, active.id)
            if active.egress_id is None and (now is None or now.state is not RecordingState.QUEUED):
                return False
            await recordings.set_options(tx, active.id, options.stored())
            now_ms = self._clock.now_ms()
            await record(tx, Action.RECORDING_LAYOUT, active.tenant_id, active.id, now_ms, **details)
        return True

    async def _tell(self, active: Recording, egress_id: str, options: CompositeOptions) -> None:
        seen = await wait_for_first_frame(self._db, active, self._first_frame_s)
        if seen is None or not seen.is_active:
            raise RecordingNotActive("The recording has just ended.", room_id=active.room_id)
        try:
            await self._livekit.update_layout(egress_id, options.layout_name)
        except RecordingNotActive as e:
            if await recordings.find_active(self._db, active.tenant_id, active.room_id) is None:
                raise
            raise PartUnavailable(
                "The recorder is not in the room at this moment, it is probably coming back.", part="egress"
            ) from e
