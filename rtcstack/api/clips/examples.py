"""One example of each body, for the OpenAPI document."""

from rtcstack.api.clips.schemas import ClipDetails, CreateClipRequest, PreviewsBody, StoryboardBody
from rtcstack.services.event_bodies import ClipObject

STORYBOARD = "WEBVTT\n\n00:00:00.000 --> 00:00:05.000\nhttps://…/2025-04-05T10-00-00.storyboard-1.jpg#xywh=0,0,160,90\n"
_ID, _RECORDING_ID = "clip_01j9xz4m2bkp3n8fxrqk", "rec_01j9x2kp3n8fxrqk4m2b"
_KEY = f"room-abc/clips/key-moment-{_ID}.mp4"
_AT, _DONE = "2025-04-05T11:00:00.000Z", "2025-04-05T11:00:21.000Z"
EXAMPLES = (
    CreateClipRequest("key-moment", 120.0, 150.0),
    ClipObject(_ID, _RECORDING_ID, "key-moment", 120.0, 150.0, "processing", None, _AT, None),
    ClipDetails(
        clip_id=_ID,
        recording_id=_RECORDING_ID,
        label="key-moment",
        start_seconds=120.0,
        end_seconds=150.0,
        status="complete",
        bucket_path=_KEY,
        created_at=_AT,
        completed_at=_DONE,
        progress=1.0,
        download_url=f"http://localhost:9000/rtcstack-recordings/{_KEY}?X-Amz-Signature=…",
    ),
    PreviewsBody(
        "http://localhost:9000/rtcstack-recordings/room-abc/2025-04-05T10-00-00.poster.jpg?X-Amz-Signature=…",
        StoryboardBody(f"/v1/recordings/{_RECORDING_ID}/storyboard.vtt", 5.0, 160, 90),
    ),
)
