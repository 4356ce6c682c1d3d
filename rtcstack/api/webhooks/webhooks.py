"""Where a customer wants to be told: endpoints that get signed events (Standard Webhooks)."""

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from rtcstack.api.errors import documented
from rtcstack.api.webhooks.schemas import (
    ChangeWebhookRequest,
    CreatedWebhookBody,
    CreateWebhookRequest,
    RotatedWebhookBody,
    WebhookBody,
)
from rtcstack.domain.api_key import Principal
from rtcstack.services.webhooks import Webhooks


class WebhookController(Controller):
    path = "/v1/webhooks"
    tags = ("Webhooks",)

    @post(
        "/",
        status_code=201,
        summary="Register a webhook endpoint",
        description="`events` and `room_ids` name what it wants to hear of, none means all. The secret is shown this once.",
        responses=documented(409, 507),
    )
    async def create(
        self,
        data: JSONBody[CreateWebhookRequest],
        principal: NamedDependency[Principal],
        webhooks: NamedDependency[Webhooks],
    ) -> CreatedWebhookBody:
        made = await webhooks.create(principal.tenant_id, data.url, data.events, data.room_ids)
        return CreatedWebhookBody.from_domain(*made)

    @get("/", summary="List the webhook endpoints", responses=documented())
    async def list_all(
        self, principal: NamedDependency[Principal], webhooks: NamedDependency[Webhooks]
    ) -> list[WebhookBody]:
        return [WebhookBody.from_domain(e) for e in await webhooks.list(principal.tenant_id)]

    @get("/{webhook_id:str}", summary="Get a webhook endpoint", responses=documented(404))
    async def get_one(
        self,
        webhook_id: FromPath[str],
        principal: NamedDependency[Principal],
        webhooks: NamedDependency[Webhooks],
    ) -> WebhookBody:
        return WebhookBody.from_domain(await webhooks.get(principal.tenant_id, webhook_id))

    @patch(
        "/{webhook_id:str}",
        status_code=200,
        summary="Change, pause or resume a webhook endpoint",
        description="What is left out stays as it is. While it is paused events wait; `paused: false` lets them go, and "
        "enables an endpoint that was disabled.",
        responses=documented(404),
    )
    async def change(
        self,
        webhook_id: FromPath[str],
        data: JSONBody[ChangeWebhookRequest],
        principal: NamedDependency[Principal],
        webhooks: NamedDependency[Webhooks],
    ) -> WebhookBody:
        changed = await webhooks.change(principal.tenant_id, webhook_id, data.to_domain())
        return WebhookBody.from_domain(changed)

    @delete(
        "/{webhook_id:str}", status_code=204, summary="Delete a webhook endpoint", responses=documented(404)
    )
    async def delete_one(
        self,
        webhook_id: FromPath[str],
        principal: NamedDependency[Principal],
        webhooks: NamedDependency[Webhooks],
    ) -> None:
        await webhooks.delete(principal.tenant_id, webhook_id)

    @post(
        "/{webhook_id:str}/rotate",
        status_code=200,
        summary="Give a webhook endpoint a new secret",
        description="The new secret is shown this once. For 24 hours deliveries carry two signatures, one of each secret.",
        responses=documented(404, 409),
    )
    async def rotate(
        self,
        webhook_id: FromPath[str],
        principal: NamedDependency[Principal],
        webhooks: NamedDependency[Webhooks],
    ) -> RotatedWebhookBody:
        return RotatedWebhookBody.from_domain(*await webhooks.rotate(principal.tenant_id, webhook_id))
