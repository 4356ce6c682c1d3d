"""A typed client of the API, for asyncio and without it; needs nothing but httpx and msgspec (docs/client.md)."""

from rtcstack.client.call import Call, Pages
from rtcstack.client.client import Client
from rtcstack.client.errors import RtcstackError
from rtcstack.client.receiver import ReceivedEvent, WebhookReceiver, WebhookRefused

__all__ = ["Call", "Client", "Pages", "ReceivedEvent", "RtcstackError", "WebhookReceiver", "WebhookRefused"]
