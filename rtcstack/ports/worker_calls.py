"""What the built-in Egress worker asks of the API: both know LiveKit's API secret, and nobody else does."""

from typing import Protocol

STORE_PATH = "/hooks/egress/store"


class WorkerCalls(Protocol):
    def verify(self, body: bytes, authorization: str) -> None:
        """Raises `Unauthenticated` unless a holder of the secret signed exactly this body, not long ago."""
        ...

    def seal(self, plaintext: str, context: str) -> str:
        """Encrypt an answer so that only a holder of the secret can read it, and take it for nothing else."""
        ...
