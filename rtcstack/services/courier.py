"""One try of one delivery: signed with every secret that counts, sent once."""

from dataclasses import dataclass

from rtcstack import log
from rtcstack.clock import Clock
from rtcstack.domain.delivery import Attempt
from rtcstack.domain.sealing import place
from rtcstack.domain.webhook import Endpoint, request_headers, sign
from rtcstack.errors import Internal, Upstream
from rtcstack.ports.sealer import Sealer
from rtcstack.ports.sender import WebhookSender
from rtcstack.repositories.deliveries import Delivery

_log = log.get(__name__)


@dataclass(frozen=True)
class Sent:
    """A try, when it was made and under which signature; `is_ours`: the endpoint is not to blame for its failure."""

    attempt: Attempt
    at_ms: int
    signature: str = ""
    is_ours: bool = False


class Courier:
    def __init__(self, clock: Clock, sender: WebhookSender, sealer: Sealer) -> None:
        self._clock, self._sender, self._sealer = clock, sender, sealer

    async def send(self, endpoint: Endpoint, delivery: Delivery) -> Sent | None:
        """Return what came of it; None if it could not be signed just now, which is no try at all."""
        now_ms = self._clock.now_ms()
        body = delivery.body.encode()
        try:
            signature = await self._sign(endpoint, delivery.outbox_id, now_ms, body)
        except Internal as e:
            _log.error("a webhook cannot be signed", endpoint_id=endpoint.id, error=e.message)
            failed = Attempt(None, "", "the endpoint's signing secret cannot be opened here", 0)
            return Sent(failed, now_ms, is_ours=True)
        except Upstream as e:
            _log.warning("a webhook cannot be signed now", endpoint_id=endpoint.id, error=e.message)
            return None
        headers = request_headers(delivery.outbox_id, now_ms // 1000, signature)
        return Sent(await self._sender.post(endpoint.url, body, headers), now_ms, signature)

    async def _sign(self, endpoint: Endpoint, message_id: str, now_ms: int, body: bytes) -> str:
        signatures = []
        for column, sealed in endpoint.sealed_secrets(now_ms):
            secret = await self._sealer.open(endpoint.tenant_id, sealed, seal_context(endpoint.id, column))
            signatures.append(sign(secret, message_id, now_ms // 1000, body))
        return " ".join(signatures)


def seal_context(endpoint_id: str, column: str = "secret") -> str:
    return place("webhook_endpoints", column, endpoint_id)
