"""What every log line about one recording says."""

from contextlib import AbstractContextManager

from rtcstack import log
from rtcstack.domain.recording import Recording


def about_recording(recording: Recording) -> AbstractContextManager[None]:
    """Let every line inside name the recording, its room and tenant, and its egress once it has one."""
    return log.about(
        tenant=recording.tenant_id,
        room_id=recording.room_id,
        recording_id=recording.id,
        egress_id=recording.egress_id,
    )
