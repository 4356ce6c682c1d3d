"""Asking the worker that runs an egress to pause it."""

from typing import Final

from rtcstack.adapters.psrpc.client import TIMEOUT_S, Client
from rtcstack.adapters.psrpc.messages import SetPausedRequest, SetPausedResponse
from rtcstack.errors import PartUnavailable
from rtcstack.ports.fleet import Heard

METHOD: Final = "SetPaused"


class Pausing:
    """`client` is of our own service, and stays its owner's."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def set_paused(self, egress_id: str, *, is_paused: bool) -> Heard:
        """Raises `PartUnavailable` when Redis, or the worker that listens, does not answer."""
        request = SetPausedRequest(egress_id=egress_id, is_paused=is_paused)
        answers = await self._client.request_multi(
            METHOD, request, SetPausedResponse, topic=egress_id, window_s=TIMEOUT_S
        )
        if not answers.asked:
            return Heard.BY_NOBODY
        if not answers.given:
            raise PartUnavailable("The Egress worker does not answer.", part="egress")
        return Heard.TAKEN if any(answer.is_taken for answer in answers.given) else Heard.REFUSED
