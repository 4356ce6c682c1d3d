"""One example of each body, for the OpenAPI document."""

from rtcstack.api.halls.recording_body import HallRecordingBody
from rtcstack.api.halls.schemas import CreatedHallBody, CreateHallRequest
from rtcstack.api.recovery import GapBody
from rtcstack.services.event_bodies import FindingObject, HallObject, RecordingObject

_HALL_ID = "h_01j9x2kp3n8fxrqk4m2b"
_AT = "2025-04-05T10:00:00.000Z"
_METADATA = {"customer_id": "cust_abc"}
EXAMPLES = (
    CreateHallRequest(name="product-demo", max_participants=10, record=True, metadata=_METADATA),
    CreatedHallBody(_HALL_ID, "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", _AT),
    HallObject(
        hall_id=_HALL_ID,
        name="product-demo",
        status="active",
        max_participants=10,
        record=True,
        moderation=False,
        participant_count=2,
        metadata=_METADATA,
        created_at=_AT,
        closed_at=None,
    ),
    FindingObject(
        hall_id=_HALL_ID,
        recording_id="rec_01j9x2kp3n8fxrqk4m2b",
        at="2025-04-05T10:12:30.000Z",
        position_seconds=750.0,
        category="nsfw",
        likelihood=0.93,
        provider="local",
        action="notify",
    ),
    HallRecordingBody(
        recording_id="rec_01j9x2kp3n8fxrqk4m2b",
        hall_id=_HALL_ID,
        status="complete",
        duration_seconds=1845,
        file_size_bytes=312_000_000,
        bucket_path=f"{_HALL_ID}/2025-04-05T10-00-00.mp4",
        created_at=_AT,
        completed_at="2025-04-05T10:31:00.000Z",
        recovered=True,
        lost_seconds=0.9,
        gaps=(GapBody(at_seconds=754.5, lost_seconds=0.9),),
    ),
    RecordingObject(
        recording_id="rec_01j9x2kp3n8fxrqk4m2b",
        hall_id=_HALL_ID,
        status="complete",
        duration_seconds=1845,
        file_size_bytes=312_000_000,
        bucket_path=f"{_HALL_ID}/2025-04-05T10-00-00.mp4",
        created_at=_AT,
        completed_at="2025-04-05T10:31:00.000Z",
    ),
)
