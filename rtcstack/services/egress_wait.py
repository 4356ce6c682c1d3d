"""Wait for the egress id of a recording that another request is starting."""

import asyncio

from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.ports.database import Database
from rtcstack.repositories import recordings

_POLL_S = 0.02


async def wait_for_egress(db: Database, recording: Recording, timeout_s: float) -> Recording | None:
    """Return the recording once it has its egress id, or waits in the queue; None if its start was given up or takes
    too long.

    The row is asked, not memory: the other request may live in another process.
    """
    try:
        async with asyncio.timeout(timeout_s):
            found: Recording | None = recording
            while found and found.state is RecordingState.STARTING and found.egress_id is None:
                await asyncio.sleep(_POLL_S)
                found = await recordings.find(db, recording.id)
            return found if found and (found.egress_id or found.state is RecordingState.QUEUED) else None
    except TimeoutError:
        return None
