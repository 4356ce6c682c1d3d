"""Ports → services → workers. It knows no adapter: tests assemble the same with fakes."""

from dataclasses import dataclass

from rtcstack.assembly_clips import ClipServices, kinds_after_ready
from rtcstack.assembly_dashboard import DashboardServices
from rtcstack.assembly_events import EventServices
from rtcstack.assembly_join import guests
from rtcstack.assembly_library import LibraryPeers, LibraryServices
from rtcstack.assembly_metrics import measures
from rtcstack.assembly_moderation import ModerationServices, Sight
from rtcstack.assembly_reconcile import ReconcilePeers, reconciler
from rtcstack.assembly_rooms import RoomPeers, RoomServices
from rtcstack.clock import Clock
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
from rtcstack.services.audit import LinkLog
from rtcstack.services.audit_log import AuditLog
from rtcstack.services.capacity import Capacity, FleetRoom
from rtcstack.services.catch_up import CatchUp
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.egress_watch import EgressWatch
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.idempotency import Idempotency
from rtcstack.services.inbox import Inbox
from rtcstack.services.media_facts import MediaFacts
from rtcstack.services.preflight import Disks, Preflight
from rtcstack.services.quotas import Quotas
from rtcstack.services.ready_jobs import ReadyJobs
from rtcstack.services.storage.move import StorageMove
from rtcstack.services.storage.neighbours import Neighbours
from rtcstack.services.storage.place import Places
from rtcstack.services.storage.settings import StorageSettings
from rtcstack.services.storage.stores import Stores
from rtcstack.services.storage.worker_keys import WorkerKeys
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
        events, link_log = Events(clock), LinkLog(db, clock)
        self.audit_log = AuditLog(db, clock, retention_days=settings.audit.retention_days)
        self.quotas, self.access = Quotas(plans), Access(db, clock, plans)
        self.idempotency = Idempotency(db, clock, ports.sealer)
        self.preflight = preflight = _preflight(settings, ports)
        places = Places(shared_bucket=settings.storage.bucket, require_own=settings.storage.require_own)
        self.capacity = Capacity(db, FleetRoom(ports.fleet), preflight, self.quotas, places)
        self.measures = measures(settings, db, clock, ports.fleet, preflight)
        self.stores = stores = Stores(
            db, ports.sealer, ports.opener, ports.storage, shared_provider=settings.storage.provider_name
        )
        self.storage_settings = StorageSettings(
            db, clock, ports.sealer, ports.opener, stores, _neighbours(settings, ports)
        )
        self.worker_keys = WorkerKeys(db, stores, ports.worker_calls)
        watch = EgressWatch(clock, ports.fleet)
        peers = RoomPeers(
            livekit, ports.fleet, watch, stores, places, events, self.quotas, self.preflight, link_log
        )
        held = RoomServices(settings, db, clock, peers)
        self.rooms, self.halls, self.hall_recording = held.rooms, held.halls, held.of_halls
        self.recording_start, self.recording_stop = held.start, held.stop
        self.recording_layout, self.recording_pause = held.layout, held.pause
        self.recording_query, self.recording_queue = held.query, held.queue
        self.invites, self.participant_mute = guests(settings, db, clock, livekit, self.rooms)
        self.storage_move = StorageMove(
            db,
            stores,
            places,
            settings.data / "tmp",
            settings.data / "moves",
            cold_bucket=settings.storage.cold_bucket,
        )
        self.egress_events = EgressEvents(clock, events)
        attendance = Attendance(clock, livekit, events)
        self.inbox = Inbox(db, clock, livekit, self.egress_events, attendance)
        self.catch_up = CatchUp(
            db,
            clock,
            livekit,
            watch,
            self.egress_events,
            KeptInSpool(settings.spool_path),
            abandoned_after_s=2 * settings.rooms.start_timeout_s,
        )
        facts = MediaFacts(ports.media, stores)
        self.finalize = Finalize(
            db, clock, stores, events, ReadyJobs(clock, kinds_after_ready(settings)), facts
        )
        library = LibraryServices(
            settings,
            db,
            clock,
            LibraryPeers(
                livekit, watch, stores, events, self.rooms, self.recording_query, self.finalize, facts
            ),
        )
        self.catalog, self.recording_sync = library.catalog, library.sync
        self.recording_archive, self.recording_recover = library.archive, library.recover
        self.recording_retry, self.recording_delete = library.retry, library.delete
        self.recording_purge, self.library_jobs = library.purge, library.jobs
        self.reconciler = reconciler(
            settings,
            db,
            clock,
            livekit,
            ports.fleet,
            ReconcilePeers(
                self.catch_up,
                watch,
                self.egress_events,
                stores,
                attendance,
                self.recording_retry,
                self.recording_sync,
            ),
        )
        made = ClipServices(
            settings, db, clock, ports.media, stores, events, self.quotas, self.recording_query, link_log
        )
        self.clip_create, self.clip_query, self.clip_delete = made.create, made.query, made.delete
        self.recording_previews, self.late_jobs = made.previews, made.late_jobs
        moderation = ModerationServices(
            settings,
            db,
            clock,
            events,
            ports.moderator,
            Sight(ports.media, made.source, ports.room_view),
            held.close,
        )
        self.moderation_findings, self.live_moderation = moderation.findings, moderation.live
        self.media_jobs, self.clip_workers = {**made.jobs, **moderation.jobs}, settings.clips.workers
        told = EventServices(settings.webhooks, db, clock, ports.sender, ports.sealer, events)
        self.webhooks, self.webhook_deliveries, self.outbox = told.webhooks, told.deliveries, told.outbox
        self.event_feed, self.event_purge = told.feed, told.purge
        self.backlogs, self.clock_watch = told.backlogs, told.clock_watch
        shown = DashboardServices(settings, db, clock, self.quotas, stores)
        self.admin_users, self.sessions, self.pictures = shown.users, shown.sessions, shown.pictures
        self.overview, self.health = shown.overview, shown.health
        self.recording_search, self.shared_bucket_check = shown.search, shown.shared_bucket


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
    return Preflight(probes, disks, has_room=FleetRoom(ports.fleet).check)


def _neighbours(settings: Settings, ports: Ports) -> Neighbours:
    storage = settings.storage
    return Neighbours(
        ports.opener,
        shared_endpoints=storage.urls,
        shared_buckets=(storage.bucket, storage.cold_bucket),
    )
