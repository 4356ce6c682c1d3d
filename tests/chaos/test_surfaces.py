"""Promises 17, 20 and 21: nothing inside is connected to, no input breaks an answer, nobody sees what is another's."""

import asyncio
import io
import itertools
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from livekit.protocol.egress import S3Upload

from rtcstack.adapters.http.guard import AddressRefused
from rtcstack.adapters.http.look_ups import Found, system_look_up
from rtcstack.egress.dispatcher.store import Stores
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order
from rtcstack.settings import Settings
from tests.chaos.counts import Counts
from tests.chaos.livekit_events import Teller, joined, signer
from tests.chaos.waiting import until
from tests.integration.api.conftest import Api, open_api
from tests.integration.api.fuzzing import exercise_all, known_ids
from tests.integration.api.routes import routes_with_ids
from tests.integration.api.test_isolation import Belongings, belongings, looks_unknown
from tests.support.ports import free_port

pytestmark = [pytest.mark.chaos, pytest.mark.alone]
_INSIDE = (
    "127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]",
    "0.0.0.0", "[::]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
)  # fmt: skip
_ORDER = Order("EG_1", "RM_1", "room", "a.mp4", 1, Encoding(), "grid", has_audio=True, has_video=True)


@asynccontextmanager
async def _listener() -> AsyncIterator[tuple[int, list[str]]]:
    """Something inside that nobody should reach: its port, and an entry for each connection."""
    connections: list[str] = []

    async def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(str(writer.get_extra_info("peername")))
        writer.close()

    servers = [await asyncio.start_server(note, "127.0.0.1", 0)]
    port = servers[0].sockets[0].getsockname()[1]
    servers.append(await asyncio.start_server(note, "::1", port))
    try:
        yield port, connections
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()


@pytest.fixture
async def public(api_settings: Settings) -> AsyncIterator[Api]:
    """An API that is open to others: loopback is none of its callers' business then."""
    async with open_api(_open_to_others(api_settings)) as opened:
        yield opened


def _open_to_others(settings: Settings) -> Settings:
    own = settings.api.model_copy(update={"host": "0.0.0.0"})
    return settings.model_copy(update={"api": own})


async def _upload(public: Settings, endpoint: str) -> None:
    """Store something as the Egress worker does with a request that brings a store."""
    brought = S3Upload(
        endpoint=endpoint, bucket="bucket", access_key="k", secret="s" * 20, force_path_style=True
    )
    source = Stores(public).of(_ORDER, brought)
    assert source is not None
    store = await source()
    await asyncio.to_thread(store.client.put_object, "bucket", "key", io.BytesIO(b"x"), 1)


async def test_17_nothing_inside_is_connected_to_through_any_door(public: Api) -> None:
    """Mechanism: the address guard, at the name's addresses and at each socket; there are no other doors.

    Web pages and streams (RTMP) are not offered, and our Egress worker leaves them to others.
    """
    store = {"bucket": "b", "region": "us-east-1", "access_key_id": "k", "secret_access_key": "s" * 20}
    async with _listener() as (port, connections):
        for host in _INSIDE:
            webhook = await public.http.post("/v1/webhooks", json={"url": f"http://{host}:{port}/"})
            assert (webhook.status_code, webhook.json()["error"]["code"]) == (400, "invalid_webhook_url"), (
                host
            )
            asked = {**store, "endpoint": f"http://{host}:{port}"}
            assert (await public.http.put("/v1/settings/storage", json=asked)).status_code == 400, host
            with pytest.raises(AddressRefused):
                await _upload(public.settings, f"http://{host}:{port}")
        assert connections == []


def _lead_to(url: str, settings: Settings) -> None:
    """The API is in this process, and may have to end a transaction first: call it in a thread."""
    with closing(sqlite3.connect(settings.database_path, timeout=30)) as db, db:
        db.execute("UPDATE webhook_endpoints SET url = ?", (url,))


class _Names:
    """A name server: `later.example` leads to a public address at first, and inside once `inside` is set."""

    def __init__(self) -> None:
        self.inside = False
        self.asked: list[bool] = []

    def look_up(self, host: str, family: int) -> Found:
        assert host == "later.example"
        self.asked.append(self.inside)
        return system_look_up("127.0.0.1" if self.inside else "203.0.114.1", family)


