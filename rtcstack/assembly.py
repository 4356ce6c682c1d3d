"""Ports → services → workers. It knows no adapter: tests assemble the same with fakes."""

from dataclasses import dataclass

from rtcstack.assembly_clips import ClipServices, kinds_after_ready
from rtcstack.assembly_dashboard import DashboardServices
from rtcstack.assembly_events import EventServices
from rtcstack.assembly_join import invites
from rtcstack.assembly_library import LibraryPeers, LibraryServices
from rtcstack.assembly_metrics import measures
from rtcstack.assembly_moderation import ModerationServices, Sight
from rtcstack.assembly_reconcile import ReconcilePeers, reconciler
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
from rtcstack.services.egress_begin import EgressBegin
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.egress_watch import EgressWatch
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.hall_recording import HallRecording
from rtcstack.services.halls import HallRules, Halls
from rtcstack.services.idempotency import Idempotency
from rtcstack.services.inbox import Inbox
from rtcstack.services.media_facts import MediaFacts
from rtcstack.services.preflight import Disks, Preflight
from rtcstack.services.quotas import Quotas
from rtcstack.services.ready_jobs import ReadyJobs
from rtcstack.services.recording_layout import RecordingLayout
from rtcstack.services.recording_pause import RecordingPause
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_queue import RecordingQueue
from rtcstack.services.recording_reserve import RecordingReserve
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.room_close import RoomClose
from rtcstack.services.rooms import Rooms
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
        timeout_s = settings.rooms.start_timeout_s
        events, link_log = Events(clock), LinkLog(db, clock)
        self.audit_log = AuditLog(db, clock, retention_days=settings.audit.retention_days)
        self.quotas, self.access = Quotas(plans), Access(db, clock, plans)
        self.idempotency, self.preflight = (
            Idempotency(db, clock, ports.sealer),
            preflight := _preflight(settings, ports),
        )
        self.capacity, self.measures = (
            Capacity(db, FleetRoom(ports.fleet), preflight, self.quotas),
            measures(settings, db, clock, ports.fleet, preflight),
        )
        self.stores = stores = Stores(
            db,
            ports.sealer,
            ports.opener,
            ports.storage,
            shared_provider=settings.storage.provider_name,
        )
        self.storage_settings = StorageSettings(
            db, clock, ports.sealer, ports.opener, stores, _neighbours(settings, ports)
        )
        self.worker_keys = WorkerKeys(db, stores, ports.worker_calls)
        places = Places(shared_bucket=settings.storage.bucket, require_own=settings.storage.require_own)
        watch = EgressWatch(clock, ports.fleet)
        waits = {"timeout_s": timeout_s, "first_frame_s": settings.rooms.first_frame_timeout_s}
        self.recording_stop = RecordingStop(db, clock, livekit, events, watch, **waits)
        self.recording_layout, self.recording_pause = (
            RecordingLayout(db, livekit, **waits),
            RecordingPause(db, clock, ports.fleet, watch, **waits),
        )
        room_close = RoomClose(db, clock, livekit, events, self.recording_stop)
        self.rooms = Rooms(db, clock, livekit, room_close, self.quotas)
        self.invites = invites(settings, db, clock, livekit, self.rooms)
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
            watch,
            clock,
            timeout_s=timeout_s,
            sends_keys=settings.egress.send_keys,
        )
        self.recording_start = RecordingStart(db, clock, self.rooms, reserve, begin, self.preflight)
        self.recording_query = RecordingQuery(
            db, stores, self.preflight, link_log, presign_ttl_s=settings.storage.presign_ttl_s
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
        self.halls = Halls(
            db,
            clock,
            livekit,
            events,
            self.quotas,
            self.recording_queue,
            room_close,
            HallRules(places=places, has_moderation=settings.moderation.is_on),
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
            abandoned_after_s=2 * timeout_s,
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
            room_close,
        )
        self.moderation_findings, self.live_moderation = moderation.findings, moderation.live
        self.media_jobs, self.clip_workers = {**made.jobs, **moderation.jobs}, settings.clips.workers
        told = EventServices(settings.webhooks, db, clock, ports.sender, ports.sealer, events)
        self.webhooks, self.webhook_deliveries, self.outbox = told.webhooks, told.deliveries, told.outbox
        self.event_feed, self.event_purge = told.feed, told.purge
        shown = DashboardServices(settings, db, clock, self.quotas, stores)
        self.admin_users, self.sessions = shown.users, shown.sessions
        self.overview, self.recording_search = shown.overview, shown.search


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
