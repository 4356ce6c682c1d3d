"""What each field of the Relay surface's halls and recordings means, for the OpenAPI document and for webhooks."""

from collections.abc import Mapping
from typing import Final

_UTC: Final = "ISO 8601 in UTC, to the millisecond"

FIELDS: Final[Mapping[str, str]] = {
    "hall_id": "The hall's id, `h_…`; of what was in no hall, the room's.",
    "bucket_path": "The object's key in the bucket; null until it is complete.",
    "file_size_bytes": "Bytes; null until it is complete.",
    "completed_at": f"When it was complete: {_UTC}; null until then.",
    "CreateHallRequest.name": "For people.",
    "CreateHallRequest.max_participants": "How many may be in it at once; more than the plan allows is capped.",
    "CreateHallRequest.record": "Record it by itself: from its opening on, and whenever somebody is there.",
    "CreateHallRequest.moderation": "Look at its pictures every few seconds; needs a plan and a provider that have it.",
    "CreateHallRequest.moderation_action": "What follows when something is found: `notify` tells the webhooks, `close` closes "
    "the hall as well.",
    "CreateHallRequest.metadata": "Any object of at most 16 KiB; it comes back in answers and webhooks.",
    "CreatedHallBody.join_token": "A host's join token, a JWT for any LiveKit client.",
    "CreatedHallBody.created_at": f"When it was made: {_UTC}.",
    "HallObject.name": "For people.",
    "HallObject.status": "`active` until it is closed, with or without people in it.",
    "HallObject.max_participants": "How many may be in it at once, after the plan's cap.",
    "HallObject.record": "Whether it is recorded by itself: from its opening on, and whenever somebody is there.",
    "HallObject.moderation": "Whether its pictures are looked at.",
    "HallObject.participant_count": "How many are in it now, recorders left out; 0 of a closed one.",
    "HallObject.metadata": "What was given when the hall was made.",
    "HallObject.created_at": f"When it was made: {_UTC}.",
    "HallObject.closed_at": f"When it was closed: {_UTC}; null until then.",
    **{
        f"{schema}.{field}": text
        for schema in ("RecordingObject", "HallRecordingBody")
        for field, text in {
            "status": "How far it is.",
            "duration_seconds": "Whole seconds; null until it is complete.",
            "created_at": f"When it was begun: {_UTC}.",
        }.items()
    },
    "FindingObject.recording_id": "The recording that shows it, `rec_…`; null if the hall was not recorded.",
    "FindingObject.at": f"When it was to be seen: {_UTC}.",
    "FindingObject.position_seconds": "Where in the recording, in seconds; null if there is none.",
    "FindingObject.category": "What was found, in the provider's word.",
    "FindingObject.likelihood": "From 0 to 1.",
    "FindingObject.provider": "Who has looked.",
    "FindingObject.action": "What followed.",
    "ParticipantObject.identity": "Who, as the join token names them.",
    "ParticipantObject.joined_at": f"When they joined: {_UTC}.",
    "ParticipantObject.left_at": f"When they left: {_UTC}; null while they are there.",
}
