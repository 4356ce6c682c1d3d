"""A caller who tries again while the appliance cannot be reached or says that a part is down, as the API asks of callers."""

from typing import Any

import httpx

from tests.chaos.waiting import until
from tests.e2e.conftest import Caller


class Persistent:
    def __init__(self, caller: Caller) -> None:
        self._http = caller.http

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Return the first answer that is no 5xx."""
        answers: list[httpx.Response] = []

        async def is_answered() -> bool:
            try:
                answers.append(await self._http.request(method, path, json=body))
            except httpx.TransportError:
                return False
            return answers[-1].status_code < 500

        await until(is_answered, f"{method} {path} is answered; last {[a.text for a in answers[-1:]]}")
        return answers[-1]

    async def get(self, path: str) -> Any:
        return (await self._call("GET", path)).raise_for_status().json()

    async def room(self, room: str) -> None:
        answer = await self._call("POST", "/v1/rooms", {"roomId": room})
        assert answer.status_code in {201, 409}, (
            answer.text
        )  # a first try may have been cut off after the deed

    async def start(self, room: str) -> str:
        """Return the egress id."""
        answer = await self._call("POST", f"/v1/rooms/{room}/recording/start", {})
        return str(answer.raise_for_status().json()["egressId"])

    async def until_begun(self, room: str) -> None:
        """Return once it records, or has ended already."""

        async def has_begun() -> bool:
            return (await self.recordings(room))[0]["status"] != "starting"

        await until(has_begun, f"the recording of {room} begins")

    async def stop(self, room: str) -> None:
        """Stop it; that nothing is active any more is as good."""
        answer = await self._call("POST", f"/v1/rooms/{room}/recording/stop")
        assert answer.status_code in {200, 404}, answer.text

    async def recordings(self, room: str) -> list[dict[str, Any]]:
        return list(await self.get(f"/v1/rooms/{room}/recordings"))
