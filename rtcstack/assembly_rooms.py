"""Rooms and halls, and their recordings from the start to the last word of their egress."""

from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.ports.database import Database
from rtcstack.ports.fleet import Fleet
from rtcstack.ports.livekit import LiveKit
from rtcstack.services.audit import LinkLog
from rtcstack.services.egress_begin import EgressBegin
from rtcstack.services.egress_watch import EgressWatch
from rtcstack.services.events import Events
from rtcstack.services.hall_recording import HallRecording
from rtcstack.services.halls import HallRules, Halls
from rtcstack.services.preflight import Preflight
from rtcstack.services.quotas import Quotas
from rtcstack.services.recording_layout import RecordingLayout
from rtcstack.services.recording_pause import RecordingPause
from rtcstack.services.recording_query import RecordingQuery
from rtcstack.services.recording_queue import RecordingQueue
from rtcstack.services.recording_reserve import RecordingReserve
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.room_close import RoomClose
from rtcstack.services.rooms import Rooms
from rtcstack.services.storage.place import Places
from rtcstack.services.storage.stores import Stores
from rtcstack.settings import Settings


@dataclass(frozen=True, slots=True)
class RoomPeers:
    """What they need of the others."""

    livekit: LiveKit
    fleet: Fleet
    watch: EgressWatch
    stores: Stores
    places: Places
    events: Events
    quotas: Quotas
    preflight: Preflight
    link_log: LinkLog


class RoomServices:
    def __init__(self, settings: Settings, db: Database, clock: Clock, peers: RoomPeers) -> None:
        livekit, events, quotas = peers.livekit, peers.events, peers.quotas
        timeout_s = settings.rooms.start_timeout_s
        waits = {"timeout_s": timeout_s, "first_frame_s": settings.rooms.first_frame_timeout_s}
        self.stop = RecordingStop(db, clock, livekit, events, peers.watch, **waits)
        self.layout = RecordingLayout(db, clock, livekit, **waits)
        self.pause = RecordingPause(db, clock, livekit, peers.fleet, peers.watch, **waits)
        self.close = RoomClose(db, clock, livekit, events, self.stop)
        self.rooms = Rooms(db, clock, livekit, self.close, quotas)
        begin = EgressBegin(
            db,
            livekit,
            peers.preflight,
            peers.stores,
            peers.watch,
            clock,
            timeout_s=timeout_s,
            sends_keys=settings.egress.send_keys,
        )
        reserve = RecordingReserve(db, clock, quotas, peers.places)
        self.start = RecordingStart(db, clock, self.rooms, reserve, begin, peers.preflight)
        self.query = RecordingQuery(
            db, peers.stores, peers.preflight, peers.link_log, presign_ttl_s=settings.storage.presign_ttl_s
        )
        self.queue = RecordingQueue(db, clock, reserve, begin, self.stop, lease_s=2 * timeout_s)
        self.of_halls = HallRecording(
            db,
            clock,
            self.queue,
            self.stop,
            self.close,
            empty_grace_s=settings.rooms.empty_grace_s,
            never_joined_s=settings.rooms.never_joined_s,
        )
        rules = HallRules(places=peers.places, has_moderation=settings.moderation.is_on)
        self.halls = Halls(db, clock, livekit, events, quotas, self.queue, self.close, rules)
