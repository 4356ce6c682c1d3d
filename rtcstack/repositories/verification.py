"""What the verification of recordings needs and finds."""

from rtcstack.domain.recording import Recording
from rtcstack.ports.database import Reader, Tx

_BEGAN = "SELECT min(started_at_ms) AS at_ms FROM recording_parts WHERE recording_id = :recording_id"
_SPAN = """SELECT min(started_at_ms) AS began_ms, max(ended_at_ms) AS ended_ms FROM recording_parts
    WHERE recording_id = :recording_id"""
_NOTE = """UPDATE recordings SET verified_at_ms = :verified_at_ms, verify_error = :error WHERE id = :id"""


async def find_first_frame_ms(reader: Reader, recording_id: str) -> int | None:
    """Return when the recorder's first frame was taken."""
    row = await reader.find(_BEGAN, recording_id=recording_id)
    return row["at_ms"] if row else None


async def find_span_ms(reader: Reader, recording_id: str) -> tuple[int, int] | None:
    """Return when the first and the last frame were taken, as the recorder says; None if it did not."""
    row = await reader.find(_SPAN, recording_id=recording_id)
    if row is None or row["began_ms"] is None or row["ended_ms"] is None:
        return None
    return row["began_ms"], row["ended_ms"]


async def find_began_ms(reader: Reader, recording: Recording) -> int:
    """Return the instant that positions in a recording count from; while no frame is known of, that of its start."""
    first_frame_ms = await find_first_frame_ms(reader, recording.id)
    return recording.started_at_ms if first_frame_ms is None else first_frame_ms


async def note(tx: Tx, recording_id: str, verified_at_ms: int | None, error: str | None) -> None:
    await tx.execute(_NOTE, id=recording_id, verified_at_ms=verified_at_ms, error=error)
