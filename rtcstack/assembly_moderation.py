"""The part of the assembly that looks at the pictures of moderated halls."""

from collections.abc import Mapping
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.domain.job import JobKind
from rtcstack.ports.database import Database
from rtcstack.ports.media import Media
from rtcstack.ports.moderation import Moderator, RoomView
from rtcstack.services.events import Events
from rtcstack.services.jobs import JobLoop
from rtcstack.services.moderation.closing import Closing
from rtcstack.services.moderation.findings import Findings
from rtcstack.services.moderation.live import LiveModeration
from rtcstack.services.moderation.recordings import ModerateWork
from rtcstack.services.moderation.stepping_back import SteppingBack
from rtcstack.services.recording_source import RecordingSource
from rtcstack.services.room_close import RoomClose
from rtcstack.services.workspace import Workspace
from rtcstack.settings import Settings

_MAX_ATTEMPTS = 50
"""Over some four hours, as for other work on recordings."""


@dataclass(frozen=True)
class Sight:
    """Where pictures come from."""

    media: Media
    source: RecordingSource
    view: RoomView


class ModerationServices:
    """With the provider `off` there is nothing to do: no jobs, and `live` is None."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        clock: Clock,
        events: Events,
        moderator: Moderator,
        sight: Sight,
        room_close: RoomClose,
    ) -> None:
        asked = settings.moderation
        self.findings = Findings(db, clock, events, moderator, threshold=asked.threshold)
        self.live: LiveModeration | None = None
        self.jobs: Mapping[JobKind, JobLoop] = {}
        if not asked.is_on:
            return
        scratch, stepping_back = settings.data / "tmp", SteppingBack(db, clock, sight.view)
        work = ModerateWork(
            db,
            clock,
            sight.media,
            sight.source,
            Workspace(scratch),
            moderator,
            self.findings,
            stepping_back,
            interval_s=asked.interval_s,
        )
        self.jobs = {JobKind.MODERATE: JobLoop(db, clock, JobKind.MODERATE, work, max_attempts=_MAX_ATTEMPTS)}
        self.live = LiveModeration(
            db,
            clock,
            sight.media,
            sight.source,
            sight.view,
            moderator,
            self.findings,
            Closing(db, room_close),
            stepping_back,
            scratch,
            interval_s=asked.interval_s,
        )
