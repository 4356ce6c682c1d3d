"""What customers are told, put into the outbox inside the caller's transaction: state and event change together."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from rtcstack.clock import Clock
from rtcstack.domain.clip import Clip, ClipState
from rtcstack.domain.event import Event
from rtcstack.domain.instant import iso_ms
from rtcstack.domain.moderation import Finding
from rtcstack.domain.participant import Participant
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.domain.webhook import Endpoint, EndpointStatus, EventName, origin
from rtcstack.ids import new_id
from rtcstack.ports.database import Tx
from rtcstack.repositories import deliveries, outbox, participants, recordings, rooms, webhooks
from rtcstack.services import event_bodies
from rtcstack.services.event_bodies import (
    ClipObject,
    FindingObject,
    HallObject,
    ParticipantObject,
    RecordingObject,
    WebhookObject,
    WebhookTestObject,
)


class Events:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def recording_started(self, tx: Tx, recording: Recording) -> None:
        await self._about_recording(tx, EventName.RECORDING_STARTED, recording)

    async def recording_ended(self, tx: Tx, recording: Recording) -> None:
        """Tell that a recording is `ready` or `failed`, in the words of both documents.

        Nothing is told of one that was deleted meanwhile: nobody could look it up. What never had an egress, since it
        waited for a worker in vain or was found in the bucket, has no `egress_ended`.
        """
        if await recordings.find_visible(tx, recording.tenant_id, recording.id) is None:
            return
        failed = recording.state is RecordingState.FAILED
        event = EventName.RECORDING_FAILED if failed else EventName.RECORDING_COMPLETE
        if recording.egress_id is not None:
            await self._egress_ended(tx, recording)
        await self._about_recording(tx, event, recording)

    async def recording_unverified(self, tx: Tx, recording: Recording, error: str) -> None:
        """Tell that a recording which is ready is not known to be what was recorded, and why; not of a deleted one."""
        if await recordings.find_visible(tx, recording.tenant_id, recording.id) is None:
            return
        data = msgspec.to_builtins(RecordingObject.from_domain(recording))
        data["error"] = error
        event = EventName.RECORDING_UNVERIFIED
        await self._enveloped(tx, event, recording.tenant_id, recording.room_id, data)

    async def _egress_ended(self, tx: Tx, recording: Recording) -> None:
        metadata = await self._metadata(tx, recording.tenant_id, recording.room_id)
        flat = event_bodies.egress_ended(recording, metadata)
        await self._put(
            tx, EventName.EGRESS_ENDED, self._new_id(), recording.tenant_id, recording.room_id, flat
        )

    async def clip_ended(self, tx: Tx, clip: Clip, room_id: str) -> None:
        """Tell that a clip is complete, or has failed and why."""
        failed = clip.state is ClipState.FAILED
        data = msgspec.to_builtins(ClipObject.from_domain(clip))
        if failed:
            data["error"] = clip.error
        event = EventName.CLIP_FAILED if failed else EventName.CLIP_READY
        await self._enveloped(tx, event, clip.tenant_id, room_id, data)

    async def hall_created(self, tx: Tx, room: Room) -> None:
        await self._about_hall(tx, EventName.HALL_CREATED, room)

    async def hall_closed(self, tx: Tx, room: Room) -> None:
        await self._about_hall(tx, EventName.HALL_CLOSED, room)

    async def participant_moved(self, tx: Tx, participant: Participant) -> None:
        """Tell that somebody joined, or has left."""
        event = EventName.PARTICIPANT_JOINED if participant.left_at_ms is None else EventName.PARTICIPANT_LEFT
        data = msgspec.to_builtins(ParticipantObject.from_domain(participant))
        await self._enveloped(tx, event, participant.tenant_id, participant.room_id, data)

    async def moderation_flagged(self, tx: Tx, finding: Finding) -> None:
        """Tell what was found in the pictures of a hall."""
        data = msgspec.to_builtins(FindingObject.from_domain(finding))
        await self._enveloped(tx, EventName.MODERATION_FLAGGED, finding.tenant_id, finding.room_id, data)

    async def webhook_disabled(self, tx: Tx, endpoint: Endpoint, reason: str, now_ms: int) -> None:
        """Tell that an endpoint gets nothing any more; other endpoints hear of it, and whoever pulls events."""
        about = WebhookObject(endpoint.id, origin(endpoint.url), reason, iso_ms(now_ms))
        await self._told(tx, EventName.WEBHOOK_DISABLED, endpoint.tenant_id, None, msgspec.to_builtins(about))

    async def webhook_test(self, tx: Tx, endpoint: Endpoint) -> Event:
        """Put an event that goes to this endpoint alone, whatever it subscribes to, and return it."""
        now_ms, event_id = self._clock.now_ms(), self._new_id()
        body = event_bodies.enveloped(
            EventName.WEBHOOK_TEST, event_id, now_ms, msgspec.to_builtins(WebhookTestObject(endpoint.id))
        )
        event = Event(event_id, endpoint.tenant_id, EventName.WEBHOOK_TEST, None, _text(body), now_ms)
        await outbox.put(tx, event)
        await deliveries.queue(tx, [(event_id, endpoint.id)], now_ms)
        return event

    async def _about_recording(self, tx: Tx, event: EventName, recording: Recording) -> None:
        data = msgspec.to_builtins(RecordingObject.from_domain(recording))
        if recording.state is RecordingState.FAILED:
            data["error"] = recording.error
        await self._enveloped(tx, event, recording.tenant_id, recording.room_id, data)

    async def _about_hall(self, tx: Tx, event: EventName, room: Room) -> None:
        here = await participants.count_here(tx, room.tenant_id, room.id)
        data = msgspec.to_builtins(HallObject.from_domain(room, here))
        await self._enveloped(tx, event, room.tenant_id, room.id, data)

    async def _enveloped(
        self, tx: Tx, event: EventName, tenant_id: str, room_id: str, data: dict[str, Any]
    ) -> None:
        """Each carries the room's metadata."""
        data["metadata"] = dict(await self._metadata(tx, tenant_id, room_id))
        await self._told(tx, event, tenant_id, room_id, data)

    async def _told(
        self, tx: Tx, event: EventName, tenant_id: str, room_id: str | None, data: Mapping[str, Any]
    ) -> None:
        event_id = self._new_id()
        body = event_bodies.enveloped(event, event_id, self._clock.now_ms(), data)
        await self._put(tx, event, event_id, tenant_id, room_id, body)

    async def _metadata(self, tx: Tx, tenant_id: str, room_id: str) -> Mapping[str, Any]:
        room = await rooms.find(tx, tenant_id, room_id)
        return room.metadata if room else {}

    def _new_id(self) -> str:
        return new_id("evt", self._clock.now_ms())

    async def _put(
        self,
        tx: Tx,
        event: EventName,
        event_id: str,
        tenant_id: str,
        room_id: str | None,
        body: Mapping[str, Any],
    ) -> None:
        """Keep the event, and queue it for every endpoint that wants it: for a paused one it waits."""
        now_ms = self._clock.now_ms()
        await outbox.put(tx, Event(event_id, tenant_id, event, room_id, _text(body), now_ms))
        wanting = [
            (event_id, endpoint.id)
            for endpoint in await webhooks.list_endpoints(tx, tenant_id)
            if endpoint.status is not EndpointStatus.DISABLED and endpoint.wants(event, room_id)
        ]
        await deliveries.queue(tx, wanting, now_ms)


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
