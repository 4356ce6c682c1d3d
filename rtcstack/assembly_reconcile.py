"""The part of the assembly that holds the appliance's books against each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.clock import Clock
from rtcstack.egress.kept import KeptInSpool
from rtcstack.ports.database import Database
from rtcstack.ports.fleet import Fleet
from rtcstack.ports.livekit import LiveKit
from rtcstack.services.attendance import Attendance
from rtcstack.services.catch_up import CatchUp
from rtcstack.services.egress_events import EgressEvents
from rtcstack.services.egress_watch import EgressWatch
from rtcstack.services.library.retry import RecordingRetry
from rtcstack.services.library.sync import RecordingSync
from rtcstack.services.reconcile.adopt import Adoption
from rtcstack.services.reconcile.attendance import AttendanceCheck
from rtcstack.services.reconcile.books import BooksCheck
from rtcstack.services.reconcile.bucket import Buckets
from rtcstack.services.reconcile.check import Check
from rtcstack.services.reconcile.reconciler import Reconciler
from rtcstack.services.reconcile.recordings import EndedCheck, RecordingsCheck
from rtcstack.services.reconcile.rows import RowsCheck
from rtcstack.services.reconcile.spool import SpoolCheck
from rtcstack.services.storage.stores import Stores
from rtcstack.settings import Settings


@dataclass(frozen=True)
class ReconcilePeers:
    """The services of other parts whose repairs it calls."""

    catch_up: CatchUp
    watch: EgressWatch
    egress_events: EgressEvents
    stores: Stores
    attendance: Attendance
    retry: RecordingRetry
    sync: RecordingSync


@dataclass(frozen=True)
class _AllChecks:
    lasting: Sequence[Check]
    buckets: Buckets

    async def list(self) -> Sequence[Check]:
        return [*self.lasting, *await self.buckets.list()]


def reconciler(
    settings: Settings, db: Database, clock: Clock, livekit: LiveKit, fleet: Fleet, peers: ReconcilePeers
) -> Reconciler:
    lasting: Sequence[Check] = (
        RecordingsCheck(peers.catch_up),
        EndedCheck(db, clock, peers.stores),
        BooksCheck(db, clock, livekit, fleet, peers.watch, peers.egress_events),
        RowsCheck(db, clock),
        AttendanceCheck(db, clock, livekit, peers.attendance),
        SpoolCheck(db, KeptInSpool(settings.spool_path)),
    )
    adoption = Adoption(db, clock, peers.stores, peers.sync)
    buckets = Buckets(db, clock, peers.stores, peers.retry, adoption)
    return Reconciler(db, clock, _AllChecks(lasting, buckets))
