"""The bodies that customers' endpoints get, for the OpenAPI document: made by what makes the real ones."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from rtcstack.api.clips.examples import EXAMPLES as CLIPS
from rtcstack.api.halls.examples import EXAMPLES as HALLS
from rtcstack.api.openapi_fields import about
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.webhook import EventName
from rtcstack.services.event_bodies import (
    ClipObject,
    FindingObject,
    HallObject,
    ParticipantObject,
    RecordingObject,
    WebhookObject,
    WebhookTestObject,
    egress_ended,
    enveloped,
)

_AT_MS: Final = 1_743_849_060_000
_METADATA: Final = {"customer_id": "cust_abc"}
_ABOUT: Final[Mapping[EventName, tuple[str, type[msgspec.Struct]]]] = {
    EventName.RECORDING_STARTED: ("A recording has begun", RecordingObject),
    EventName.RECORDING_COMPLETE: ("A recording is ready", RecordingObject),
    EventName.RECORDING_FAILED: ("A recording has failed; `error` says why", RecordingObject),
    EventName.RECORDING_UNVERIFIED: (
        "A recording that is ready is not what was recorded, or nobody could look; `error` says more",
        RecordingObject,
    ),
    EventName.CLIP_READY: ("A clip is ready", ClipObject),
    EventName.CLIP_FAILED: ("A clip has failed; `error` says why", ClipObject),
    EventName.HALL_CREATED: ("A hall was made", HallObject),
    EventName.HALL_CLOSED: ("A hall was closed", HallObject),
    EventName.PARTICIPANT_JOINED: ("Somebody has joined", ParticipantObject),
    EventName.PARTICIPANT_LEFT: ("Somebody has left", ParticipantObject),
    EventName.MODERATION_FLAGGED: ("A moderation provider has found something", FindingObject),
    EventName.WEBHOOK_DISABLED: ("An endpoint gets nothing any more; `reason` says why", WebhookObject),
    EventName.WEBHOOK_TEST: ("A test was asked for; it goes to that endpoint alone", WebhookTestObject),
}
_CHANGES: Final[Mapping[EventName, Mapping[str, Any]]] = {
    EventName.RECORDING_STARTED: {
        "status": "recording",
        **dict.fromkeys(("duration_seconds", "file_size_bytes", "bucket_path", "completed_at")),
    },
    EventName.RECORDING_FAILED: {
        "status": "failed",
        "error": "The recorder stopped: the disk is full.",
        **dict.fromkeys(("duration_seconds", "file_size_bytes", "bucket_path", "completed_at")),
    },
    EventName.RECORDING_UNVERIFIED: {"error": "the object has 99 bytes, the recorder wrote 1048576"},
    EventName.CLIP_READY: {
        "status": "complete",
        "bucket_path": "room-abc/clips/key-moment-clip_01j9xz4m2bkp3n8fxrqk.mp4",
        "completed_at": "2025-04-05T11:00:21.000Z",
    },
    EventName.CLIP_FAILED: {"status": "failed", "error": "The range lies outside the recording."},
    EventName.HALL_CLOSED: {
        "status": "closed",
        "participant_count": 0,
        "closed_at": "2025-04-05T10:31:00.000Z",
    },
    EventName.PARTICIPANT_LEFT: {"left_at": "2025-04-05T10:30:40.000Z"},
}
_PARTICIPANT: Final = ParticipantObject("h_01j9x2kp3n8fxrqk4m2b", "ada", "2025-04-05T10:00:03.000Z", None)
_WEBHOOK_ID: Final = "whk_01j9x2kp3n8fxrqk4m2b"
_WEBHOOK: Final = WebhookObject(
    _WEBHOOK_ID,
    "https://example.com",
    "the endpoint answered 410 Gone",
    "2025-04-05T10:31:00.000Z",
)
_ABOUT_NO_ROOM: Final = (WebhookObject, WebhookTestObject)


def webhooks() -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return, by the event's name, a summary, the schema of its body and an example."""
    told = {EventName.EGRESS_ENDED: ("A recording is ready, or has failed", *_flat())}
    told |= {event: (summary, *_enveloped(event, kind)) for event, (summary, kind) in _ABOUT.items()}
    return {event.value: told[event] for event in EventName}


def _flat() -> tuple[dict[str, Any], dict[str, Any]]:
    recording = Recording(
        id="rec_01j9x2kp3n8fxrqk4m2b",
        tenant_id="default",
        room_id="room-abc",
        state=RecordingState.READY,
        bucket="rtcstack-recordings",
        object_key="room-abc/2024-04-21T10-00-00.mp4",
        started_at_ms=_AT_MS,
        egress_id="EG_abc123",
        duration_ms=3_600_000,
        size_bytes=512_000_000,
    )
    properties = {
        "event": {"const": EventName.EGRESS_ENDED.value, "description": about("", "event")},
        "egressId": {"type": "string", "description": about("", "egressId")},
        "roomId": {"type": "string", "description": about("", "roomId")},
        "file": {"type": ["string", "null"], "description": "The object's key; null of a failed one."},
        "duration": {"type": "integer", "description": "Seconds."},
        "size": {"type": "integer", "description": "Bytes."},
        "metadata": {"type": "object", "description": "The room's, if it has some."},
        "error": {"type": "string", "description": "Of a failed one: why."},
    }
    required = ["event", "egressId", "roomId", "file", "duration", "size"]
    schema = {"type": "object", "properties": properties, "required": required}
    return schema, egress_ended(recording, _METADATA)


def _enveloped(event: EventName, kind: type[msgspec.Struct]) -> tuple[dict[str, Any], dict[str, Any]]:
    [example] = [
        one
        for one in (*HALLS, *CLIPS, _PARTICIPANT, _WEBHOOK, WebhookTestObject(_WEBHOOK_ID))
        if type(one) is kind
    ]
    changes = _CHANGES.get(event, {})
    data = {**msgspec.to_builtins(example), **changes}
    _, parts = msgspec.json.schema_components([kind])
    described = dict(parts[kind.__name__])
    described["properties"] = {
        name: {**field, "description": about(kind.__name__, name)}
        for name, field in described["properties"].items()
    }
    if kind not in _ABOUT_NO_ROOM:
        data["metadata"] = _METADATA
        described["properties"]["metadata"] = {"type": "object", "description": "The room's, if it has some."}
    if "error" in changes:
        described["properties"]["error"] = {"type": "string", "description": "What went wrong."}
    properties = {
        "event": {"const": event.value, "description": about("", "event")},
        "id": {"type": "string", "description": "`evt_…`, the same however often it is sent."},
        "timestamp": {"type": "string", "format": "date-time", "description": "When it happened, in UTC."},
        "data": {**described, "description": "What it is about."},
    }
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return schema, enveloped(event, "evt_01j9x2kp3n8fxrqk4m2b", _AT_MS, data)
