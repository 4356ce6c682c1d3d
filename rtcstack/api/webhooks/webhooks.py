"""Where a customer wants to be told: endpoints that get signed events (Standard Webhooks)."""

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from rtcstack.api.errors import documented
from rtcstack.api.webhooks.schemas import CreatedWebhookBody, CreateWebhookRequest, WebhookBody
from rtcstack.domain.api_key import Principal
from rtcstack.services.webhooks import Webhooks


class WebhookController(Controller):
    path = "/v1/webhooks"
    tags = ("Webhooks",)

    @post(
        "/",
        status_code=201,
        summary="Register a webhook endpoint",
        description="`events` names what it wants to hear of, none means all. The secret is shown this once.",
        responses=documented(409, 507),
    )
    async def create(
        self,
        data: JSONBody[CreateWebhookRequest],
        principal: NamedDependency[Principal],
        webhooks: NamedDependency[Webhooks],
    ) -> CreatedWebhookBody:
        endpoint, secret = await webhooks.create(principal.tenant_id, data.url, data.events)
        return CreatedWebhookBody(endpoint.id, endpoint.url, list(endpoint.events), secret)

    @get("/", summary="List the webhook endpoints", responses=documented())
    async def list_all(
        self, principal: NamedDependency[Principal], webhooks: NamedDependency[Webhooks]
    ) -> list[WebhookBody]:
        return [WebhookBody.from_domain(e) for e in await webhooks.list(principal.tenant_id)]

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
