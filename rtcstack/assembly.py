"""Ports → services → workers. It knows no adapter: tests assemble the same with fakes."""

import random
from dataclasses import dataclass

from rtcstack.assembly_clips import ClipServices, kinds_after_ready
from rtcstack.assembly_moderation import ModerationServices, Sight
from rtcstack.clock import Clock
from rtcstack.domain.job import JobKind
from rtcstack.domain.plan import Plans
from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.egress.kept import KeptInSpool
from rtcstack.ports.database import Database
from rtcstack.ports.fleet import Fleet
from rtcstack.ports.livekit import LiveKit
from rtcstack.ports.media import Media
from rtcstack.ports.moderation import Moderator, RoomView
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.sender import WebhookSender
from rtcstack.ports.storage import Storage, StoreOpener
from rtcstack.ports.worker_calls import WorkerCalls
from rtcstack.services.access import Access
from rtcstack.services.attendance import Attendance
from rtcstack.services.catch_up import CatchUp
from rtcstack.services.egress_begin import EgressBegin
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.egress_watch import EgressWatch
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.hall_recording import HallRecording
from rtcstack.services.halls import HallRules, Halls
from rtcstack.services.idempotency import Idempotency
from rtcstack.services.inbox import Inbox
from rtcstack.services.jobs import JobLoop, Work
from rtcstack.services.library.archive import RecordingArchive
from rtcstack.services.library.catalog import Catalog
from rtcstack.services.library.delete import RecordingDelete
from rtcstack.services.library.purge import PurgeWork, RecordingPurge, Retention
from rtcstack.services.library.recover import RecordingRecover
from rtcstack.services.library.recover_work import RecoverWork
from rtcstack.services.library.retry import RecordingRetry
from rtcstack.services.library.sync import RecordingSync
from rtcstack.services.library.transfer import MoveBack, MoveToArchive
from rtcstack.services.library.upload import UploadWork
from rtcstack.services.media_facts import MediaFacts
from rtcstack.services.outbox import Outbox
from rtcstack.services.preflight import Disks, Preflight
from rtcstack.services.quotas import Quotas
from rtcstack.services.ready_jobs import ReadyJobs
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_queue import RecordingQueue
from rtcstack.services.recording_reserve import RecordingReserve
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.room_close import RoomClose
from rtcstack.services.rooms import Rooms
from rtcstack.services.storage.move import StorageMove
from rtcstack.services.storage.place import Places
from rtcstack.services.storage.settings import StorageSettings
from rtcstack.services.storage.stores import Stores
from rtcstack.services.storage.worker_keys import WorkerKeys
from rtcstack.services.webhooks import Webhooks
from rtcstack.settings import Settings


@dataclass(frozen=True)
class Ports:
    db: Database
    livekit: LiveKit
    storage: Storage
    sender: WebhookSender
    fleet: Fleet
    sealer: Sealer
    clock: Clock
    media: Media
    opener: StoreOpener
    worker_calls: WorkerCalls
    moderator: Moderator
    room_view: RoomView


