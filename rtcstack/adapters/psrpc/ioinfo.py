"""LiveKit's store of egresses, as its workers write it: the `IOInfo` service (`pkg/service/ioservice.go`)."""

from google.protobuf.empty_pb2 import Empty
from livekit.protocol.egress import EgressInfo, ListEgressRequest, ListEgressResponse

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.client import Client
from rtcstack.adapters.psrpc.messages import GetEgressRequest
from rtcstack.errors import PartRefused


class IOInfoClient:
    """Every call raises PartUnavailable when LiveKit does not answer and PartRefused when it refuses."""

    def __init__(self, bus: Bus) -> None:
        self._client = Client(bus, "IOInfo", part="livekit")

    async def start(self) -> None:
        await self._client.start()

    async def close(self) -> None:
        await self._client.close()

    async def create_egress(self, info: EgressInfo) -> None:
        """Store a new egress, which fires egress_started; without effect for an id that is there already."""
        await self._client.request("CreateEgress", info, Empty)

    async def update_egress(self, info: EgressInfo) -> None:
        """Overwrite an egress as it stands: ACTIVE and ENDING fire egress_updated, a final status egress_ended."""
        await self._client.request("UpdateEgress", info, Empty)

    async def get_egress(self, egress_id: str) -> EgressInfo:
        return await self._client.request("GetEgress", GetEgressRequest(egress_id=egress_id), EgressInfo)

    async def find_egress(self, egress_id: str) -> EgressInfo | None:
        """Return None when LiveKit does not know the id, as after its Redis was emptied."""
        try:
            return await self.get_egress(egress_id)
        except PartRefused as e:
            if e.details.get("psrpc_code") == "not_found":
                return None
            raise

    async def list_egress(self, *, room_name: str = "", active: bool = False) -> list[EgressInfo]:
        request = ListEgressRequest(room_name=room_name, active=active)
        response = await self._client.request("ListEgress", request, ListEgressResponse)
        return list(response.items)
