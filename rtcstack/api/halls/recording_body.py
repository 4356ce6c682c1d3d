"""The recording object of seed document 000 with what else there is to say."""

import msgspec

from rtcstack.api.recovery import GapBody, gap_bodies
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.services.event_bodies import RecordingObject


class HallRecordingBody(RecordingObject, omit_defaults=True):
    """The object's own keys are always there, the others only when there is something to say."""

    paused: bool = False
    recovered: bool = False
    """A recorder or worker died over it; `gaps` says what is missing for that reason, `lost_seconds` how much in all."""
    lost_seconds: float | None = None
    gaps: tuple[GapBody, ...] = ()
    upload_waits: str | None = None
    """The store's words, while it does not take the file."""

    @classmethod
    def from_domain(cls, recording: Recording) -> "HallRecordingBody":
        return cls(
            **msgspec.structs.asdict(RecordingObject.from_domain(recording)),
            paused=recording.state is RecordingState.PAUSED,
            recovered=recording.recovered,
            lost_seconds=recording.lost_ms / 1000 if recording.recovered else None,
            gaps=gap_bodies(recording),
            upload_waits=recording.upload_waits,
        )
