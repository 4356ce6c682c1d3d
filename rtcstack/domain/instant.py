"""Instants as the surfaces print them."""

from datetime import UTC, datetime


def iso_ms(at_ms: int) -> str:
    """`2024-04-21T10:00:00.000Z`: rooms and halls print milliseconds."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_s(at_ms: int) -> str:
    """`2026-01-06T10:30:00Z`: the library prints whole seconds."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
