"""Ports → services → workers. It knows no adapter: tests assemble the same with fakes."""

import random
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.domain.job import JobKind
from rtcstack.domain.plan import Plans
from rtcstack.egress.job import RESERVE_BYTES
from rtcstack.ports.database import Database
from rtcstack.ports.fleet import Fleet
from rtcstack.ports.livekit import LiveKit
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.sender import WebhookSender
from rtcstack.ports.storage import Storage
from rtcstack.services.access import Access
from rtcstack.services.attendance import Attendance
from rtcstack.services.catch_up import CatchUp
from rtcstack.services.egress_begin import EgressBegin
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.events import Events
from rtcstack.services.finalize import Finalize
from rtcstack.services.hall_recording import HallRecording
from rtcstack.services.halls import HallRules, Halls
from rtcstack.services.idempotency import Idempotency
from rtcstack.services.inbox import Inbox
from rtcstack.services.library.archive import RecordingArchive
from rtcstack.services.library.catalog import Catalog
from rtcstack.services.library.delete import RecordingDelete
from rtcstack.services.library.jobs import JobLoop, Work
from rtcstack.services.library.recover import RecordingRecover, RecoverWork
from rtcstack.services.library.retry import RecordingRetry
from rtcstack.services.library.sync import RecordingSync
from rtcstack.services.library.transfer import MoveBack, MoveToArchive
from rtcstack.services.outbox import Outbox
from rtcstack.services.preflight import Preflight
from rtcstack.services.quotas import Quotas
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_queue import RecordingQueue
from rtcstack.services.recording_reserve import RecordingReserve
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.room_close import RoomClose
from rtcstack.services.rooms import Rooms
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


class Services:
    """Every service of one process, built once; the surfaces get them by their attributes' names."""

    def __init__(self, settings: Settings, ports: Ports, plans: Plans) -> None:
        db, clock, livekit, storage = ports.db, ports.clock, ports.livekit, ports.storage
        timeout_s = settings.rooms.start_timeout_s
        events = Events(clock)
        self.quotas = Quotas(plans)
        self.access = Access(db, clock, plans)
        self.idempotency = Idempotency(db, clock, ports.sealer)
        self.preflight = _preflight(settings, ports)
        self.recording_stop = RecordingStop(db, clock, livekit, events, timeout_s=timeout_s)
        room_close = RoomClose(db, clock, livekit, events, self.recording_stop)
        self.rooms = Rooms(db, clock, livekit, room_close)
        reserve = RecordingReserve(db, clock, self.quotas, bucket=settings.storage.bucket)
        begin = EgressBegin(db, livekit, self.preflight, timeout_s=timeout_s)
        self.recording_start = RecordingStart(db, clock, self.rooms, reserve, begin, timeout_s=timeout_s)
        self.recording_query = RecordingQuery(db, storage, presign_ttl_s=settings.storage.presign_ttl_s)
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
        rules = HallRules(has_storage=not settings.storage.require_own, has_moderation=False)
        self.halls = Halls(db, clock, livekit, events, self.quotas, self.recording_queue, room_close, rules)
        self.webhooks = Webhooks(
            db, clock, ports.sender, ports.sealer, max_endpoints=settings.webhooks.max_endpoints
        )
        self.egress_events = EgressEvents(clock, events)
        self.inbox = Inbox(db, clock, livekit, self.egress_events, Attendance(clock, livekit, events))
        self.catch_up = CatchUp(db, clock, livekit, self.egress_events, abandoned_after_s=2 * timeout_s)
        self.finalize = Finalize(db, clock, storage, events)
        self.catalog = Catalog(db, self.recording_query, provider=settings.storage.provider_name)
        self.recording_archive = RecordingArchive(
            db, clock, storage, self.recording_query, cold_bucket=settings.storage.cold_bucket
        )
        self.recording_recover = RecordingRecover(db, clock, self.recording_query)
        self.recording_retry = RecordingRetry(db, clock, storage, self.recording_query)
        self.recording_delete = RecordingDelete(db, clock, self.recording_query)
        self.recording_sync = RecordingSync(db, clock, livekit, storage, self.rooms, events, self.finalize)
        self.library_jobs = _library_jobs(settings, ports, events, self.finalize)
        self.outbox = Outbox(db, clock, ports.sender, ports.sealer, random.Random())  # noqa: S311  # jitter


def _library_jobs(
    settings: Settings, ports: Ports, events: Events, finalize: Finalize
) -> dict[JobKind, JobLoop]:
    db, clock, storage = ports.db, ports.clock, ports.storage
    works: dict[JobKind, Work] = {
        JobKind.ARCHIVE: MoveToArchive(db, clock, storage, storage_class=settings.storage.archive_class),
        JobKind.RESTORE: MoveBack(db, clock, storage),
        JobKind.RECOVER: RecoverWork(db, clock, ports.livekit, storage, events, finalize),
    }
    return {kind: JobLoop(db, clock, kind, work) for kind, work in works.items()}


def _preflight(settings: Settings, ports: Ports) -> Preflight:
    probes = {
        "redis": ports.fleet.ping_bus,
        "minio": ports.storage.ping,
        "livekit": ports.livekit.ping,
        "egress": ports.fleet.ping_workers,
    }
    return Preflight(probes, settings.spool_path, max(settings.egress.min_free_bytes, RESERVE_BYTES))
