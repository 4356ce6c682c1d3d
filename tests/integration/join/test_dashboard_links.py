"""The room's page of the dashboard hands out links that work."""

import re

from tests.integration.api.conftest import Api, api, api_settings, fresh
from tests.integration.dashboard.conftest import stranger, visitor
from tests.support.dashboard import Visitor

__all__ = ["api", "api_settings", "fresh", "stranger", "visitor"]
_LINK = re.compile(r'id="link-(\w+)" readonly value="([^"]+)"')


async def test_there_is_a_link_for_each_role_until_the_room_is_closed(api: Api, visitor: Visitor) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "room-abc", "name": "Standup"})
    links = dict(_LINK.findall(await visitor.get("/rooms/room-abc")))
    assert set(links) == {"participant", "host", "viewer"}
    for role, link in links.items():
        path = link.removeprefix(api.settings.api.url)
        assert path.startswith("/join/~")
        assert (await visitor.http.get(f"{path}/state")).json()["role"] == role
    await api.http.delete("/v1/rooms/room-abc")
    assert not _LINK.findall(await visitor.get("/rooms/room-abc"))
    assert "was closed" in (await visitor.http.get(path)).text
