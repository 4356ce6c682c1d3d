"""What each field of endpoints, deliveries and events means, for the OpenAPI document and for webhooks."""

from collections.abc import Mapping
from typing import Final

_UTC: Final = "ISO 8601 in UTC, to the millisecond"
_INSTANT: Final = "ISO 8601 with a time zone"

_ENDPOINT: Final = {
    "id": "The endpoint's id, `whk_…`.",
    "url": "Where events are sent to.",
    "events": "The names of the events that it gets; empty for all.",
    "room_ids": "The rooms that it hears of; empty for all, and for what is about no room.",
    "status": "`paused` keeps what waits for it, `disabled` has given it up.",
    "disabled_at": f"When it was disabled: {_UTC}; null if it is not.",
    "disabled_reason": "Why it was disabled; null if it is not.",
    "failing_since": f"Since when nothing has reached it: {_UTC}; null while all is well.",
    "created_at": f"When it was registered: {_UTC}.",
    "updated_at": f"When it was changed last: {_UTC}.",
}

FIELDS: Final[Mapping[str, str]] = {
    **{f"WebhookBody.{field}": text for field, text in _ENDPOINT.items()},
    **{f"CreatedWebhookBody.{field}": text for field, text in _ENDPOINT.items()},
    "CreatedWebhookBody.secret": "What deliveries are signed with, `whsec_…`; shown this once.",
    "CreateWebhookRequest.url": "`https://` or `http://`, at most 2048 characters.",
    "CreateWebhookRequest.events": _ENDPOINT["events"],
    "CreateWebhookRequest.room_ids": _ENDPOINT["room_ids"],
    "ChangeWebhookRequest.url": "`https://` or `http://`, at most 2048 characters; as it was unless given.",
    "ChangeWebhookRequest.events": "The names of the events that it gets; empty for all, as they were unless given.",
    "ChangeWebhookRequest.room_ids": "The rooms that it hears of; empty for all, as they were unless given.",
    "ChangeWebhookRequest.paused": "`true` lets events wait for it, `false` lets them go, and enables a disabled one.",
    "RotatedWebhookBody.id": _ENDPOINT["id"],
    "RotatedWebhookBody.secret": "The new secret, `whsec_…`; shown this once.",
    "RotatedWebhookBody.old_secret_valid_until": f"Until then deliveries are signed with both: {_UTC}.",
    "ReplayRequest.event_id": "The one event that is sent again, `evt_…`; otherwise give a range.",
    "ReplayRequest.since": f"The range begins with what happened then: {_INSTANT}.",
    "ReplayRequest.until": f"The range ends with what happened then: {_INSTANT}; now unless given.",
    "ReplayRequest.after": "The range begins after this event, `evt_…`: `next_after` of the call before.",
    "ReplayRequest.include_delivered": "Send again also what was delivered.",
    "ReplayedBody.queued": "How many are sent.",
    "ReplayedBody.next_after": "Where the next call goes on, as its `after`; null when the range is done.",
    "event_id": "The event's id, `evt_…`, which is its `webhook-id`.",
    "event": "The event's name.",
    "DeliveryBody.room_id": "What room it is about; null of what is about none.",
    "DeliveryBody.status": "What has come of it.",
    "DeliveryBody.attempts": "How often it was tried.",
    "DeliveryBody.created_at": f"When it was queued: {_UTC}.",
    "DeliveryBody.sent_at": f"When it was tried last: {_UTC}; null before the first try.",
    "DeliveryBody.next_attempt_at": f"When it is tried next: {_UTC}; null when it is not any more.",
    "DeliveryBody.status_code": "The HTTP status of the last answer; null if there was none.",
    "DeliveryBody.duration_ms": "How long the last try took, in milliseconds; null before the first.",
    "DeliveryBody.response": "The first 2 KiB of the last answer; null if there was none.",
    "DeliveryBody.error": "Why the last try got no answer, or why it was given up; null otherwise, also where an answer was no delivery: `status_code` tells.",
    "DeliveryBody.request": "What was sent.",
    "DeliveryRequestBody.headers": "The headers of the last try; null before the first.",
    "DeliveryRequestBody.body": "The body, byte for byte.",
    "EventBody.id": "The event's id, `evt_…`.",
    "EventBody.room_id": "What room it is about; null of what is about none.",
    "EventBody.created_at": f"When it happened: {_UTC}.",
    "EventBody.body": "What endpoints get.",
    "EventsBody.next_after": "Where the next call goes on, as its `after`; null if there is no event at all.",
    "EventsBody.has_more": "Whether more follow right now.",
    "webhook_id": "The endpoint's id, `whk_…`.",
    "WebhookObject.url": "Where events were sent to, without what follows the host: that may hold a secret.",
    "WebhookObject.reason": "Why it gets nothing any more.",
    "WebhookObject.disabled_at": f"When it was disabled: {_UTC}.",
}
