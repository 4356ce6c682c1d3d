import msgspec

from rtcstack.domain.webhook import Endpoint


class CreateWebhookRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    url: str
    events: list[str] = []


class WebhookBody(msgspec.Struct, frozen=True):
    id: str
    url: str
    events: list[str]

    @classmethod
    def from_domain(cls, endpoint: Endpoint) -> "WebhookBody":
        return cls(endpoint.id, endpoint.url, list(endpoint.events))


class CreatedWebhookBody(msgspec.Struct, frozen=True):
    id: str
    url: str
    events: list[str]
    secret: str
