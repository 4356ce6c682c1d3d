"""What customers are told, shaped as the documents say, put into the outbox inside the caller's transaction."""

import json
from collections.abc import Mapping
from typing import Any

from rtcstack.clock import Clock
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.webhook import EventName
from rtcstack.ids import new_id
from rtcstack.ports.database import Tx
from rtcstack.repositories import rooms, webhooks


class Events:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def recording_ended(self, tx: Tx, recording: Recording) -> None:
        """Tell that a recording is `ready` or `failed`: `egress_ended`, flat, as document 004 has it."""
        await self._put(
            tx,
            recording,
            EventName.EGRESS_ENDED,
            _egress_ended(recording, await self._metadata(tx, recording)),
        )

    async def _metadata(self, tx: Tx, recording: Recording) -> Mapping[str, Any]:
        room = await rooms.find(tx, recording.tenant_id, recording.room_id)
        return room.metadata if room else {}

    async def _put(self, tx: Tx, recording: Recording, event: EventName, body: Mapping[str, Any]) -> None:
        now_ms = self._clock.now_ms()
        event_id = new_id("evt", now_ms)
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        await webhooks.put(tx, event_id, recording.tenant_id, event, recording.room_id, text, now_ms)


def _egress_ended(recording: Recording, metadata: Mapping[str, Any]) -> dict[str, Any]:
    failed = recording.state is RecordingState.FAILED
    body: dict[str, Any] = {
        "event": EventName.EGRESS_ENDED,
        "egressId": recording.egress_id,
        "roomId": recording.room_id,
        "file": None if failed else recording.object_key,
        "duration": 0 if failed else recording.duration_s,
        "size": 0 if failed else recording.size_bytes,
    }
    if metadata:
        body["metadata"] = dict(metadata)
    if failed:
        body["error"] = recording.error
    return body
