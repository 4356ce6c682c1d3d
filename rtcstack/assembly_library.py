"""The part of the assembly that is the recordings library: what is done with finished recordings, and their jobs."""

from collections.abc import Mapping
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.domain.job import JobKind
from rtcstack.egress.kept import KeptInSpool
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.services.egress_watch import EgressWatch
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.jobs import JobLoop, Work
from rtcstack.services.library.archive import RecordingArchive
from rtcstack.services.library.catalog import Catalog
from rtcstack.services.library.delete import RecordingDelete
from rtcstack.services.library.purge import PurgeWork, RecordingPurge
from rtcstack.services.library.recover import RecordingRecover
from rtcstack.services.library.recover_work import RecoverWork
from rtcstack.services.library.retry import RecordingRetry
from rtcstack.services.library.sync import RecordingSync
from rtcstack.services.library.transfer import MoveBack, MoveToArchive
from rtcstack.services.library.upload import UploadWork
from rtcstack.services.media_facts import MediaFacts
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.rooms import Rooms
from rtcstack.services.storage.stores import Stores
from rtcstack.settings import Settings


@dataclass(frozen=True)
class LibraryPeers:
    """The services of other parts that the library works with."""

    livekit: LiveKit
    watch: EgressWatch
    stores: Stores
    events: Events
    rooms: Rooms
    query: RecordingQuery
    finalize: Finalize
    facts: MediaFacts


class LibraryServices:
    def __init__(self, settings: Settings, db: Database, clock: Clock, peers: LibraryPeers) -> None:
        stores, query, events, finalize = peers.stores, peers.query, peers.events, peers.finalize
        kept = KeptInSpool(settings.spool_path)
        retention_days = settings.recordings.deleted_retention_days
        cold_bucket, cold_class = settings.storage.cold_bucket, settings.storage.archive_class
        self.catalog = Catalog(db, query, stores)
        self.archive = RecordingArchive(db, clock, stores, query, cold_bucket=cold_bucket)
        self.recover = RecordingRecover(db, clock, query)
        self.retry = RecordingRetry(db, clock, stores, kept, query)
        self.delete = RecordingDelete(db, clock, query)
        self.purge = RecordingPurge(db, clock, retention_days)
        self.sync = RecordingSync(
            db, clock, peers.livekit, stores, peers.rooms, events, finalize, peers.facts
        )
        works: Mapping[JobKind, Work] = {
            JobKind.ARCHIVE: MoveToArchive(db, clock, stores, storage_class=cold_class),
            JobKind.RESTORE: MoveBack(db, clock, stores),
            JobKind.PURGE: PurgeWork(db, clock, stores, kept, retention_days),
            JobKind.RECOVER: RecoverWork(
                db, clock, peers.livekit, peers.watch, kept, stores, events, finalize
            ),
            JobKind.UPLOAD: UploadWork(db, clock, stores, kept, events, finalize),
        }
        self.jobs = {kind: JobLoop(db, clock, kind, work) for kind, work in works.items()}
