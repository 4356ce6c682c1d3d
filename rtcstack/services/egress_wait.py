"""Wait for what is to come of a recording that has just been reserved: its egress id, its first frame.

The row is asked, not memory: it may be another process that starts the recording, or hears of it.
"""

import asyncio
from collections.abc import Callable

from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.ports.database import Database
from rtcstack.repositories import recordings

_POLL_S = 0.02


async def wait_for_egress(db: Database, recording: Recording, timeout_s: float) -> Recording | None:
    """Return the recording once it has its egress id, or waits in the queue; None if its start was given up or takes
    too long.
    """

    def is_begun(found: Recording) -> bool:
        return found.state is not RecordingState.STARTING or found.egress_id is not None

    found = await _wait(db, recording, timeout_s, is_begun)
    return found if found and (found.egress_id or found.state is RecordingState.QUEUED) else None


async def wait_for_first_frame(db: Database, recording: Recording, timeout_s: float) -> Recording | None:
    """Return the recording as it is once it is no longer starting, or the time is over."""
    return await _wait(db, recording, timeout_s, lambda found: found.state is not RecordingState.STARTING)


async def _wait(
    db: Database, recording: Recording, timeout_s: float, is_so: Callable[[Recording], bool]
) -> Recording | None:
    found: Recording | None = recording
    deadline_s = asyncio.get_running_loop().time() + timeout_s
    while found and not is_so(found) and asyncio.get_running_loop().time() < deadline_s:
        await asyncio.sleep(_POLL_S)
        found = await recordings.find(db, recording.id)
    return found
