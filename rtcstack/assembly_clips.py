"""The part of the assembly that works on the pictures and sound of recordings: clips, previews, verification."""

from collections.abc import Mapping
from pathlib import Path

from rtcstack.clock import Clock
from rtcstack.domain.job import JobKind
from rtcstack.egress.spool import SpoolFolder
from rtcstack.ports.database import Database
from rtcstack.ports.media import Media
from rtcstack.services.audit import LinkLog
from rtcstack.services.clips.create import ClipCreate, ClipLimits
from rtcstack.services.clips.cut import ClipWork
from rtcstack.services.clips.delete import ClipDelete
from rtcstack.services.clips.query import ClipQuery
from rtcstack.services.events import Events
from rtcstack.services.jobs import JobLoop, Work
from rtcstack.services.previews import PreviewsWork, RecordingPreviews
from rtcstack.services.quotas import Quotas
from rtcstack.services.ready_jobs import LateJobs
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_source import RecordingSource
from rtcstack.services.storage.stores import Stores
from rtcstack.services.verify import VerifyWork
from rtcstack.services.workspace import Workspace
from rtcstack.settings import Settings

_MAX_ATTEMPTS = 50
"""Over some four hours: a store may be away for long, but what cannot be done must not be tried for ever."""


class ClipServices:
    """`source` says where a recording can be read from."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        clock: Clock,
        media: Media,
        stores: Stores,
        events: Events,
        quotas: Quotas,
        query: RecordingQuery,
        link_log: LinkLog,
    ) -> None:
        ttl_s, limits = settings.storage.presign_ttl_s, settings.clips
        workspace = Workspace(settings.data / "tmp")
        spool = _Spool(settings.spool_path)
        self.source = RecordingSource(stores, spool.parts)
        self.create = ClipCreate(
            db, clock, quotas, query, self.source, ClipLimits(limits.max_seconds, limits.max_per_recording)
        )
        self.query = ClipQuery(db, stores, query, link_log, presign_ttl_s=ttl_s)
        self.delete = ClipDelete(db, clock, self.query)
        self.previews = RecordingPreviews(db, query, stores, presign_ttl_s=ttl_s)
        self.late_jobs = LateJobs(db, clock, _kinds_of_old(settings))
        works: Mapping[JobKind, Work] = {
            JobKind.CLIP: ClipWork(db, clock, media, stores, self.source, events, workspace),
            JobKind.VERIFY: VerifyWork(db, clock, media, stores, self.source, events, spool.file),
            JobKind.PREVIEWS: PreviewsWork(db, clock, media, stores, self.source, workspace),
        }
        self.jobs = {
            kind: JobLoop(db, clock, kind, work, max_attempts=_MAX_ATTEMPTS) for kind, work in works.items()
        }


def kinds_after_ready(settings: Settings) -> list[JobKind]:
    """Return what is done with every recording that has become ready."""
    return _kinds_of_old(settings) + ([JobKind.MODERATE] if settings.moderation.is_on else [])


def _kinds_of_old(settings: Settings) -> list[JobKind]:
    return [JobKind.VERIFY] + ([JobKind.PREVIEWS] if settings.previews.enabled else [])


class _Spool:
    """What a recorder on this machine has, by egress id."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def parts(self, egress_id: str) -> tuple[Path, ...]:
        return SpoolFolder(self._path / egress_id).parts()

    def file(self, egress_id: str) -> Path | None:
        file = SpoolFolder(self._path / egress_id).recording
        return file if file.is_file() else None
