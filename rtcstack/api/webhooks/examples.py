"""One example of each body, for the OpenAPI document."""

from rtcstack.api.webhooks.schemas import CreatedWebhookBody, CreateWebhookRequest, WebhookBody

_ID = "whk_01j9x2kp3n8fxrqk4m2b"
_URL = "https://example.com/rtcstack"
_EVENTS = ["egress_ended", "recording.complete"]
EXAMPLES = (
    CreateWebhookRequest(_URL, _EVENTS),
    CreatedWebhookBody(_ID, _URL, _EVENTS, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
    WebhookBody(_ID, _URL, _EVENTS),
)
