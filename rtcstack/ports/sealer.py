"""Secrets at rest."""

from typing import Protocol


class Sealer(Protocol):
    def seal(self, plaintext: str, context: str) -> str:
        """Encrypt; `context` names the place (`table|column|row`), without which it cannot be opened."""
        ...

    def open(self, sealed: str, context: str) -> str:
        """Raises `Internal` (`seal_broken`) for another context, another key or a changed text."""
        ...
