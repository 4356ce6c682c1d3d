"""The service of our own beside LiveKit's: what our Egress workers answer, and a stock livekit/egress has not."""

from typing import Final

SERVICE: Final = "RTCstackEgress"
