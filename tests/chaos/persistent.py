"""A caller who tries again while the appliance cannot be reached or says that a part is down, as the API asks of callers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from rtcstack.demo.participant import Participant, ParticipantError
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

    @asynccontextmanager
    async def visitor(self, room: str) -> AsyncIterator[Participant]:
        """Have somebody in the room with a camera while the block runs: tried until LiveKit lets them in."""
        people: list[Participant] = []

        async def has_come() -> bool:
            answer = await self._call("POST", f"/v1/rooms/{room}/tokens", {"identity": "visitor"})
            token = answer.raise_for_status().json()
            with suppress(ParticipantError):
                people.append(await Participant(token["url"], token["token"], 0).__aenter__())
            return bool(people)

        await until(has_come, f"somebody comes into {room}")
        try:
            yield people[0]
        finally:
            with suppress(ParticipantError):  # LiveKit may just be starting anew
                await people[0].leave()

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
