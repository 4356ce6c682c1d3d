"""One example of each body, for the OpenAPI document."""

from datetime import UTC, datetime

import msgspec

from rtcstack.api.webhooks.schemas import (
    ChangeWebhookRequest,
    CreatedWebhookBody,
    CreateWebhookRequest,
    DeliveriesBody,
    DeliveryBody,
    DeliveryRequestBody,
    EventBody,
    EventsBody,
    ReplayedBody,
    ReplayRequest,
    RotatedWebhookBody,
    WebhookBody,
)
from rtcstack.domain.webhook import request_headers

_ID = "whk_01j9x2kp3n8fxrqk4m2b"
_EVENT_ID = "evt_01j9x2kp3n8fxrqk4m2b"
_URL = "https://example.com/rtcstack"
_EVENTS = ["egress_ended", "recording.complete"]
_ROOMS = ["room-abc"]
_AT = "2025-04-05T10:31:00.000Z"
_AT_S = 1_743_849_060
_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105  # of the Standard Webhooks specification
_ENDPOINT = WebhookBody(
    id=_ID,
    url=_URL,
    events=_EVENTS,
    room_ids=_ROOMS,
    status="active",
    disabled_at=None,
    disabled_reason=None,
    failing_since=None,
    created_at=_AT,
    updated_at=_AT,
)
_ENDED = {
    "event": "egress_ended",
    "egressId": "EG_abc123",
    "roomId": "room-abc",
    "file": "room-abc/2024-04-21T10-00-00.mp4",
    "duration": 3600,
    "size": 512000000,
}
_SIGNATURE = "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="
_DELIVERY = DeliveryBody(
    event_id=_EVENT_ID,
    event="egress_ended",
    room_id="room-abc",
    status="delivered",
    attempts=1,
    created_at=_AT,
    sent_at=_AT,
    next_attempt_at=None,
    status_code=200,
    duration_ms=41,
    response="ok",
    error=None,
    request=DeliveryRequestBody(
        request_headers(_EVENT_ID, _AT_S, _SIGNATURE),
        '{"event":"egress_ended","egressId":"EG_abc123","roomId":"room-abc",'
        '"file":"room-abc/2024-04-21T10-00-00.mp4","duration":3600,"size":512000000}',
    ),
)
EXAMPLES = (
    CreateWebhookRequest(_URL, _EVENTS, _ROOMS),
    ChangeWebhookRequest(paused=True),
    ReplayRequest(since=datetime(2025, 4, 5, 10, tzinfo=UTC)),
    CreatedWebhookBody(**msgspec.structs.asdict(_ENDPOINT), secret=_SECRET),
    _ENDPOINT,
    RotatedWebhookBody(_ID, _SECRET, "2025-04-06T10:31:00.000Z"),
    _DELIVERY,
    DeliveriesBody([_DELIVERY], _EVENT_ID),
    ReplayedBody(42, None),
    EventsBody([EventBody(_EVENT_ID, "egress_ended", "room-abc", _AT, _ENDED)], _EVENT_ID, has_more=False),
)
