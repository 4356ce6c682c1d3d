"""What `/metrics` reads."""

from rtcstack.clock import Clock
from rtcstack.ports.database import Database
from rtcstack.ports.fleet import Fleet
from rtcstack.services.events_counted import EventsCounted
from rtcstack.services.measures import Measures, WritesTo
from rtcstack.services.preflight import Preflight
from rtcstack.settings import Settings


def measures(settings: Settings, db: Database, clock: Clock, fleet: Fleet, preflight: Preflight) -> Measures:
    writes_to = WritesTo({"data": settings.data, "spool": settings.spool_path}, settings.database_path)
    return Measures(db, clock, fleet, preflight, writes_to, EventsCounted(db))
