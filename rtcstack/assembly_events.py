"""The part of the assembly that tells customers: endpoints, deliveries, the events to be pulled."""

import random

from rtcstack.clock import Clock
from rtcstack.ports.database import Database
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.sender import WebhookSender
from rtcstack.services.backlogs import Backlogs
from rtcstack.services.clock_watch import ClockWatch
from rtcstack.services.courier import Courier
from rtcstack.services.delivery_results import DeliveryResults
from rtcstack.services.event_feed import EventFeed
from rtcstack.services.event_purge import EventPurge
from rtcstack.services.events import Events
from rtcstack.services.outbox import Outbox, lease_ms
from rtcstack.services.webhook_deliveries import WebhookDeliveries
from rtcstack.services.webhooks import Webhooks
from rtcstack.settings.tree import Webhooks as WebhookSettings


class EventServices:
    def __init__(
        self,
        settings: WebhookSettings,
        db: Database,
        clock: Clock,
        sender: WebhookSender,
        sealer: Sealer,
        events: Events,
    ) -> None:
        rng = random.Random()  # noqa: S311  # jitter
        courier = Courier(clock, sender, sealer)
        results = DeliveryResults(db, clock, events, rng)
        self.webhooks = Webhooks(db, clock, sender, sealer, max_endpoints=settings.max_endpoints)
        self.outbox = Outbox(db, clock, courier, results, rng, timeout_s=settings.timeout_s)
        self.deliveries = WebhookDeliveries(db, clock, events, courier, results)
        self.feed = EventFeed(db)
        self.backlogs = Backlogs(db, clock)
        self.clock_watch = ClockWatch(db, clock, delivery_lease_ms=lease_ms(settings.timeout_s))
        self.purge = EventPurge(
            db,
            clock,
            retention_days=settings.retention_days,
            inbox_retention_days=settings.inbox_retention_days,
        )
