"""Addresses that go out to callers."""

from dataclasses import dataclass

JOIN = "/join/"


@dataclass(frozen=True)
class Links:
    livekit_url: str
    """`ws://` or `wss://`: what a client library is given together with a join token."""
    api_url: str = ""
    """`http://` or `https://`: where browsers reach the API and its pages."""

    def join(self, link: str) -> str:
        """Return the address of the join page for a link that `Invites` made."""
        return f"{self.api_url.rstrip('/')}{JOIN}{link}"