class Services:
    """Every service of one process, built once; the surfaces get them by their attributes' names."""

    def __init__(self, settings: Settings, ports: Ports, plans: Plans) -> None:
        db, clock, livekit = ports.db, ports.clock, ports.livekit
        timeout_s = settings.rooms.start_timeout_s
        events = Events(clock)
        self.quotas = Quotas(plans)
        self.access = Access(db, clock, plans)
        self.idempotency = Idempotency(db, clock, ports.sealer)
        self.preflight = _preflight(settings, ports)
        self.stores = stores = Stores(
            db,
            ports.sealer,
            ports.opener,
            ports.storage,
            shared_provider=settings.storage.provider_name,
            shared_spots=settings.storage.spots,
        )
        self.storage_settings = StorageSettings(db, clock, ports.sealer, ports.opener, stores)
        self.worker_keys = WorkerKeys(db, stores, ports.worker_calls)
        places = Places(shared_bucket=settings.storage.bucket, require_own=settings.storage.require_own)
        watch = EgressWatch(clock, ports.fleet)
        self.recording_stop = RecordingStop(
            db,
            clock,
            livekit,
            events,
            watch,
            timeout_s=timeout_s,
            first_frame_s=settings.rooms.first_frame_timeout_s,
        )
        room_close = RoomClose(db, clock, livekit, events, self.recording_stop)
        self.rooms = Rooms(db, clock, livekit, room_close, self.quotas)
        reserve = RecordingReserve(db, clock, self.quotas, places)
        self.storage_move = StorageMove(
            db,
            stores,
            places,
            settings.data / "tmp",
            settings.data / "moves",
            cold_bucket=settings.storage.cold_bucket,
        )
        begin = EgressBegin(
            db,
            livekit,
            self.preflight,
            stores,
            timeout_s=timeout_s,
            sends_keys=settings.egress.send_keys,
        )
        self.recording_start = RecordingStart(db, clock, self.rooms, reserve, begin, self.preflight)
        self.recording_query = RecordingQuery(
            db, stores, self.preflight, presign_ttl_s=settings.storage.presign_ttl_s
        )
        self.recording_queue = RecordingQueue(
            db, clock, reserve, begin, self.recording_stop, lease_s=2 * timeout_s
        )
        self.hall_recording = HallRecording(
            db,
            clock,
            self.recording_queue,
            self.recording_stop,
            room_close,
            empty_grace_s=settings.rooms.empty_grace_s,
            never_joined_s=settings.rooms.never_joined_s,
        )
        rules = HallRules(places=places, has_moderation=settings.moderation.is_on)
        self.halls = Halls(db, clock, livekit, events, self.quotas, self.recording_queue, room_close, rules)
        self.webhooks = Webhooks(
            db, clock, ports.sender, ports.sealer, max_endpoints=settings.webhooks.max_endpoints
        )
        self.egress_events = EgressEvents(clock, events)
        self.inbox = Inbox(db, clock, livekit, self.egress_events, Attendance(clock, livekit, events))
        self.catch_up = CatchUp(
            db, clock, livekit, watch, self.egress_events, abandoned_after_s=2 * timeout_s
        )
        facts = MediaFacts(ports.media, stores)
        self.finalize = Finalize(
            db, clock, stores, events, ReadyJobs(clock, kinds_after_ready(settings)), facts
        )
        self.catalog = Catalog(db, self.recording_query, stores)
        self.recording_archive = RecordingArchive(
            db, clock, stores, self.recording_query, cold_bucket=settings.storage.cold_bucket
        )
        self.recording_recover = RecordingRecover(db, clock, self.recording_query)
        kept = KeptInSpool(settings.spool_path)
        self.recording_retry = RecordingRetry(db, clock, stores, kept, self.recording_query)
        self.recording_delete = RecordingDelete(db, clock, self.recording_query)
        self.recording_purge = RecordingPurge(db, clock, _retention(settings, clock))
        self.recording_sync = RecordingSync(
            db, clock, livekit, stores, self.rooms, events, self.finalize, facts
        )
        self.library_jobs = _library_jobs(settings, ports, stores)
        recover = RecoverWork(db, clock, livekit, watch, kept, stores, events, self.finalize)
        self.library_jobs[JobKind.RECOVER] = JobLoop(db, clock, JobKind.RECOVER, recover)
        upload = UploadWork(db, clock, stores, kept, events, self.finalize)
        self.library_jobs[JobKind.UPLOAD] = JobLoop(db, clock, JobKind.UPLOAD, upload)
        made = ClipServices(
            settings, db, clock, ports.media, stores, events, self.quotas, self.recording_query
        )
        self.clip_create, self.clip_query, self.clip_delete = made.create, made.query, made.delete
        self.recording_previews = made.previews
        moderation = ModerationServices(
            settings,
            db,
            clock,
            events,
            ports.moderator,
            Sight(ports.media, made.source, ports.room_view),
            room_close,
        )
        self.moderation_findings, self.live_moderation = moderation.findings, moderation.live
        self.media_jobs, self.clip_workers = {**made.jobs, **moderation.jobs}, settings.clips.workers
        self.outbox = Outbox(db, clock, ports.sender, ports.sealer, random.Random())  # noqa: S311  # jitter


def _library_jobs(settings: Settings, ports: Ports, stores: Stores) -> dict[JobKind, JobLoop]:
    db, clock = ports.db, ports.clock
    works: dict[JobKind, Work] = {
        JobKind.ARCHIVE: MoveToArchive(db, clock, stores, storage_class=settings.storage.archive_class),
        JobKind.RESTORE: MoveBack(db, clock, stores),
        JobKind.PURGE: PurgeWork(
            db, clock, stores, KeptInSpool(settings.spool_path), _retention(settings, clock)
        ),
    }
    return {kind: JobLoop(db, clock, kind, work) for kind, work in works.items()}


def _retention(settings: Settings, clock: Clock) -> Retention:
    return Retention(clock, settings.recordings.deleted_retention_days)


def _preflight(settings: Settings, ports: Ports) -> Preflight:
    probes = {
        "redis": ports.fleet.ping_bus,
        "minio": ports.storage.ping,
        "livekit": ports.livekit.ping,
        "egress": ports.fleet.ping_workers,
    }
    begin_bytes = max(settings.egress.min_free_bytes, RESERVE_BYTES)
    folders = (settings.data, settings.database_path.parent)
    disks = Disks(folders, settings.spool_path, begin_bytes, RESERVE_BYTES)
    return Preflight(probes, disks)