async def _is_refused(public: Api, webhook_id: str) -> None:
    """Let something happen that the endpoint is told of; return when that was refused."""
    (await public.http.post("/v1/rooms", json={"roomId": "inside"})).raise_for_status()
    async with Teller(str(public.http.base_url), signer(public.settings)) as teller:
        assert await teller.tell(joined("inside", "ada")) == 200
    path = f"/v1/webhooks/{webhook_id}/deliveries"

    async def is_tried() -> bool:
        return any(each["attempts"] for each in (await public.http.get(path)).json()["data"])

    await until(is_tried, "the delivery is tried")
    assert "does not connect to" in (await public.http.get(path)).text


@pytest.fixture
def names() -> _Names:
    return _Names()


@pytest.fixture
async def public_by_names(api_settings: Settings, names: _Names) -> AsyncIterator[Api]:
    async with open_api(_open_to_others(api_settings), names.look_up) as opened:
        yield opened


async def test_17_a_name_that_leads_inside_later_is_not_connected_to(
    public_by_names: Api, names: _Names
) -> None:
    """Mechanism: what a name leads to is looked at each time it is looked up, on the addresses that are connected to."""
    async with _listener() as (port, connections):
        made = await public_by_names.http.post("/v1/webhooks", json={"url": f"http://later.example:{port}/"})
        made.raise_for_status()
        names.inside = True
        await _is_refused(public_by_names, made.json()["id"])
        assert (names.asked[0], names.asked[-1]) == (False, True), "it was looked up again"
        assert connections == []


async def test_17_an_address_inside_is_not_connected_to_later_whatever_was_checked(public: Api) -> None:
    """Mechanism: each socket's address is looked at before it is connected, whatever was checked before."""
    async with _listener() as (port, connections):
        made = await public.http.post("/v1/webhooks", json={"url": "https://203.0.114.1/"})
        made.raise_for_status()
        await asyncio.to_thread(_lead_to, f"http://127.0.0.1:{port}/", public.settings)
        await _is_refused(public, made.json()["id"])
        assert connections == []


@pytest.fixture
async def dead_ends(api_settings: Settings) -> AsyncIterator[Api]:
    """An API that finds nobody at home: no LiveKit, no Redis, no store."""
    gone = {
        name: getattr(api_settings, name).model_copy(update={"port": free_port()})
        for name in ("livekit", "redis", "storage")
    }
    async with open_api(api_settings.model_copy(update=gone)) as opened:
        yield opened


async def test_20_no_input_breaks_an_answer_while_every_other_part_is_down(
    dead_ends: Api, api_settings: Settings, counts: Counts
) -> None:
    """Mechanism: one status for each error, a part that is down 503; test_schema.py of integration/api does it with the parts."""
    async with open_api(api_settings) as whole:
        ids = await known_ids(whole)
    document = (await dead_ends.http.get("/schema/openapi.json")).raise_for_status().json()
    url, key = str(dead_ends.http.base_url), dead_ends.http.headers["authorization"]
    assert len(await asyncio.to_thread(exercise_all, url, document, ids, key, counts.examples)) > 30


@pytest.fixture
async def whole(api_settings: Settings) -> AsyncIterator[Api]:
    async with open_api(api_settings) as opened:
        yield opened


async def test_21_tenants_that_call_at_once_see_only_their_own(
    whole: Api, counts: Counts, rng: random.Random
) -> None:
    """Mechanism: every query has the tenant of the key; who acts is kept for each call by itself."""
    owners = [await belongings(whole, f"tenant-{n}") for n in range(counts.strangers)]
    routes = await routes_with_ids(whole)
    calls = [(owner, caller, r) for owner, caller in itertools.permutations(owners, 2) for r in routes]
    rng.shuffle(calls)
    turns = asyncio.Semaphore(8)

    async def check(owner: Belongings, caller: Belongings, n: int) -> None:
        async with turns:
            await looks_unknown(whole, routes[n], owner.ids, caller.headers)
            await _lists_its_own(whole, caller, owner)

    await asyncio.gather(*(check(owner, caller, routes.index(r)) for owner, caller, r in calls))
    for owner in owners:
        await owner.are_untouched(whole)


async def _lists_its_own(api: Api, caller: Belongings, owner: Belongings) -> None:
    for path in ("/v1/rooms", "/v1/webhooks", "/api/v1/recordings"):
        shown = (await api.http.get(path, headers=caller.headers)).raise_for_status().text
        assert not any(id_ in shown for name, id_ in owner.ids.items() if name != "identity"), path
        assert any(id_ in shown for id_ in caller.ids.values()), path
