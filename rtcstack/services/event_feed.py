"""A tenant's events in their order, for whoever would rather ask than be told."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtcstack.domain.event import Event
from rtcstack.errors import Invalid
from rtcstack.ports.database import Database
from rtcstack.repositories import outbox
from rtcstack.services.webhooks import check_events

MAX_LIMIT = 100


@dataclass(frozen=True)
class FeedPage:
    """`after` is the place to ask from next time: the last event here, or what was asked with if there was none."""

    events: Sequence[Event]
    after: str | None
    has_more: bool


class EventFeed:
    """The order is that of the commits: whoever goes on from `after` misses none, whatever is put meanwhile."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def page(self, tenant_id: str, *, after: str | None, kinds: Sequence[str], limit: int) -> FeedPage:
        """Return at most 100 events, oldest first: those after the event `after`, or from the oldest that is kept.

        Raises:
            Invalid: `invalid_cursor`, there is no such event (any more); `unknown_event`.
        """
        kinds, limit = check_events(kinds, field="types"), min(limit, MAX_LIMIT)
        seq = 0 if after is None else await self._place(tenant_id, after)
        found = await outbox.list_after(self._db, tenant_id, seq, kinds, limit + 1)
        shown = found[:limit]
        return FeedPage(shown, shown[-1].id if shown else after, len(found) > limit)

    async def _place(self, tenant_id: str, event_id: str) -> int:
        event = await outbox.find(self._db, tenant_id, event_id)
        if event is None:
            raise Invalid(
                f"after: there is no event {event_id[:100]}, or it is older than events are kept. Without `after` the answer "
                "begins with the oldest one.",
                code="invalid_cursor",
                field="after",
            )
        return event.seq
