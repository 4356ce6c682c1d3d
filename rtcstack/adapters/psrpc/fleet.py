"""All Egress workers on one Redis, ours and stock ones, asked at once."""

from typing import Any

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.client import Answers, Client
from rtcstack.adapters.psrpc.messages import ListActiveEgressRequest, ListActiveEgressResponse
from rtcstack.ports.fleet import Running

WINDOW_S = 1.0


class EgressFleet:
    """For the API's readiness and the reconciler; the bus stays its owner's."""

    def __init__(self, bus: Bus) -> None:
        self._client = Client(bus, "EgressInternal", part="egress")

    async def start(self) -> None:
        await self._client.start()

    async def close(self) -> None:
        await self._client.close()

    async def active_egress_ids(self, window_s: float = WINDOW_S) -> list[frozenset[str]]:
        """Return, for each worker that answers within `window_s`, the ids of the egresses it runs.

        An empty list says that no worker is there; an empty set is an idle worker.

        Raises:
            PartUnavailable: when Redis does not answer.
        """
        return [frozenset(answer.egress_ids) for answer in (await self._ask(window_s)).given]

    async def running_egresses(self, window_s: float = WINDOW_S) -> Running:
        """Return what all workers together run that answer within `window_s`. It is complete if everybody has who is
        connected: a hung worker is not a dead one, and what it runs is not known.

        Raises:
            PartUnavailable: when Redis does not answer.
        """
        answers = await self._ask(window_s)
        ids = frozenset(egress_id for answer in answers.given for egress_id in answer.egress_ids)
        return Running(ids, is_complete=answers.is_complete)

    async def _ask(self, window_s: float) -> Answers[Any]:
        return await self._client.request_multi(
            "ListActiveEgress", ListActiveEgressRequest(), ListActiveEgressResponse, window_s=window_s
        )
