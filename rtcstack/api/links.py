"""Addresses that go out to callers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Links:
    livekit_url: str
    """`ws://` or `wss://`: what a client library is given together with a join token."""
