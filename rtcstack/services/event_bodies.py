"""The objects of the documents that both answers and webhooks carry, one struct each."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from rtcstack.domain.clip import Clip, ClipState
from rtcstack.domain.instant import iso_ms
from rtcstack.domain.moderation import Action, Finding
from rtcstack.domain.participant import Participant
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.room import Room
from rtcstack.domain.webhook import EventName

RecordingStatus = Literal["recording", "processing", "complete", "failed"]

RECORDING_STATUS: Mapping[RecordingState, RecordingStatus] = {
    RecordingState.QUEUED: "recording",
    RecordingState.STARTING: "recording",
    RecordingState.RECORDING: "recording",
    RecordingState.PAUSED: "recording",
    RecordingState.STOPPING: "processing",
    RecordingState.PROCESSING: "processing",
    RecordingState.READY: "complete",
    RecordingState.ARCHIVED: "complete",
    RecordingState.FAILED: "failed",
}


class HallObject(msgspec.Struct):
    """Document 001, "The hall object"."""

    hall_id: str
    name: str
    status: Literal["active", "closed"]
    max_participants: int
    record: bool
    moderation: bool
    participant_count: int
    metadata: dict[str, Any]
    created_at: str
    closed_at: str | None

    @classmethod
    def from_domain(cls, room: Room, participant_count: int) -> "HallObject":
        """`participant_count` counts only while the hall is open."""
        is_closed = room.closed_at_ms is not None
        return cls(
            hall_id=room.id,
            name=room.name,
            status="closed" if is_closed else "active",
            max_participants=room.max_participants or 0,
            record=room.record,
            moderation=room.moderation,
            participant_count=0 if is_closed else participant_count,
            metadata=dict(room.metadata),
            created_at=iso_ms(room.created_at_ms),
            closed_at=iso_ms(room.closed_at_ms) if room.closed_at_ms is not None else None,
        )


class RecordingObject(msgspec.Struct):
    """Document 000, "The recording object"."""

    recording_id: str
    hall_id: str
    status: RecordingStatus
    duration_seconds: int | None
    file_size_bytes: int | None
    bucket_path: str | None
    created_at: str
    completed_at: str | None

    @classmethod
    def from_domain(cls, recording: Recording) -> "RecordingObject":
        status = RECORDING_STATUS[recording.state]
        is_complete = status == "complete"
        completed_at_ms = recording.completed_at_ms if is_complete else None
        return cls(
            recording_id=recording.id,
            hall_id=recording.room_id,
            status=status,
            duration_seconds=recording.duration_s if is_complete else None,
            file_size_bytes=recording.size_bytes if is_complete else None,
            bucket_path=recording.object_key if is_complete else None,
            created_at=iso_ms(recording.started_at_ms),
            completed_at=iso_ms(completed_at_ms) if completed_at_ms is not None else None,
        )


class ClipObject(msgspec.Struct):
    """Document 002, "The clip object"."""

    clip_id: str
    recording_id: str
    label: str
    start_seconds: float
    end_seconds: float
    status: Literal["processing", "complete", "failed"]
    bucket_path: str | None
    created_at: str
    completed_at: str | None

    @classmethod
    def from_domain(cls, clip: Clip) -> "ClipObject":
        completed_at_ms = clip.completed_at_ms
        return cls(
            clip_id=clip.id,
            recording_id=clip.recording_id,
            label=clip.label,
            start_seconds=clip.start_s,
            end_seconds=clip.end_s,
            status=clip.state.value,
            bucket_path=clip.object_key if clip.state is ClipState.COMPLETE else None,
            created_at=iso_ms(clip.created_at_ms),
            completed_at=iso_ms(completed_at_ms) if completed_at_ms is not None else None,
        )


class FindingObject(msgspec.Struct):
    hall_id: str
    recording_id: str | None
    """None if the hall was not recorded when it was looked at."""
    at: str
    position_seconds: float | None
    category: str
    likelihood: float
    provider: str
    action: Action

    @classmethod
    def from_domain(cls, finding: Finding) -> "FindingObject":
        position_ms = finding.position_ms
        return cls(
            hall_id=finding.room_id,
            recording_id=finding.recording_id,
            at=iso_ms(finding.at_ms),
            position_seconds=position_ms / 1000 if position_ms is not None else None,
            category=finding.category,
            likelihood=finding.likelihood,
            provider=finding.provider,
            action=finding.action,
        )


class ParticipantObject(msgspec.Struct):
    hall_id: str
    identity: str
    joined_at: str
    left_at: str | None

    @classmethod
    def from_domain(cls, participant: Participant) -> "ParticipantObject":
        left_at_ms = participant.left_at_ms
        return cls(
            hall_id=participant.room_id,
            identity=participant.identity,
            joined_at=iso_ms(participant.joined_at_ms),
            left_at=iso_ms(left_at_ms) if left_at_ms is not None else None,
        )


class WebhookObject(msgspec.Struct):
    webhook_id: str
    url: str
    reason: str
    disabled_at: str


class WebhookTestObject(msgspec.Struct):
    webhook_id: str


def egress_ended(recording: Recording, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Document 004, "Webhook Integration": flat, with these keys and no others unless there is something to add."""
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


def enveloped(event: EventName, event_id: str, at_ms: int, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"event": event, "id": event_id, "timestamp": iso_ms(at_ms), "data": dict(data)}
