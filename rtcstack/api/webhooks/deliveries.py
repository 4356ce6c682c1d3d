"""What became of deliveries, test events, sending again, and the events themselves for whoever would rather ask."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from rtcstack.api.errors import documented
from rtcstack.api.strict import whole_numbers
from rtcstack.api.webhooks.schemas import (
    DeliveriesBody,
    DeliveryBody,
    EventBody,
    EventsBody,
    ReplayedBody,
    ReplayRequest,
)
from rtcstack.domain.api_key import Principal
from rtcstack.domain.delivery import DeliveryState
from rtcstack.services.event_feed import EventFeed
from rtcstack.services.webhook_deliveries import WebhookDeliveries

_DEFAULT_LIMIT = 20
_LIMIT = QueryParameter(ge=1, description="How many at most; above 100 it is 100.")
_CURSOR = QueryParameter(description="`next_cursor` of the page before.")
_STATUS = QueryParameter(description="Only those that have it now.")
_AFTER = QueryParameter(
    description="The id of the last event that you have; `next_after` of the answer before."
)
_TYPES = QueryParameter(description="Only events of these names; repeat the parameter for several.")


class DeliveryController(Controller):
    path = "/v1/webhooks/{webhook_id:str}"
    tags = ("Webhooks",)

    @get(
        "/deliveries",
        summary="List what was sent to an endpoint, and what came of it",
        description="Newest event first. `response` is the first 2 KiB of the last answer.",
        responses=documented(404),
        before_request=whole_numbers("limit"),
    )
    async def list_page(
        self,
        webhook_id: FromPath[str],
        principal: NamedDependency[Principal],
        webhook_deliveries: NamedDependency[WebhookDeliveries],
        limit: Annotated[int, _LIMIT] = _DEFAULT_LIMIT,
        cursor: Annotated[str | None, _CURSOR] = None,
        status: Annotated[DeliveryState | None, _STATUS] = None,
    ) -> DeliveriesBody:
        page = await webhook_deliveries.page(
            principal.tenant_id, webhook_id, state=status, cursor=cursor, limit=limit
        )
        return DeliveriesBody([DeliveryBody.from_domain(row) for row in page.deliveries], page.cursor)

    @post(
        "/test",
        status_code=200,
        summary="Send a test event to an endpoint",
        description="A `webhook.test`, sent now and once, whatever the endpoint subscribes to. The answer says what came of it. "
        "While five tests of an endpoint wait for its answer, a sixth is 429.",
        responses=documented(404),
    )
    async def send_test(
        self,
        webhook_id: FromPath[str],
        principal: NamedDependency[Principal],
        webhook_deliveries: NamedDependency[WebhookDeliveries],
    ) -> DeliveryBody:
        return DeliveryBody.from_domain(await webhook_deliveries.test(principal.tenant_id, webhook_id))

    @post(
        "/replay",
        status_code=202,
        summary="Send events again",
        description="One by `event_id`, or a range: from `since` or after the event `after`, to `until` or now. Of a range "
        "only what was not delivered goes, unless `include_delivered` is true. A call looks at 10,000 events; if there are "
        "more, `next_after` is the `after` to go on with. Ids stay the same.",
        responses=documented(404, 409),
    )
    async def replay(
        self,
        webhook_id: FromPath[str],
        data: JSONBody[ReplayRequest],
        principal: NamedDependency[Principal],
        webhook_deliveries: NamedDependency[WebhookDeliveries],
    ) -> ReplayedBody:
        which, whose = data.to_range(), (principal.tenant_id, webhook_id)
        if data.event_id is not None:
            done = await webhook_deliveries.replay_one(*whose, data.event_id)
        else:
            done = await webhook_deliveries.replay(*whose, which)
        return ReplayedBody(done.queued, done.after)


@get(
    "/v1/events",
    tags=("Webhooks",),
    summary="List events in the order in which they happened",
    description="Oldest first, from the oldest that is kept. Go on with `after`, however long it takes: no event is left out. "
    "`body` is what webhook endpoints get.",
    responses=documented(),
    before_request=whole_numbers("limit"),
)
async def list_events(
    principal: NamedDependency[Principal],
    event_feed: NamedDependency[EventFeed],
    after: Annotated[str | None, _AFTER] = None,
    limit: Annotated[int, _LIMIT] = _DEFAULT_LIMIT,
    types: Annotated[list[str] | None, _TYPES] = None,
) -> EventsBody:
    page = await event_feed.page(principal.tenant_id, after=after, kinds=types or (), limit=limit)
    return EventsBody([EventBody.from_domain(event) for event in page.events], page.after, page.has_more)
